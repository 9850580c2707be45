// A tap that changes something: its key is minted when the finger comes down and kept over every retry.
import { ulid } from "ulid";
import { monotonicMs } from "./age.ts";

export interface Tap {
  /** Idempotency-Key of every request this tap causes. */
  readonly key: string;
  /** Age of the tap when it was first sent; the same for every retry, since the body must not change. */
  ageMs(): number;
}

export function newTap(): Tap {
  const at = monotonicMs();
  let sentMs: number | undefined;
  return { key: ulid(), ageMs: () => sentMs ??= Math.round(monotonicMs() - at) };
}
