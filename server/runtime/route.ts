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
  stop(): void;
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
  hear(message: NetworkMessage): void;
}

export function routeOf(options: RouteOptions): Route {
  const { network, limits } = options;
  const inbox = network.inbox();
  const calls = new Map<string, Call>();
  const budget = budgetOf(limits);
  let unsubscribe: (() => void) | null = null;
  let n = 0;

  function listen() {
    unsubscribe ??= network.subscribe(`${inbox}.*`, {}, (message) => {
      calls.get(message.subject.slice(inbox.length + 1))?.hear(message);
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
          },
        );
        calls.set(token, call);
        call.start();
      });
    },
    stop() {
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
  /** Sent, and not yet known to have reached nobody. */
  let open = 0;
  let tries = 0;
  let repeatMs = limits.repeatMs;
  let accepted = false;
  let pause: { cancel(): void } | null = null;
  const end = clock.after(envelope.ttlMs, () => {
    const code = open > 0 || accepted ? "outcome.unknown" : "unavailable";
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
    const subject = subjects[tries++ % 2]!;
    open++;
    network.publish(subject, bytes, inbox);
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
    open--;
    if (open > 0 || accepted) return;
    metrics.count("commands_nobody");
    if (tries % 2 === 1) return send(); // the owner is gone: any node will do
    pause?.cancel();
    pause = clock.after(limits.nobodyMs * (0.5 + random()), send);
  }
  return {
    start: send,
    hear({ data, nobody: unheard }) {
      if (unheard) return nobody();
      const text = decoder.decode(data);
      if (text !== ACCEPTED) return done(JSON.parse(text) as Reply);
      if (accepted) return;
      accepted = true;
      next(repeatMs);
    },
  };
}
