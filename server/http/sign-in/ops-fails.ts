// Wrong passwords and codes of one name: after ten the wait doubles each time, at a hundred it is locked.
import type { Clock, Directory } from "../../ports.ts";
import { type No, no } from "../answer.ts";
import { normalName } from "./ops-users.ts";

const FREE_FAILS = 10;
const HARD_FAILS = 100;
const FIRST_WAIT_MS = 1_000;
const WAIT_MS_MAX = 15 * 60_000;
const HARD_WAIT_MS = 24 * 3_600_000;
const RACE_TRIES = 20;

interface Fails {
  count: number;
  untilAt: number;
}
export interface OpsFails {
  /** Null: may try now. Names that nobody has are counted as well. */
  locked(name: string): Promise<No | null>;
  /** Counts a try as failed before it is checked: tries in parallel count as well. */
  count(name: string): Promise<void>;
  forget(name: string): Promise<void>;
}

export function waitMs(count: number): number {
  if (count >= HARD_FAILS) return HARD_WAIT_MS;
  if (count < FREE_FAILS) return 0;
  return Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** Math.min(count - FREE_FAILS, 20));
}

export async function createOpsFails(
  deps: { directory: Directory; clock: Clock },
): Promise<OpsFails> {
  const bucket = await deps.directory.bucket<Fails>("ops-fails", { ttlMs: HARD_WAIT_MS });
  return {
    async locked(name) {
      const found = await bucket.get(normalName(name));
      const leftMs = (found?.value.untilAt ?? 0) - deps.clock.now();
      return leftMs > 0 ? no("auth.locked", {}, leftMs) : null;
    },
    async count(name) {
      for (let race = 0; race < RACE_TRIES; race++) {
        const found = await bucket.get(normalName(name));
        const count = (found?.value.count ?? 0) + 1;
        const value = { count, untilAt: deps.clock.now() + waitMs(count) };
        const stored = found
          ? await bucket.update(normalName(name), value, found.revision)
          : await bucket.create(normalName(name), value);
        if (stored !== null) return;
      }
    },
    forget: (name) => bucket.delete(normalName(name)),
  };
}
