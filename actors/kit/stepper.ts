// Test-only: drives one actor as its host would, in memory and on a clock that the test moves.
// Commands fold through parse, grants, decide, evolve and react; effects and timers are collected.
import type { Principal, Refusal } from "../../wire/envelope.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { ActorDefinition, Ctx, Effect, Signalled } from "./mod.ts";

type Timer = Extract<Effect, { do: "timer" | "cancel" }>;
/** What left the actor, but its timers (they are in `timers`). */
export type Sent = Exclude<Effect, Timer>;
type ReadOut = { body: unknown } | { refused: Refusal };

export interface SendOptions {
  principal?: Principal;
  commandId?: string;
  at?: number;
  without?: readonly Safeguard[];
}
export interface StepResult<E> {
  ok: boolean;
  refusal?: Refusal;
  body?: unknown;
  later: boolean;
  events: E[];
  effects: Sent[];
}

export interface Stepper<S, E, M> {
  readonly state: S;
  readonly memory: M | null;
  readonly v: number;
  at: number;
  /** All events so far, in order. */
  readonly log: E[];
  /** Open timers by name. */
  readonly timers: ReadonlyMap<string, number>;
  send(command: { type: string; [field: string]: unknown }, options?: SendOptions): StepResult<E>;
  /** Moves the clock on and fires what became due, in order of time. */
  advance(byMs: number): StepResult<E>[];
  /** A lossy input; the command that it makes necessary, if any, is sent at once. */
  signal(input: Record<string, unknown>): Signalled<unknown, M> & { step?: StepResult<E> };
  read(name: string, query?: Record<string, unknown>): ReadOut;
  /** Effects since the last call. */
  take(): Sent[];
}

/** As the journal does: what JSON cannot hold shows up as a difference in the test. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

interface Host<S, C extends { type: string }, E extends { type: string }, M, Settings> {
  actor: ActorDefinition<S, C, E, M, Settings>;
  self: { kind: string; id: string };
  tenant: string;
  settings: Settings;
  principal: Principal;
  state: S;
  memory: M | null;
  v: number;
  at: number;
  count: number;
  pending: Sent[];
  timers: Map<string, number>;
  log: E[];
}
type Named = { type: string };
type Body = { type: string } & Record<string, unknown>;

function ctxOf<S, C extends Named, E extends Named, M, Settings>(
  host: Host<S, C, E, M, Settings>,
  how: SendOptions,
): Ctx<Settings> {
  const { tenant, self, at, v, settings } = host;
  return {
    tenant,
    self,
    at,
    commandId: how.commandId ?? `cmd-${++host.count}`,
    principal: how.principal ?? host.principal,
    correlation: "test",
    v,
    settings,
    without: new Set(how.without ?? []),
  };
}

/** Folds events in and takes their effects: timers are kept, the rest is sent. */
function apply<S, C extends Named, E extends Named, M, Settings>(
  host: Host<S, C, E, M, Settings>,
  events: readonly E[],
  ctx: Ctx<Settings>,
): Sent[] {
  const { actor, self, timers, log } = host;
  const kept = stored(events) as E[];
  for (const event of kept) {
    host.state = stored(actor.evolve(host.state, event, { at: ctx.at, self }));
    log.push(event);
  }
  if (kept.length > 0) host.v++;
  const effects: Sent[] = [];
  for (const effect of kept.flatMap((event) => [...actor.react(event, host.state, ctx)])) {
    if (effect.do === "timer") timers.set(effect.name, effect.at);
    else if (effect.do === "cancel") timers.delete(effect.name);
    else effects.push(stored<Sent>(effect));
  }
  host.pending.push(...effects);
  return effects;
}

function send<S, C extends Named, E extends Named, M, Settings>(
  host: Host<S, C, E, M, Settings>,
  command: Body,
  how: SendOptions,
): StepResult<E> {
  const { actor } = host;
  if (how.at !== undefined) host.at = how.at;
  const refused = (refusal: Refusal): StepResult<E> => (
    { ok: false, refusal, later: false, events: [], effects: [] }
  );
  const parsed = actor.parse(stored(command));
  if ("malformed" in parsed) {
    return refused({ code: "command.malformed", facts: { why: parsed.malformed } });
  }
  const ctx = ctxOf(host, how);
  const granted = actor.grants[parsed.type as C["type"]];
  if (!granted?.includes(ctx.principal.kind)) return refused({ code: "auth.forbidden", facts: {} });
  const decision = actor.decide(host.state, parsed, ctx);
  if ("refused" in decision) return refused(decision.refused);
  const whole = "events" in decision ? decision : { events: decision };
  const effects = apply(host, whole.events, ctx);
  const body = "reply" in whole ? stored(whole.reply?.(host.state, host.v) ?? null) : null;
  const later = "later" in whole && whole.later === true;
  return { ok: true, body, later, events: stored(whole.events) as E[], effects };
}

/** More timers than any story fires: a timer that sets itself at once would never end. */
const FIRED_MAX = 10_000;

function advance<S, C extends Named, E extends Named, M, Settings>(
  host: Host<S, C, E, M, Settings>,
  byMs: number,
): StepResult<E>[] {
  const until = host.at + byMs;
  const steps: StepResult<E>[] = [];
  for (let fired = 0; fired < FIRED_MAX; fired++) {
    const due = [...host.timers].filter(([, at]) => at <= until).sort((a, b) => a[1] - b[1])[0];
    if (!due) break;
    host.timers.delete(due[0]);
    host.at = Math.max(host.at, due[1]);
    const principal: Principal = { kind: "system", id: "timer" };
    steps.push(send(host, { type: "TimerFired", name: due[0] }, { principal }));
  }
  host.at = until;
  return steps;
}

function signal<S, C extends Named, E extends Named, M, Settings>(
  host: Host<S, C, E, M, Settings>,
  input: Record<string, unknown>,
): Signalled<unknown, M> & { step?: StepResult<E> } {
  const { actor, at, self, tenant, settings, state, memory } = host;
  if (!actor.signal) throw new TypeError("could not signal: the actor takes no signals");
  const out = actor.signal(state, memory, input, { at, self, tenant, settings });
  host.memory = out.memory;
  if (!out.command) return out;
  const principal: Principal = { kind: "system", id: "signal" };
  return { ...out, step: send(host, out.command, { principal }) };
}

export function stepper<S, C extends Named, E extends Named, M, Settings>(
  actor: ActorDefinition<S, C, E, M, Settings>,
  options: { id: string; at: number; settings: Settings; tenant?: string; principal: Principal },
): Stepper<S, E, M> {
  const { id, at, settings, tenant = "main", principal } = options;
  const host: Host<S, C, E, M, Settings> = {
    actor,
    self: { kind: actor.kind, id },
    tenant,
    settings,
    principal,
    state: stored(actor.initial),
    memory: null,
    v: 0,
    at,
    count: 0,
    pending: [],
    timers: new Map(),
    log: [],
  };
  return {
    get at() {
      return host.at;
    },
    set at(moment) {
      host.at = moment;
    },
    get state() {
      return host.state;
    },
    get memory() {
      return host.memory;
    },
    get v() {
      return host.v;
    },
    log: host.log,
    timers: host.timers,
    send: (command, how = {}) => send(host, command, how),
    advance: (byMs) => advance(host, byMs),
    signal: (input) => signal(host, input),
    read: (name, query = {}) => actor.read(name, host.state, host.memory, query, ctxOf(host, {})),
    take: () => host.pending.splice(0),
  };
}
