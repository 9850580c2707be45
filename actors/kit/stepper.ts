// Test-only: drives one actor as its host would, in memory and on a clock that the test moves.
// Commands fold through parse, grants, decide, evolve and react; effects and timers are collected.
import type { Principal, Refusal } from "../../wire/envelope.ts";
import type { ActorDefinition, Ctx, Effect, Signalled } from "./mod.ts";

type Timer = Extract<Effect, { do: "timer" | "cancel" }>;
/** What left the actor, but its timers (they are in `timers`). */
export type Sent = Exclude<Effect, Timer>;
type ReadOut = { body: unknown } | { refused: Refusal };

export interface SendOptions {
  principal?: Principal;
  commandId?: string;
  at?: number;
  without?: readonly string[];
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

export function stepper<
  S,
  C extends { type: string },
  E extends { type: string },
  M,
  Settings,
>(
  actor: ActorDefinition<S, C, E, M, Settings>,
  options: { id: string; at: number; settings: Settings; tenant?: string; principal: Principal },
): Stepper<S, E, M> {
  const self = { kind: actor.kind, id: options.id };
  const tenant = options.tenant ?? "main";
  let state = stored(actor.initial);
  let memory: M | null = null;
  let v = 0;
  let count = 0;
  let pending: Sent[] = [];
  const timers = new Map<string, number>();
  const log: E[] = [];

  const ctxOf = (send: SendOptions): Ctx<Settings> => ({
    tenant,
    self,
    at: stepperOut.at,
    commandId: send.commandId ?? `cmd-${++count}`,
    principal: send.principal ?? options.principal,
    correlation: "test",
    v,
    settings: options.settings,
    without: new Set(send.without ?? []),
  });

  function apply(events: readonly E[], ctx: Ctx<Settings>): Sent[] {
    const kept = stored(events) as E[];
    for (const event of kept) {
      state = stored(actor.evolve(state, event, { at: ctx.at, self }));
      log.push(event);
    }
    if (kept.length > 0) v++;
    const effects: Sent[] = [];
    for (const effect of kept.flatMap((event) => [...actor.react(event, state, ctx)])) {
      if (effect.do === "timer") timers.set(effect.name, effect.at);
      else if (effect.do === "cancel") timers.delete(effect.name);
      else effects.push(stored(effect) as Sent);
    }
    pending.push(...effects);
    return effects;
  }

  function send(
    command: { type: string } & Record<string, unknown>,
    how: SendOptions = {},
  ): StepResult<E> {
    if (how.at !== undefined) stepperOut.at = how.at;
    const none = { later: false, events: [], effects: [] };
    const parsed = actor.parse(stored(command));
    if ("malformed" in parsed) {
      const refusal = { code: "command.malformed", facts: { why: parsed.malformed } };
      return { ok: false, refusal, ...none };
    }
    const ctx = ctxOf(how);
    const granted = actor.grants[parsed.type as C["type"]];
    if (!granted?.includes(ctx.principal.kind)) {
      return { ok: false, refusal: { code: "auth.forbidden", facts: {} }, ...none };
    }
    const decision = actor.decide(state, parsed, ctx);
    if ("refused" in decision) return { ok: false, refusal: decision.refused, ...none };
    const whole = "events" in decision ? decision : { events: decision };
    const effects = apply(whole.events, ctx);
    const reply = "reply" in whole ? whole.reply : undefined;
    const body = reply ? stored(reply(state, v) ?? null) : null;
    const waits = "later" in whole && whole.later === true;
    return { ok: true, body, later: waits, events: stored(whole.events) as E[], effects };
  }

  function advance(byMs: number): StepResult<E>[] {
    const until = stepperOut.at + byMs;
    const steps: StepResult<E>[] = [];
    for (let fired = 0; fired < 10_000; fired++) {
      const due = [...timers].filter(([, at]) => at <= until).sort((a, b) => a[1] - b[1])[0];
      if (!due) break;
      timers.delete(due[0]);
      stepperOut.at = Math.max(stepperOut.at, due[1]);
      const principal: Principal = { kind: "system", id: "timer" };
      steps.push(send({ type: "TimerFired", name: due[0] }, { principal }));
    }
    stepperOut.at = until;
    return steps;
  }

  const stepperOut: Stepper<S, E, M> = {
    at: options.at,
    get state() {
      return state;
    },
    get memory() {
      return memory;
    },
    get v() {
      return v;
    },
    log,
    timers,
    send,
    advance,
    signal(input) {
      if (!actor.signal) throw new TypeError("could not signal: the actor takes no signals");
      const ctx = { at: stepperOut.at, self, tenant, settings: options.settings };
      const out = actor.signal(state, memory, input, ctx);
      memory = out.memory;
      if (!out.command) return out;
      const principal: Principal = { kind: "system", id: `${self.kind}/${self.id}` };
      return { ...out, step: send(out.command, { principal }) };
    },
    read: (name, query = {}) => actor.read(name, state, memory, query, ctxOf({})),
    take() {
      const taken = pending;
      pending = [];
      return taken;
    },
  };
  return stepperOut;
}
