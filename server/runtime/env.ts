// What every actor of a node shares: the ports, the limits, the way to other actors and out.
import type { AnyActor, Ctx } from "../../actors/kit/mod.ts";
import type { Address, Envelope, OutItem, Principal, Refusal, Reply } from "../../wire/envelope.ts";
import type { Admission } from "./admission.ts";
import type { Gate } from "./gate.ts";
import type { Archive, Journal } from "./journal.ts";
import type { Limits } from "./limits.ts";
import type { Clock, FreshId, Log, Metrics, Network, Random, Tracer } from "../routing/mod.ts";

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

export interface Env {
  node: string;
  actors: ReadonlyMap<string, AnyActor>;
  journal: Journal;
  archive: Archive | null;
  network: Network;
  clock: Clock;
  random: Random;
  freshId: FreshId;
  limits: Limits;
  /** The same with what this kind of actor has otherwise. */
  limitsOf(kind: string): Limits;
  metrics: Metrics;
  log: Log;
  tracer: Tracer | undefined;
  alarms: Alarms;
  appends: Gate;
  admission: Admission;
  ports: Readonly<Record<string, PortHandler>>;
  settingsOf(address: Address): unknown;
  without: Ctx["without"];
  /** The way to other actors, here or elsewhere. */
  ask(envelope: Envelope): Promise<Reply>;
}

/** A growing pause with jitter: between half and all of first x 2^n, at most `max`. */
export function backOff(random: Random, n: number, first: number, max: number): number {
  const full = Math.min(max, first * 2 ** Math.min(n, 20));
  return full / 2 + random() * full / 2;
}

export const systemPrincipal = (id: string): Principal => ({ kind: "system", id });
