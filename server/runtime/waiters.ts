// Those who wait at an actor for something that a later record brings: the answer to a command left
// with `later`, or a state newer than the one they know.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import type { Lookout } from "./lookout.ts";
import type { Clock } from "../routing/mod.ts";
import type { Held } from "./record.ts";

type Respond = (reply: Reply) => void;

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
  /** The actor leaves memory: nothing is looked at any more, who waits is told when its time is out. */
  leave(): void;
}

export interface WaiterHooks {
  /** The answer to a read as of now. */
  read(envelope: Envelope): Reply;
  /** Made when the first one waits: another node may bring what is waited for. */
  lookout(): Lookout;
  /** The last one went. */
  empty(): void;
}

export function waitersOf(clock: Clock, max: number, hooks: WaiterHooks): Waiters {
  const waiters = new Set<Waiter>();
  const lookout = hooks.lookout();

  function wait(
    waiter: Omit<Waiter, "end">,
    ms: number,
    respond: Respond,
    late: () => Reply,
  ): void {
    if (waiters.size >= max) return respond({ ok: false, fault: { code: "overloaded" } });
    const end = (reply?: Reply) => {
      timer.cancel();
      waiters.delete(entry);
      if (waiters.size === 0) {
        lookout.keep(false);
        hooks.empty();
      }
      respond(reply ?? late());
    };
    const timer = clock.after(ms, () => end());
    const entry = { ...waiter, end };
    waiters.add(entry);
    lookout.keep(true);
  }
  return {
    forAnswer: (id, ms, respond) =>
      wait({ id, sinceV: 0 }, ms, respond, () => ({
        ok: false,
        fault: { code: "outcome.unknown" },
      })),
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
    leave: () => lookout.keep(false),
  };
}
