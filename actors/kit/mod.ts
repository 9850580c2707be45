// The contract between an actor and its host: pure functions in, events and effects out.
// Knows nothing of charging; the runtime (server/runtime) imports only this from actors/.
import type { Principal, PrincipalKind, Refusal, ServiceClass } from "../../wire/envelope.ts";
import type { Safeguard } from "../../wire/safeguards.ts";

/** What a command brings along: the host reads clock and settings, the actor never does. */
export interface Ctx<Settings = unknown> {
  tenant: string;
  self: { kind: string; id: string };
  /** Milliseconds since 1970; never before the previous record's. */
  at: number;
  /** Id of the command: unique, the same on a repeat; new ids are derived from it. */
  commandId: string;
  principal: Principal;
  correlation: string;
  trace?: string;
  /** Version of the state the command meets (0: nothing yet). */
  v: number;
  settings: Settings;
  /** Safeguards switched off by a drill (`--without`); always empty in production. */
  without: ReadonlySet<Safeguard>;
}

export interface Refused {
  refused: Refusal;
}
/** Events with an answer: `reply` sees the state after them; `later`: an Answer effect will follow. */
export interface Replied<E, S> {
  events: readonly E[];
  reply?(state: S, v: number): unknown;
  later?: true;
}
/** What a command comes to. A bare list of events is answered with a null body. */
export type Decision<E, S = unknown> = readonly E[] | Refused | Replied<E, S>;

export const nothing: readonly never[] = [];
export function refuse(code: string, facts: Record<string, unknown> = {}): Refused {
  return { refused: { code, facts } };
}
export function replied<E, S>(
  events: readonly E[],
  reply: (state: S, v: number) => unknown,
): Replied<E, S> {
  return { events, reply };
}
/** The caller waits: some later record of this actor holds the effect `Answer(commandId, …)`. */
export function later<E>(events: readonly E[]): Replied<E, unknown> {
  return { events, later: true };
}

export type Effect =
  | {
    do: "tell";
    to: { kind: string; id: string };
    type: string;
    body: Record<string, unknown>;
    onReply?: string;
    ref?: Record<string, unknown>;
    last?: boolean;
  }
  | {
    do: "call";
    port: string;
    lane: string;
    body: Record<string, unknown>;
    onReply?: string;
    ref?: Record<string, unknown>;
  }
  | { do: "timer"; name: string; at: number }
  | { do: "cancel"; name: string }
  | { do: "answer"; to: string; body?: unknown; refused?: Refusal };

/** Sends a command to another actor of the same tenant, in order, until it is answered. */
export const Tell = (
  to: { kind: string; id: string },
  type: string,
  body: Record<string, unknown>,
  options: { onReply?: string; ref?: Record<string, unknown>; last?: boolean } = {},
): Effect => ({ do: "tell", to, type, body, ...options });
/**
 * Calls a gateway (device, payment, notify). Calls of one lane go one after the other. An answer that
 * cannot be had comes back as refusal `outcome.unknown`: the actor asks before it repeats.
 */
export const Call = (
  port: string,
  lane: string,
  body: Record<string, unknown>,
  options: { onReply?: string; ref?: Record<string, unknown> } = {},
): Effect => ({ do: "call", port, lane, body, ...options });
/** Command `TimerFired {name}` at or after `at`; setting it again moves it. */
export const StartTimer = (name: string, at: number): Effect => ({ do: "timer", name, at });
export const CancelTimer = (name: string): Effect => ({ do: "cancel", name });
/** Answers a command that was left with `later`; `to` is that command's id. */
export const Answer = (to: string, body: unknown): Effect => ({ do: "answer", to, body });
export const AnswerRefused = (to: string, refused: Refusal): Effect => ({
  do: "answer",
  to,
  refused,
});

/** How the answer to a Tell or Call with `onReply` comes back: a command of that type. */
export interface Answered {
  type: string;
  ref: Record<string, unknown>;
  answer: { ok: true; body: unknown } | { ok: false; refusal: Refusal };
}

/** What an actor does with a lossy input (telemetry) while it is in memory. */
export interface Signalled<C, M> {
  memory: M;
  /** Ticks for screens: published at once, stored nowhere. */
  live?: { to: { kind: string; id: string }; data: Record<string, unknown> }[];
  /** What the input makes necessary: a command of the actor to itself. */
  command?: C;
}

export interface ActorDefinition<
  S,
  C extends { type: string },
  E extends { type: string },
  M = null,
  Settings = unknown,
> {
  kind: string;
  /** Version of the shape of the state; events have theirs in `eventVersions` (1 if absent). */
  sv: number;
  eventVersions?: Partial<Record<E["type"], number>>;
  initial: S;
  /** Checks and types a command's body (`{type, ...body}`); null: malformed. */
  parse(command: { type: string } & Record<string, unknown>): C | { malformed: string };
  /** Who may send what: a command without a line here is refused to everybody (`auth.forbidden`). */
  grants: Record<C["type"], readonly PrincipalKind[]>;
  decide(state: S, command: C, ctx: Ctx<Settings>): Decision<E, S>;
  evolve(state: S, event: E, ctx: { at: number; self: { kind: string; id: string } }): S;
  /** `state` is the one after all events of the record. */
  react(event: E, state: S, ctx: Ctx<Settings>): readonly Effect[];
  /** Reads for display, by name: pure, answered from memory, recorded nowhere. */
  read(
    name: string,
    state: S,
    memory: M | null,
    query: Record<string, unknown>,
    ctx: Ctx<Settings>,
  ): { body: unknown } | Refused;
  classOf?(command: C["type"]): ServiceClass;
  signal?(
    state: S,
    memory: M | null,
    signal: Record<string, unknown>,
    ctx: { at: number; self: { kind: string; id: string }; tenant: string; settings: Settings },
  ): Signalled<C, M>;
  /** True when the actor will never act again: its record may go once archived. */
  ended?(state: S): boolean;
  /** Older shapes to the present one (wire/upgrade.ts). */
  upcastState?(sv: number, state: unknown): S;
  upcastEvent?(event: { type: string; sv: number }): E;
  /** Absent: the present shapes are written. See docs/decisions/0015. */
  writes?: Written<S, E>;
}

/**
 * The shapes of the release before, written by the one that brings new ones: until the next release
 * either may run. Lifted again, a state must be the same.
 */
export interface Written<S, E extends { type: string }> {
  sv: number;
  state(state: S): unknown;
  /** With its `sv`; events that did not change come back as they are. */
  event?(event: E & { sv: number }): { type: string; sv: number };
}

/** Any actor, as the host sees it: methods are bivariant, so every definition fits. */
export type AnyActor<Settings = unknown> = ActorDefinition<
  unknown,
  { type: string },
  { type: string },
  unknown,
  Settings
>;

/** A `react` that names the events it answers; others have no effect. */
export function onEvent<E extends { type: string }, S, Settings = unknown>(
  handlers: {
    [T in E["type"]]?: (
      event: Extract<E, { type: T }>,
      state: S,
      ctx: Ctx<Settings>,
    ) => readonly Effect[];
  },
): (event: E, state: S, ctx: Ctx<Settings>) => readonly Effect[] {
  return (event, state, ctx) => {
    const handler = handlers[event.type as E["type"]] as
      | ((event: E, state: S, ctx: Ctx<Settings>) => readonly Effect[])
      | undefined;
    return handler ? handler(event, state, ctx) : [];
  };
}
