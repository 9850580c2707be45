// Work that one process of all does at a time: whoever took the turn keeps it while it lives; where it
// falls silent another takes it. A hint, no fence: for work that may be done twice without harm.
import type { Bucket } from "../ports.ts";
import type { Base } from "./base.ts";

const TTL_MS = 60_000;
const RENEW_MS = 15_000;

export interface Turn {
  /** Takes it where it is free. */
  mine(): Promise<boolean>;
  /** Lets it go, so that another needs not wait. */
  stop(): Promise<void>;
}

export function turnOf(
  { clock, directory, log, config }: Pick<Base, "clock" | "directory" | "log" | "config">,
  name: string,
): Turn {
  const node = config.CHARGEWARD_NODE;
  let held: { revision: number; at: number } | null = null;
  let timer: { cancel(): void } | null = null;
  let stopped = false;
  const bucket = (): Promise<Bucket<string>> => directory.bucket("turns", { ttlMs: TTL_MS });
  const holds = (): boolean => held !== null && clock.tick() - held.at < TTL_MS;

  async function take(): Promise<void> {
    const at = clock.tick(); // before the question: the entry lives at least as long
    const turns = await bucket();
    const revision = holds()
      ? await turns.update(name, node, held!.revision)
      : await turns.create(name, node);
    held = revision === null ? null : { revision, at };
  }
  function renew(): void {
    timer = clock.after(RENEW_MS, () => {
      take().catch((error: unknown) => log.warn({ name, error: String(error) }, "turn not renewed"))
        .finally(() => {
          if (!stopped && holds()) renew();
        });
    });
  }
  return {
    async mine() {
      if (holds()) return true;
      timer?.cancel();
      await take();
      if (holds() && !stopped) renew();
      return holds();
    },
    async stop() {
      stopped = true;
      timer?.cancel();
      if (holds()) await (await bucket()).delete(name);
      held = null;
    },
  };
}
