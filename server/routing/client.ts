// The way to actors from anywhere: builds envelopes, sends them to the shard's owner, a second time
// to any node where nobody took them. Never throws: what failed is a Reply with a fault.
import type { Address, Envelope, Principal, Reply, ServiceClass } from "../../wire/envelope.ts";
import { signalSubject } from "../../wire/subjects.ts";
import { bodyHash, shardOf } from "./ids.ts";
import { type RoutingLimits, routingLimits } from "./limits.ts";
import { coarseClock, freshIds, type Metrics, type Network, noMetrics } from "./ports.ts";
import { type Clock, type FreshId, type Random, systemClock, systemRandom } from "./ports.ts";
import { INSPECT, isElsewhere, Route } from "./route.ts";
import type { Local } from "./serve.ts";

/** A command; hash, time limit and class are filled in where they are left out. */
export interface Ask {
  /** Repeats with the same id are answered the same. */
  id: string;
  to: Address;
  type: string;
  body: Record<string, unknown>;
  principal: Principal;
  class?: ServiceClass;
  ttlMs?: number;
  cause?: string;
  correlation?: string;
  trace?: string;
}
export interface Read {
  to: Address;
  name: string;
  query?: Record<string, unknown>;
  principal: Principal;
  /** Wait up to `waitMs` for a state with v > sinceV. */
  sinceV?: number;
  waitMs?: number;
  trace?: string;
}
export interface Client {
  ask(command: Ask): Promise<Reply>;
  read(read: Read): Promise<Reply>;
  /** Lossy, newest wins. */
  signal(to: Address, data: Record<string, unknown>): void;
  /** Where the actor lives and what it is busy with (body: Inspection). */
  inspect(to: Address): Promise<Reply>;
  /** An envelope made elsewhere, as it is. */
  send(envelope: Envelope): Promise<Reply>;
  /** Resolves when everything asked was answered, or had its time. */
  stop(): Promise<void>;
}

export interface ClientOptions {
  network: Network;
  clock?: Clock;
  random?: Random;
  freshId?: FreshId;
  limits?: Partial<RoutingLimits>;
  metrics?: Metrics;
  local?: Local;
}

const COMMAND_TTL_MS = 5_000; // accepted -> outcome within 5 s for 99.9 %: past it nobody knows
const READ_TTL_MS = 2_000; // beside the time a read may wait for news
const UNKNOWN = "outcome.unknown";
const encoder = new TextEncoder();

export function createClient(options: ClientOptions): Client {
  const { network, clock = systemClock, random = systemRandom, freshId = freshIds() } = options;
  const limits = { ...routingLimits, ...options.limits };
  const deadlines = coarseClock(clock, limits.grainMs);
  const metrics = options.metrics ?? noMetrics;
  const route = new Route({ network, clock: deadlines, random, limits, metrics });
  const { local } = options;

  function send(envelope: Envelope): Promise<Reply> {
    const shard = shardOf(envelope.to);
    if (!local?.owns(shard)) return route.ask(shard, envelope);
    return new Promise((answer) => {
      const late = deadlines.after(
        envelope.ttlMs + limits.localGraceMs,
        () => answer({ ok: false, fault: { code: envelope.read ? "unavailable" : UNKNOWN } }),
      );
      local.deliver(envelope, (reply) => {
        late.cancel();
        answer(isElsewhere(reply) ? route.ask(shard, envelope) : reply);
      });
    });
  }
  return {
    send,
    ask(command) {
      const envelope = envelopeOf(command);
      return envelope ? send(envelope) : Promise.resolve(malformed);
    },
    read: (read) => send(readOf(read, freshId())),
    signal(to, data) {
      const shard = shardOf(to);
      if (local?.owns(shard)) return local.signal(to, data);
      network.publish(signalSubject(shard, to), encoder.encode(JSON.stringify(data)));
    },
    inspect: (to) => send(readOf({ to, name: INSPECT, principal: inspector }, freshId())),
    stop: () => route.stop(),
  };
}

const inspector = { kind: "system", id: "inspect" } as const;

function readOf(read: Read, id: string): Envelope {
  const { to, name, query = {}, principal, sinceV, waitMs = 0, trace } = read;
  return {
    id,
    to,
    type: name,
    body: query,
    principal,
    cause: id,
    correlation: id,
    ...(trace === undefined ? {} : { trace }),
    ttlMs: waitMs + READ_TTL_MS,
    bodyHash: "",
    class: "report",
    read: { waitMs, ...(sinceV === undefined ? {} : { sinceV }) },
  };
}

const malformed: Reply = {
  ok: false,
  v: 0,
  asOf: 0,
  refusal: { code: "command.malformed", facts: { why: "the body has no canonical form" } },
};

/** Null: the body cannot be written as RFC 8785 JSON (a lone surrogate, NaN). */
export function envelopeOf(command: Ask): Envelope | null {
  const { id, to, type, body, principal, trace } = command;
  let hash: string;
  try {
    hash = bodyHash(type, body);
  } catch {
    return null;
  }
  return {
    id,
    to,
    type,
    body,
    principal,
    cause: command.cause ?? id,
    correlation: command.correlation ?? id,
    ...(trace === undefined ? {} : { trace }),
    ttlMs: command.ttlMs ?? COMMAND_TTL_MS,
    bodyHash: hash,
    class: command.class ?? "order",
  };
}
