// What every actor of a node shares: the ports, the limits, the way to other actors and out.
import type { AnyActor, Ctx } from "../../actors/kit/mod.ts";
import type { Address, Envelope, OutItem, Refusal, Reply } from "../../wire/envelope.ts";
import { type Gate, gateOf } from "./gate.ts";
import type { Archive, Journal } from "./journal.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import {
  type Clock,
  type FreshId,
  freshIds,
  type Log,
  type Metrics,
  type Network,
  noLog,
  noMetrics,
  type Random,
  systemClock,
  systemRandom,
  type Tracer,
} from "../routing/mod.ts";

/** A call of an actor to the world. `id` is the key by which the receiver tells a repeat. */
export interface PortCall {
  id: string;
  port: string;
  from: Address;
  lane: string;
  body: Record<string, unknown>;
  /** 1 for the first try. */
  attempt: number;
  at: number;
  correlation: string;
  trace?: string;
}
export type PortAnswer = { ok: true; body: unknown } | { ok: false; refusal: Refusal };
/** Answers, or throws what is worth another try. An unknown outcome is an answer. */
export type PortHandler = (call: PortCall) => Promise<PortAnswer>;

/** What operators must hear of. */
export interface Alarms {
  /** A lane's head failed again and again: the lane waits. */
  parked?(from: Address, item: OutItem, failures: number): void;
  /** An invariant broke: the turn was dropped. */
  breach?(at: Address, error: unknown): void;
  /** An actor broke again and again: only stops are served. */
  quarantined?(at: Address, error: unknown): void;
}

/** What all actors of a node share. */
export interface Env {
  /** Name of the node, different from all others. */
  node: string;
  actors: ReadonlyMap<string, AnyActor>;
  journal: Journal;
  /** Behind the journal: what it holds may be trimmed. */
  archive?: Archive;
  network: Network;
  clock: Clock;
  random: Random;
  freshId: FreshId;
  limits: Limits;
  /** The same with what this kind of actor has otherwise. */
  limitsOf(kind: string): Limits;
  metrics: Metrics;
  log: Log;
  tracer?: Tracer | undefined;
  alarms: Alarms;
  appends: Gate;
  /** Handlers of `Call` effects, by port. */
  ports: Readonly<Record<string, PortHandler>>;
  /** What actors find in `ctx.settings`. */
  settings(address: Address): unknown;
  /** Safeguards switched off by a drill. */
  without: Ctx["without"];
  /** The way to other actors, here or elsewhere. */
  ask(envelope: Envelope): Promise<Reply>;
}

type Given = Omit<Env, "actors" | "limits" | "limitsOf" | "appends" | "ask">;
type Needed = "node" | "journal" | "network";
export interface EnvOptions extends Pick<Given, Needed>, Partial<Omit<Given, Needed>> {
  actors: readonly AnyActor[];
  limits?: Partial<Limits>;
  /** Bounds of single actors (`done`, `senders`, `open`, `records`), by kind. */
  limitsByKind?: Readonly<Record<string, Partial<Limits>>>;
}

export function envOf(options: EnvOptions, ask: Env["ask"]): Env {
  const { clock = systemClock, random = systemRandom } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const byKind = new Map(
    Object.entries(options.limitsByKind ?? {}).map(([kind, own]) => [kind, { ...limits, ...own }]),
  );
  return {
    freshId: freshIds(),
    metrics: noMetrics,
    log: noLog,
    alarms: {},
    ports: {},
    settings: () => ({}),
    without: new Set(),
    ...options,
    actors: new Map(options.actors.map((actor) => [actor.kind, actor])),
    clock,
    random,
    limits,
    limitsOf: (kind) => byKind.get(kind) ?? limits,
    appends: gateOf(clock, random, limits),
    ask,
  };
}

/** Runs it as a part of the trace that it belongs to; what has none is drawn nowhere. */
export function traced<T>(
  { tracer, node }: Env,
  trace: string | undefined,
  name: string,
  facts: Record<string, string | number>,
  run: (trace: string | undefined) => Promise<T>,
): Promise<T> {
  if (!tracer || trace === undefined) return run(trace);
  return tracer.span(name, trace, { ...facts, node }, run);
}

/** A growing pause with jitter: between half and all of first x 2^n, at most `max`. */
export function backOff(random: Random, n: number, first: number, max: number): number {
  const full = Math.min(max, first * 2 ** Math.min(n, 20));
  return full / 2 + random() * full / 2;
}

/** A command of an actor to itself; its time is kept by the mailbox, not by a caller. */
export function ownCommand(
  to: Address,
  by: "outbox" | "timer" | "signal" | "waker",
  { id, correlation = id, ...more }:
    & Pick<Envelope, "id" | "type" | "body">
    & { correlation?: string; trace?: string },
): Envelope {
  const principal = { kind: "system", id: by } as const;
  return {
    ...more,
    id,
    correlation,
    to,
    principal,
    cause: id,
    ttlMs: 0,
    bodyHash: "",
    class: "order",
  };
}
