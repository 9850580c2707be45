// One command over the network: first to the shard's owner, then to any node, until it is answered
// or its time is out. The same id makes every further try harmless.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import { anySubject, commandSubject } from "../../wire/subjects.ts";
import type { Limits } from "./limits.ts";
import type { Clock, Metrics, Network, NetworkMessage, Random } from "./ports.ts";

/** First answer of a host: the command is in the mailbox. */
export const ACCEPTED = "+";

export interface RouteOptions {
  network: Network;
  clock: Clock;
  random: Random;
  limits: Limits;
  metrics: Metrics;
}

export interface Route {
  ask(shard: number, envelope: Envelope): Promise<Reply>;
  /** Resolves when everything asked was answered, or had its time. */
  stop(): Promise<void>;
}

/** Second tries earned by first ones: a hedge under overload would be a storm. */
function budgetOf(limits: Limits) {
  let tokens = limits.hedgeBurst;
  return {
    earn: () => void (tokens = Math.min(limits.hedgeBurst, tokens + limits.hedgeShare)),
    spend() {
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Call {
  /** An answer to the n-th try. */
  hear(n: number, message: NetworkMessage): void;
}

export function routeOf(options: RouteOptions): Route {
  const { network, limits } = options;
  const inbox = network.inbox();
  const calls = new Map<string, Call>();
  const budget = budgetOf(limits);
  let unsubscribe: (() => void) | null = null;
  let emptied = () => {};
  let n = 0;

  function listen() {
    unsubscribe ??= network.subscribe(`${inbox}.*`, {}, (message) => {
      const [token = "", attempt] = message.subject.slice(inbox.length + 1).split("-");
      calls.get(token)?.hear(Number(attempt), message);
    });
  }
  return {
    ask(shard, envelope) {
      listen();
      budget.earn();
      const token = (n++).toString(36);
      return new Promise((answer) => {
        const call = callOf(
          options,
          shard,
          envelope,
          `${inbox}.${token}`,
          budget.spend,
          (reply) => {
            calls.delete(token);
            answer(reply);
            if (calls.size === 0) emptied();
          },
        );
        calls.set(token, call);
        call.start();
      });
    },
    async stop() {
      if (calls.size > 0) await new Promise<void>((empty) => emptied = empty);
      unsubscribe?.();
      unsubscribe = null;
    },
  };
}

function callOf(
  { network, clock, random, limits, metrics }: RouteOptions,
  shard: number,
  envelope: Envelope,
  inbox: string,
  spend: () => boolean,
  finish: (reply: Reply) => void,
): Call & { start(): void } {
  const deadline = clock.tick() + envelope.ttlMs;
  const subjects = [commandSubject(shard, envelope.to), anySubject(shard, envelope.to)];
  /** Tries that may have reached a host and were not answered. */
  const open = new Set<number>();
  let tries = 0;
  let repeatMs = limits.repeatMs;
  let accepted = false;
  let pause: { cancel(): void } | null = null;
  const end = clock.after(envelope.ttlMs, () => {
    const code = open.size > 0 ? "outcome.unknown" : "unavailable";
    done({ ok: false, fault: { code } });
  });

  function done(reply: Reply) {
    end.cancel();
    pause?.cancel();
    finish(reply);
  }
  function send() {
    const ttlMs = Math.max(0, Math.ceil(deadline - clock.tick()));
    const bytes = encoder.encode(JSON.stringify({ ...envelope, ttlMs }));
    open.add(tries);
    network.publish(subjects[tries % 2]!, bytes, `${inbox}-${tries}`);
    tries++;
    next(accepted ? repeatMs : limits.hedgeMs);
  }
  function next(ms: number) {
    pause?.cancel();
    pause = clock.after(ms, () => {
      if (!spend()) return next(ms);
      metrics.count("commands_hedged");
      if (accepted) repeatMs *= 2;
      send();
    });
  }
  function nobody() {
    metrics.count("commands_nobody");
    if (open.size > 0) return;
    if (tries % 2 === 1) return send(); // the owner is gone: any node will do
    pause?.cancel();
    pause = clock.after(limits.nobodyMs * (0.5 + random()), send);
  }
  return {
    start: send,
    hear(n, { data, nobody: unheard }) {
      if (unheard) {
        open.delete(n);
        return nobody();
      }
      const text = decoder.decode(data);
      if (text !== ACCEPTED) {
        open.delete(n);
        const reply = JSON.parse(text) as Reply;
        // "Surely not done" by one host says nothing of the host that another try may have reached.
        if ("fault" in reply && open.size > 0) return;
        return done(reply);
      }
      if (accepted) return;
      accepted = true;
      next(repeatMs);
    },
  };
}
