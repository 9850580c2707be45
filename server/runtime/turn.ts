// One turn, pure: what a command comes to on a given head. dedupe -> grants -> parse -> decide ->
// evolve -> react -> draft. Storing it and letting anything out is the resident's work.
import type { AnyActor, Ctx, Decision } from "../../actors/kit/mod.ts";
import type { Envelope, Refusal, Reply } from "../../wire/envelope.ts";
import { guardOf, seenBefore } from "./dedupe.ts";
import { draftOf } from "./draft.ts";
import type { Env } from "./env.ts";
import { selfOf } from "../routing/mod.ts";
import { isUrgent, type Limits } from "./limits.ts";
import type { Draft, Held } from "./record.ts";

/** Newest record as the node knows it; `v` 0 and sequence 0: nothing stored yet. */
export interface Head {
  seq: number;
  recordId: string;
  sum: string;
  draft: Held;
  /** `v` of the oldest record that the journal may still hold. */
  base: number;
  /** An earlier head: `base` moves on to it once the archive holds it. */
  probe: { v: number; seq: number };
  /** Monotonic moment from which on this node knew it. */
  since: number;
}

/** Where a command comes from: the wire, or the actor's own effects, timers and signals. */
export type Origin =
  | { by: "wire" }
  | { by: "outbox"; itemId: string }
  | { by: "timer"; name: string; recordId: string }
  | { by: "signal"; v: number }
  /** Takes answered effects away, where no other record came along in time. */
  | { by: "removal" };

export interface TurnInput {
  actor: AnyActor;
  head: Head;
  envelope: Envelope;
  origin: Origin;
  ctx: Ctx;
  recordId: string;
  limits: Limits;
  /** Effects that were answered and want no command: they leave with the next record. */
  sent: ReadonlySet<string>;
}

export type Verdict =
  /** `unrecorded`: nobody stored it, so it is only worth as much as the head is new. */
  | { do: "answer"; reply: Reply; unrecorded?: true }
  /** The same command is being worked on: wait for its answer. */
  | { do: "join" }
  | { do: "drop" }
  | {
    do: "record";
    draft: Draft;
    /** Null: a later record answers. */
    reply: Reply | null;
    /** Timers that this record sets. */
    timers: { name: string; at: number }[];
  };

type Answer = Extract<Verdict, { do: "answer" }>;
const overloaded: Verdict = { do: "answer", reply: { ok: false, fault: { code: "overloaded" } } };

export function evaluate(input: TurnInput): Verdict {
  const { head: { draft: head }, origin, ctx, sent } = input;
  switch (origin.by) {
    case "wire":
      return fromWire(input);
    case "outbox":
      return head.out.some((item) => item.id === origin.itemId) ? decided(input) : { do: "drop" };
    case "timer": {
      const timer = head.timers[origin.name];
      const due = timer?.recordId === origin.recordId && ctx.at >= timer.at;
      return due ? decided(input) : { do: "drop" };
    }
    case "signal": // made from a state that is gone: the next signal says it again
      return head.v === origin.v ? decided(input) : { do: "drop" };
    case "removal": {
      const some = head.out.some((item) => sent.has(item.id));
      return some ? { do: "record", ...draftOf(input, [], []) } : { do: "drop" };
    }
  }
}

/** Open effects and stored records leave some room for what lowers risk. */
function hasRoom({ head: { draft: head, base }, sent, limits }: TurnInput): boolean {
  return head.out.length - sent.size < limits.open &&
    head.v - base < limits.records * limits.recordsShare;
}

function fromWire(input: TurnInput): Verdict {
  const { head: { draft: head }, envelope, ctx, limits } = input;
  const seen = seenBefore(head, envelope, ctx.at, limits);
  switch (seen.seen) {
    case "answered":
      return { do: "answer", reply: seen.reply };
    case "pending":
      return { do: "join" };
    case "other-body":
      return refused(input, { code: "key.reused", facts: {} });
    case "full":
      return overloaded;
    case "new":
      return isUrgent(envelope.class) || hasRoom(input) ? decided(input) : overloaded;
  }
}

/** A refusal that any node gives at any time: nothing need be stored for it. */
function refused({ head: { draft: head }, envelope }: TurnInput, refusal: Refusal): Answer {
  const trace = envelope.trace === undefined ? {} : { trace: envelope.trace };
  return { do: "answer", reply: { ok: false, v: head.v, asOf: head.at, refusal, ...trace } };
}

function decided(input: TurnInput): Verdict {
  const { actor, head: { draft: head }, envelope, origin, ctx } = input;
  const granted = Object.hasOwn(actor.grants, envelope.type) &&
    actor.grants[envelope.type]!.includes(envelope.principal.kind);
  if (!granted) {
    return lasting(input, { code: "auth.forbidden", facts: { command: envelope.type } });
  }
  const command = actor.parse({ ...envelope.body, type: envelope.type });
  if ("malformed" in command) {
    return lasting(input, { code: "command.malformed", facts: { why: command.malformed } });
  }
  const decision: Decision<{ type: string }> = actor.decide(head.state, command, ctx);
  const events = eventsOf(decision);
  const silent = origin.by === "signal" ||
    (origin.by === "wire" && guardOf(envelope) === "domain");
  if (silent && events.length === 0) return unrecorded(input, decision);
  return { do: "record", ...draftOf(input, decision, events) };
}

/** Not for this caller, or not understood: answered without a record, unless something must go. */
function lasting(input: TurnInput, refusal: Refusal): Verdict {
  const { origin } = input;
  if (origin.by === "wire" || origin.by === "signal") return refused(input, refusal);
  return { do: "record", ...draftOf(input, { refused: refusal }, []) };
}

/** Devices and signals: what changes nothing leaves no record. */
function unrecorded(input: TurnInput, decision: Decision<{ type: string }>): Verdict {
  const { head: { draft: head } } = input;
  if ("refused" in decision) return { ...refused(input, decision.refused), unrecorded: true };
  const body = "reply" in decision ? decision.reply?.(head.state, head.v) ?? null : null;
  return { do: "answer", reply: { ok: true, v: head.v, asOf: head.at, body }, unrecorded: true };
}

export function eventsOf(decision: Decision<{ type: string }>): readonly { type: string }[] {
  if ("refused" in decision) return [];
  return "events" in decision ? decision.events : decision;
}

/** An actor's time never goes back, and goes on by itself where a clock was ahead once. */
export const timeOf = ({ clock }: Pick<Env, "clock">, { draft, since }: Head): number =>
  Math.max(clock.now(), Math.floor(draft.at + clock.tick() - since));

/** What a command or a read brings along for the actor. */
export function contextOf(env: Env, head: Head, envelope: Envelope): Ctx {
  const { draft } = head;
  const { to, trace } = envelope;
  return {
    tenant: to.tenant,
    self: selfOf(to),
    at: timeOf(env, head),
    commandId: envelope.id,
    principal: envelope.principal,
    correlation: envelope.correlation,
    ...(trace === undefined ? {} : { trace }),
    v: draft.v,
    settings: env.settings(to),
    without: env.without,
  };
}
