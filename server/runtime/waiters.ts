// Those who wait at an actor for something that a later record brings: the answer to a command left
// with `later`, or a state newer than the one they know.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import type { Clock } from "../routing/mod.ts";
import type { Limits } from "./limits.ts";
import type { Held } from "./record.ts";

type Respond = (reply: Reply) => void;
const unknown: Reply = { ok: false, fault: { code: "outcome.unknown" } };

interface Waiter {
  /** Command whose answer is wanted; null: a state newer than `sinceV` is. */
  id: string | null;
  sinceV: number;
  end(reply?: Reply): void;
}

export interface Waiters {
  forAnswer(id: string, ms: number, respond: Respond): void;
  /** Read again once the state is newer than the read's `sinceV`, or when its time is out. */
  forState(read: Envelope, respond: Respond): void;
  /** Looks who can be answered from this state. */
  settle(draft: Held): void;
  size(): number;
}

export interface WaiterHooks {
  /** The answer to a read as of now. */
  read(envelope: Envelope): Reply;
  /** Another node may have moved the actor: see what the journal has. */
  look(): void;
  /** The last one went. */
  empty(): void;
}

export function waitersOf(clock: Clock, limits: Limits, hooks: WaiterHooks): Waiters {
  const waiters = new Set<Waiter>();
  let looking: { cancel(): void } | null = null;

  function look(): void {
    looking ??= clock.after(limits.lookMs, () => {
      looking = null;
      hooks.look();
      if (waiters.size > 0) look();
    });
  }
  function wait(
    waiter: Omit<Waiter, "end">,
    ms: number,
    respond: Respond,
    late: () => Reply,
  ): void {
    if (waiters.size >= limits.waiters) {
      return respond({ ok: false, fault: { code: "overloaded" } });
    }
    const end = (reply?: Reply) => {
      timer.cancel();
      waiters.delete(entry);
      if (waiters.size === 0) {
        looking?.cancel();
        hooks.empty();
      }
      respond(reply ?? late());
    };
    const timer = clock.after(ms, () => end());
    const entry = { ...waiter, end };
    waiters.add(entry);
    look();
  }
  return {
    forAnswer: (id, ms, respond) => wait({ id, sinceV: 0 }, ms, respond, () => unknown),
    forState: (envelope, respond) => {
      const { sinceV = -1, waitMs } = envelope.read!;
      wait({ id: null, sinceV }, waitMs, respond, () => hooks.read(envelope));
    },
    settle(draft) {
      for (const waiter of waiters) {
        if (waiter.id === null) {
          if (draft.v > waiter.sinceV) waiter.end();
          continue;
        }
        const reply = draft.done.find((entry) => entry.id === waiter.id)?.reply;
        if (reply) waiter.end(reply);
      }
    },
    size: () => waiters.size,
  };
}
