// How a move goes: one command id, the status asked before it is sent again, so many tries, one deadline.
// Every move ends: done, refused for a car in the bay, overtaken by another, or failed with a fault.
import type { LockFaultCode, LockTo } from "../../wire/lock.ts";
import { commandIdOf, moveIdOf } from "./names.ts";
import type { Fitted, Move, MovedBy, MoveOutcome } from "./state.ts";
import { incident, type Turn } from "./turn.ts";

export interface Wanted {
  to: LockTo;
  causeId: string;
  by: MovedBy;
  reason?: string;
  who?: string;
}

/** Begins a move, unless the same one is under way; ops are obeyed whatever the lock said of itself. */
export function begin(turn: Turn, wanted: Wanted): void {
  const { move, position, fault } = turn.state;
  if (move !== null && move.to === wanted.to) return;
  if (move !== null) endMove(turn, move, "overtaken");
  const isThere = position === wanted.to && fault === null && wanted.by !== "ops";
  if (isThere) return;
  turn.add({
    type: "MoveBegun",
    commandId: moveIdOf(turn.ctx.self.id, turn.state.moves + 1),
    ...wanted,
  });
  send(turn);
}

/** Down where it rests down or may stand under a car; up only over a bay that is known to be empty. */
export function rest(turn: Turn): void {
  const { wish, rests, bay, position, move, fault } = turn.state;
  if (wish?.to !== "rest" || move !== null || fault !== null) return;
  const { causeId } = wish;
  const blind = turn.ctx.without.has("lock.ends-right"); // nobody looks where it stands
  if (blind) return;
  if (rests === "up" && bay === "empty") return begin(turn, { to: "up", causeId, by: "self" });
  const mayBar = rests === "down" || position === "moving" || position === "unknown";
  if (mayBar) begin(turn, { to: "down", causeId, by: "self" });
}

/** Up for a reservation, over a bay that is known to be empty; else once it is. */
export function close(turn: Turn, by: MovedBy): void {
  const { wish, bay, position, move, fault } = turn.state;
  if (wish?.to !== "up" || fault !== null) return;
  const isThere = position === "up" && move === null;
  if (bay === "empty") begin(turn, { to: "up", causeId: wish.causeId, by });
  else if (bay === "unknown" && !isThere) recheck(turn);
}

function send(turn: Turn): void {
  const { move, calls } = turn.state;
  if (move === null) return;
  const { to } = move;
  turn.add({ type: "LockCalled", op: "move", n: calls + 1, id: commandIdOf(move), to });
}
export function ask(turn: Turn): void {
  turn.add({ type: "LockCalled", op: "ask", n: turn.state.calls + 1 });
}
/** Asks where it stands, whatever is believed. */
export function recheck(turn: Turn): void {
  if (turn.state.move === null) ask(turn);
}

/** Waits for the lock, or pauses before it is told again. */
export function step(turn: Turn, phase: "moves" | "pauses", why: string, newId = false): void {
  turn.add({ type: "MoveStepped", phase, why, ...(newId ? { newId: true as const } : {}) });
}

/** The time of a step is over. */
export function moveDue(turn: Turn): void {
  const { move } = turn.state;
  switch (move?.phase) {
    case "sent":
    case "asked":
    case "moves":
      return ask(turn);
    case "due":
    case "pauses":
      return send(turn);
    case undefined:
      return;
  }
}

/** The time of the whole move is over: what is known of the lock is its fault. */
export function moveTimedOut(turn: Turn): void {
  const { move, position } = turn.state;
  if (move === null) return;
  const { way } = turn.state;
  if (way.by === "partner" && turn.ctx.without.has("third.time-out")) return;
  fail(turn, position === "moving" ? "half-way" : whyNot(move), move.refusal);
}

/** What a move that will not be has shown of its lock. */
export const whyNot = ({ refusal, heard }: Move): LockFaultCode =>
  refusal !== undefined ? "refused" : heard ? "stuck" : "silent";

/** Never without a reason, and never silently: the pile closes its connector for it. */
export function fail(turn: Turn, code: LockFaultCode, raw?: string): void {
  const { move, position, fault } = turn.state;
  const known = raw === undefined ? {} : { raw };
  // of one that says nothing, or nothing but that it is broken, any clear word is the end of it
  const at = code === "silent" || code === "told" ? "unknown" : position;
  if (fault?.code !== code) turn.add({ type: "LockFaulted", code, ...known, at });
  if (move !== null) endMove(turn, move, "failed", code);
  const facts = move === null ? {} : { to: move.to, causeId: move.causeId, tries: move.tries };
  const told = { cause: `lock-${code}`, action: "connector-closed", outcome: "needs-person" };
  incident(turn, told as Parameters<typeof incident>[1], { code, ...known, ...facts });
}

export function endMove(
  turn: Turn,
  { commandId, to }: Pick<Move, "commandId" | "to">,
  outcome: MoveOutcome,
  code?: string,
): void {
  const why = code === undefined ? {} : { code };
  turn.add({ type: "MoveEnded", commandId, to, outcome, ...why });
}

/** After a move, or after a fault is over: what is wanted by now and not so. */
export function pursue(turn: Turn): void {
  const { wish, move, fault, position }: Fitted = turn.state;
  if (wish === null || move !== null || fault !== null) return;
  if (wish.to === "rest") return rest(turn);
  if (wish.to === "up") return close(turn, "self");
  if (position !== wish.to) begin(turn, { to: wish.to, causeId: wish.causeId, by: "self" });
}
