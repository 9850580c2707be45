// What waits at one actor, the most urgent class first, in order within a class. Bounded.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import { isUrgent, type Limits, rankOf, RANKS } from "./limits.ts";
import type { Origin } from "./turn.ts";

export interface Incoming {
  envelope: Envelope;
  origin: Origin;
  /** Monotonic moment after which nobody waits for the answer. */
  deadline: number;
  respond(reply: Reply): void;
  /** An append of it was not answered: nobody may say any more that it was surely not done. */
  doubt?: boolean;
}

export interface Mailbox {
  /** False: no room. The actor's own commands always find some: their number is bounded elsewhere. */
  put(incoming: Incoming): boolean;
  take(): Incoming | undefined;
  size(): number;
}

export function mailboxOf(limits: Limits): Mailbox {
  const lines: Incoming[][] = Array.from({ length: RANKS }, () => []);
  let foreign = 0;
  return {
    put(incoming) {
      const { envelope, origin } = incoming;
      if (origin.by === "wire") {
        const reserve = isUrgent(envelope.class) ? limits.mailboxReserve : 0;
        if (foreign >= limits.mailbox + reserve) return false;
        foreign++;
      }
      lines[rankOf(envelope.class)]!.push(incoming);
      return true;
    },
    take() {
      const next = lines.find((line) => line.length > 0)?.shift();
      if (next?.origin.by === "wire") foreign--;
      return next;
    },
    size: () => lines.reduce((sum, line) => sum + line.length, 0),
  };
}
