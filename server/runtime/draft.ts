// Builds the next record from a decision: events folded in, effects turned into what must leave,
// timers, and the memory of what was answered.
import type { Decision, Effect } from "../../actors/kit/mod.ts";
import type { DoneEntry, Envelope, OutItem, Reply, StoredEvent } from "../../wire/envelope.ts";
import { forgetSenders, guardOf, remember } from "./dedupe.ts";
import { nameOf, selfOf } from "../routing/mod.ts";
import { type Draft, ordered } from "./record.ts";
import type { TurnInput, Verdict } from "./turn.ts";

const ITEMS_PER_RECORD = 1_000; // n = v x 1000 + i: rises over the actor's whole life

export class TooManyEffects extends Error {
  override readonly name = "TooManyEffects";
}

type Recorded = Omit<Extract<Verdict, { do: "record" }>, "do">;

export function draftOf(
  input: TurnInput,
  decision: Decision<{ type: string }>,
  events: readonly { type: string }[],
): Recorded {
  const { actor, head: { draft: head }, envelope, ctx } = input;
  const v = head.v + 1;
  const evolveCtx = { at: ctx.at, self: ctx.self };
  let state = head.state;
  for (const event of events) state = actor.evolve(state, event, evolveCtx);
  const effects = events.flatMap((event) => actor.react(event, state, ctx));
  const own = replyOf(decision, envelope, state, v, ctx.at);
  const base: Draft = {
    v,
    sv: actor.sv,
    at: ctx.at,
    cause: causeOf(envelope),
    events: events.map((event): StoredEvent => ({
      ...event,
      sv: actor.eventVersions?.[event.type] ?? 1,
    })),
    state,
    done: head.done,
    in: head.in,
    out: outOf(input, v, effects),
    timers: head.timers,
  };
  const draft = answeredIn(rememberOwn(base, input, own), effects);
  const timers = effects.filter((effect) => effect.do === "timer")
    .map(({ name, at }) => ({ name, at }));
  return {
    draft: { ...draft, timers: timersOf(input, effects) },
    reply: own ?? draft.done.find((entry) => entry.id === envelope.id)?.reply ?? null,
    timers,
  };
}

function causeOf(envelope: Envelope): Draft["cause"] {
  const { id: command, type, principal, correlation, trace } = envelope;
  return { command, type, principal, correlation, ...(trace === undefined ? {} : { trace }) };
}

/** Null: the decision says that a later record answers. */
function replyOf(
  decision: Decision<{ type: string }>,
  envelope: Envelope,
  state: unknown,
  v: number,
  asOf: number,
): Reply | null {
  if ("refused" in decision) {
    const trace = envelope.trace === undefined ? {} : { trace: envelope.trace };
    return { ok: false, v, asOf, refusal: ordered(decision.refused), ...trace };
  }
  if (!("events" in decision)) return { ok: true, v, asOf, body: null };
  if (decision.later) return null;
  return { ok: true, v, asOf, body: ordered(decision.reply?.(state, v) ?? null) };
}

/** Keeps the answer where a repeat will look for it. */
function rememberOwn(draft: Draft, { envelope, origin, limits }: TurnInput, reply: Reply | null) {
  if (origin.by !== "wire") return draft;
  const guard = guardOf(envelope);
  if (guard === "sender" && reply !== null) {
    const { sender, n, last } = envelope.from!;
    const mark = { n, reply, at: draft.at, ...(last ? { last } : {}) };
    return { ...draft, in: { ...forgetSenders(draft.in, draft.at, limits), [sender]: mark } };
  }
  if (guard === "domain" && reply !== null) return draft;
  const entry: DoneEntry = {
    id: envelope.id,
    at: draft.at,
    bodyHash: envelope.bodyHash,
    ...(reply === null ? {} : { reply }),
    ...(envelope.trace === undefined ? {} : { trace: envelope.trace }),
  };
  return { ...draft, done: remember(draft.done, entry, limits) };
}

/** Fills the open entries that `answer` effects speak of. */
function answeredIn(draft: Draft, effects: readonly Effect[]): Draft {
  let done = draft.done;
  for (const effect of effects) {
    if (effect.do !== "answer") continue;
    done = done.map((entry) => {
      if (entry.id !== effect.to || entry.reply) return entry;
      const { v, at: asOf } = draft;
      const trace = entry.trace === undefined ? {} : { trace: entry.trace };
      const reply: Reply = effect.refused
        ? { ok: false, v, asOf, refusal: ordered(effect.refused), ...trace }
        : { ok: true, v, asOf, body: ordered(effect.body ?? null) };
      return { ...entry, reply };
    });
  }
  return done === draft.done ? draft : { ...draft, done };
}

function outOf(
  { head: { draft: head }, envelope, origin, sent, ctx }: TurnInput,
  v: number,
  effects: readonly Effect[],
): OutItem[] {
  const answered = origin.by === "outbox" ? origin.itemId : null;
  const out = head.out.filter((item) => item.id !== answered && !sent.has(item.id));
  const self = nameOf(envelope.to);
  let i = 0;
  for (const effect of effects) {
    if (effect.do !== "tell" && effect.do !== "call") continue;
    out.push({
      id: `${self}#${v}.${i}`,
      n: v * ITEMS_PER_RECORD + i++,
      at: ctx.at,
      correlation: ctx.correlation,
      ...(ctx.trace === undefined ? {} : { trace: ctx.trace }),
      ...(effect.onReply === undefined ? {} : { onReply: effect.onReply }),
      ...(effect.ref === undefined ? {} : { ref: effect.ref }),
      ...targetOf(effect, ctx.tenant),
    });
  }
  if (i >= ITEMS_PER_RECORD) throw new TooManyEffects(`record has ${i} effects`);
  return out;
}

function targetOf(
  effect: Extract<Effect, { do: "tell" | "call" }>,
  tenant: string,
): Pick<OutItem, "lane" | "message"> {
  if (effect.do === "call") {
    return { lane: effect.lane, message: { to: "port", port: effect.port, body: effect.body } };
  }
  const address = { tenant, ...selfOf({ tenant, ...effect.to }) };
  const last = effect.last ? { last: true } : {};
  return {
    lane: nameOf(address),
    message: { to: "actor", address, type: effect.type, body: effect.body, ...last },
  };
}

function timersOf(
  { head: { draft: head }, origin, recordId }: TurnInput,
  effects: readonly Effect[],
): Draft["timers"] {
  const changed = effects.some(({ do: what }) => what === "timer" || what === "cancel");
  if (origin.by !== "timer" && !changed) return head.timers;
  const timers = { ...head.timers };
  if (origin.by === "timer") delete timers[origin.name];
  for (const effect of effects) {
    if (effect.do === "timer") timers[effect.name] = { at: effect.at, recordId };
    else if (effect.do === "cancel") delete timers[effect.name];
  }
  return timers;
}
