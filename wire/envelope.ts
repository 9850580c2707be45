// What every command, answer and stored record looks like, whatever the actor: knows nothing of charging.
import * as z from "zod";

/** Who an actor is. The tenant is part of every address, so that none can be reached without one. */
export const address = z.strictObject({ tenant: z.string(), kind: z.string(), id: z.string() });
export type Address = z.infer<typeof address>;

/** On whose behalf a command comes. Gateways set it, nobody else can. */
export const principal = z.strictObject({
  kind: z.enum(["driver", "ops", "device", "actor", "provider", "system"]),
  id: z.string(),
  roles: z.array(z.string()).optional(),
  /** Stations an ops user may touch; absent: all of the tenant. */
  scope: z.array(z.string()).optional(),
});
export type Principal = z.infer<typeof principal>;
export type PrincipalKind = Principal["kind"];

/** What is served first when not all can be: highest first. */
export const serviceClass = z.enum(["emergency", "stop", "order", "telemetry", "report"]);
export type ServiceClass = z.infer<typeof serviceClass>;

/** A command on its way to an actor. `ttlMs` is what remains, never a wall-clock deadline. */
export const envelope = z.strictObject({
  id: z.string().min(1).max(200),
  to: address,
  type: z.string().min(1).max(64),
  body: z.record(z.string(), z.unknown()),
  principal,
  /** Id of what caused this (a request, a record). */
  cause: z.string(),
  correlation: z.string(),
  trace: z.string().optional(),
  ttlMs: z.int().min(0).max(600_000),
  bodyHash: z.string(),
  class: serviceClass,
  /** Set by actors only: `n` rises with each message of this sender; `last`: no more will follow. */
  from: z.strictObject({ sender: z.string(), n: z.int().min(1), last: z.boolean().optional() })
    .optional(),
  /** A read for display: answered from memory, recorded nowhere; waits until the state's v > sinceV. */
  read: z.strictObject({ sinceV: z.int().min(0).optional(), waitMs: z.int().min(0).max(30_000) })
    .optional(),
});
export type Envelope = z.infer<typeof envelope>;

/** The domain says no: a code of wire/refusals.ts and the facts behind it. */
export const refusal = z.strictObject({
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
});
export type Refusal = z.infer<typeof refusal>;

/** The world failed: surely not done (`unavailable`, `overloaded`) or maybe done (`outcome.unknown`). */
export const fault = z.strictObject({
  code: z.enum(["overloaded", "unavailable", "outcome.unknown"]),
  afterMs: z.int().min(0).optional(),
  /** Not by this node, which is of an earlier release than the actor's newest record. */
  elsewhere: z.literal(true).optional(),
});
export type Fault = z.infer<typeof fault>;

/** `v` and `asOf` are those of the actor after the command; `replay` marks an answer given before. */
export type Reply =
  | { ok: true; v: number; asOf: number; body: unknown; replay?: boolean }
  | { ok: false; v: number; asOf: number; refusal: Refusal; replay?: boolean; trace?: string }
  | { ok: false; fault: Fault };

/** An event as stored: its type, the version of its shape, and its fields. */
export interface StoredEvent {
  type: string;
  sv: number;
  [field: string]: unknown;
}

/** A command answered before (or, without reply, still being worked on). */
export interface DoneEntry {
  id: string;
  at: number;
  bodyHash: string;
  reply?: Reply;
  trace?: string;
}

/** Something that must leave the actor, kept until it was answered. */
export interface OutItem {
  /** Unique in the actor's life; the key by which the receiver tells a repeat. */
  id: string;
  /** Rises with every item of the actor: the receiver's high-water mark. */
  n: number;
  correlation: string;
  trace?: string;
  /** Items of one lane leave one after the other. */
  lane: string;
  at: number;
  /** Command type by which the answer comes back; none: the answer only removes the item. */
  onReply?: string;
  ref?: Record<string, unknown>;
  message:
    | { to: "actor"; address: Address; type: string; body: Record<string, unknown>; last?: boolean }
    | { to: "port"; port: string; body: Record<string, unknown> };
}

/** One record is the transaction: newest record = current state. */
export interface JournalRecord {
  /** Version of the record itself; absent: 1. Who knows only earlier ones leaves it alone. */
  rv?: number;
  v: number;
  sv: number;
  at: number;
  cause: {
    command: string;
    type: string;
    principal: Principal;
    correlation: string;
    trace?: string;
  };
  events: StoredEvent[];
  state: unknown;
  done: DoneEntry[];
  in: Record<string, { n: number; reply: Reply; at: number; last?: boolean }>;
  out: OutItem[];
  timers: Record<string, { at: number; recordId: string }>;
  sum: string;
}
