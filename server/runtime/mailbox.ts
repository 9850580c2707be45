// What waits at one actor, the most urgent class first, in order within a class. Bounded.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import { seenBefore } from "./dedupe.ts";
import type { Env } from "./env.ts";
import { isUrgent, type Limits, rankOf } from "./limits.ts";
import { type Head, type Origin, timeOf } from "./turn.ts";

export interface Incoming {
  envelope: Envelope;
  origin: Origin;
  /** Monotonic moment after which nobody waits for the answer. */
  deadline: number;
  respond(reply: Reply): void;
}

/** Nobody waits any more; what another copy of it did is not denied, but answered. */
export function isLate(head: Head | null, incoming: Incoming, { clock, limits }: Env): boolean {
  if (clock.tick() <= incoming.deadline) return false;
  if (!head || incoming.origin.by !== "wire") return true;
  const { seen } = seenBefore(head.draft, incoming.envelope, timeOf({ clock }, head), limits);
  return seen !== "answered" && seen !== "pending";
}

export class Mailbox {
  readonly #waiting: Incoming[] = [];
  #foreign = 0;

  constructor(readonly limits: Limits) {}

  /** False: no room. The actor's own commands always find some: their number is bounded elsewhere. */
  put(incoming: Incoming): boolean {
    const { envelope, origin } = incoming;
    if (origin.by === "wire") {
      const reserve = isUrgent(envelope.class) ? this.limits.mailboxReserve : 0;
      if (this.#foreign >= this.limits.mailbox + reserve) return false;
      this.#foreign++;
    }
    const rank = rankOf(envelope.class);
    const before = this.#waiting.findLastIndex((one) => rankOf(one.envelope.class) <= rank);
    this.#waiting.splice(before + 1, 0, incoming);
    return true;
  }
  take(): Incoming | undefined {
    const next = this.#waiting.shift();
    if (next?.origin.by === "wire") this.#foreign--;
    return next;
  }
  size(): number {
    return this.#waiting.length;
  }
}
