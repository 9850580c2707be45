// What may be said to a lock, and by whom; how a move goes on lies in move.ts, what is seen in see.ts.
import { nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole, inScope, isActor } from "../kit/who.ts";
import { lockAnswer, type LockCommand, lockIdOf } from "../../wire/lock.ts";
import { answered } from "./answers.ts";
import { begin, close, moveDue, moveTimedOut, pursue, recheck, rest } from "./move.ts";
import { timers } from "./names.ts";
import { viewOf } from "./read.ts";
import { see } from "./see.ts";
import type { Fitted, LockActorState, Of } from "./state.ts";
import { type Decided, type LockCtx, openTurn } from "./turn.ts";

export function decide(state: LockActorState, command: LockCommand, ctx: LockCtx): Decided {
  if (command.type === "FitLock") return fitLock(state, command, ctx);
  if (state.status === "unfitted") {
    return command.type === "TimerFired" ? nothing : refuse("lock.unknown", { id: ctx.self.id });
  }
  switch (command.type) {
    case "MoveLock":
      return moveLock(state, command, ctx);
    case "RestLock":
      return restLock(state, command, ctx);
    case "ReportLock":
      return reportLock(state, command, ctx);
    case "LockAnswered":
      if (!byPile(state, ctx)) return refuse("auth.forbidden");
      return inTurn(state, ctx, command, command.answer);
    case "PartnerAnswered":
      return inTurn(state, ctx, command.ref, saidBy(command.answer));
    case "TimerFired":
      return timerFired(state, command, ctx);
  }
}

const byPile = ({ pileId }: Fitted, { principal }: LockCtx): boolean =>
  isActor(principal, "pile", pileId);
const byOps = (stationId: string, { principal }: LockCtx): boolean =>
  hasRole(principal, "operator") && inScope(principal, stationId);

/** At a connector's bay, or with another maker or rule than before. */
function fitLock(state: LockActorState, command: Of<"FitLock">, ctx: LockCtx): Decided {
  const { type: _type, ...facts } = command;
  if (lockIdOf(facts.pileId, facts.connector) !== ctx.self.id) {
    return refuse("command.malformed", { why: "another lock's name" });
  }
  if (!byOps(facts.stationId, ctx)) return refuse("auth.forbidden");
  const turn = openTurn(state, ctx);
  if (state.status === "fitted" && state.move !== null) {
    const { commandId, to } = state.move;
    turn.add({ type: "MoveEnded", commandId, to, outcome: "overtaken", code: "fitted-anew" });
  }
  turn.add({ type: "LockFitted", ...facts, by: ctx.principal.id });
  recheck(turn); // where does it stand?
  return replied(
    turn.events,
    (after, v) => after.status === "unfitted" ? null : viewOf(after, ctx, v),
  );
}

function moveLock(state: Fitted, command: Of<"MoveLock">, ctx: LockCtx): Decided {
  const { to, causeId, reason, forMs, after } = command;
  const isOps = ctx.principal.kind === "ops";
  if (!(isOps ? byOps(state.stationId, ctx) : byPile(state, ctx))) return refuse("auth.forbidden");
  if (isOps && ctx.without.has("lock.ops-unlock")) return nothing;
  const turn = openTurn(state, ctx);
  const until = forMs === undefined ? {} : { until: ctx.at + forMs, ...(after && { after }) };
  turn.add({ type: "LockWished", to, causeId, ...until });
  if (to === "up" && !isOps) {
    close(turn, "pile");
    return turn.events;
  }
  const of = isOps
    ? { by: "ops" as const, who: ctx.principal.id, ...(reason === undefined ? {} : { reason }) }
    : { by: "pile" as const };
  begin(turn, { to, causeId, ...of });
  return turn.events;
}

function restLock(state: Fitted, { causeId }: Of<"RestLock">, ctx: LockCtx): Decided {
  if (!byPile(state, ctx)) return refuse("auth.forbidden");
  const turn = openTurn(state, ctx);
  turn.add({ type: "LockWished", to: "rest", causeId });
  rest(turn);
  return turn.events;
}

/** The pile for the lock that hangs on it; the maker's platform for its own. */
function reportLock(state: Fitted, command: Of<"ReportLock">, ctx: LockCtx): Decided {
  const { way } = state;
  const { principal } = ctx;
  const mayTell = way.by === "pile"
    ? byPile(state, ctx)
    : principal.kind === "provider" && principal.id === `lock/${way.partner}` &&
      command.ref === way.ref;
  if (!mayTell) return refuse("auth.forbidden");
  const { type: _type, deviceAt, ref: _ref, ...seen } = command;
  const turn = openTurn(state, ctx);
  see(turn, seen, { by: "report", deviceAt });
  return turn.events;
}

const NONE = { outcome: "none" } as const;
/** The port's answer; whatever is not a clear word of the maker is none. */
function saidBy(answer: unknown): Of<"LockAnswered">["answer"] {
  const said = answer as { ok?: unknown; body?: unknown; refusal?: { code?: unknown } } | null;
  if (said?.ok === true) return lockAnswer.safeParse(said.body).data ?? NONE;
  const code = said?.refusal?.code;
  return typeof code === "string" && code !== "" ? { ...NONE, code: code.slice(0, 80) } : NONE;
}

function inTurn(
  state: Fitted,
  ctx: LockCtx,
  call: { op: "move" | "ask"; n: number },
  answer: Of<"LockAnswered">["answer"],
): Decided {
  const turn = openTurn(state, ctx);
  answered(turn, call, answer);
  return turn.events;
}

function timerFired(state: Fitted, { name }: Of<"TimerFired">, ctx: LockCtx): Decided {
  const turn = openTurn(state, ctx);
  switch (name) {
    case timers.step:
      moveDue(turn);
      break;
    case timers.end:
      moveTimedOut(turn);
      break;
    case timers.release:
      release(turn);
      break;
    case timers.check:
      if (state.fault !== null || state.position === "unknown") recheck(turn);
      break;
    default: // a name of another release
      break;
  }
  return turn.events;
}

/** Whoever had the bay has forgotten it. */
function release(turn: ReturnType<typeof openTurn>): void {
  const { wish } = turn.state;
  if (wish?.until === undefined || turn.ctx.at < wish.until) return;
  if (turn.ctx.without.has("third.release")) return;
  const { causeId, after = "rest" } = wish;
  turn.add({ type: "LockReleased", causeId });
  turn.add({ type: "LockWished", to: after, causeId });
  pursue(turn);
}
