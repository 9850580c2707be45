// What an order or a question to the lock came to, and what follows: asked before it is sent again, told
// again so many times, a refusal for a car in the bay taken as it is.
import type { LockAnswer, LockOp } from "../../wire/lock.ts";
import { ask, endMove, fail, step, whyNot } from "./move.ts";
import { see } from "./see.ts";
import type { Move } from "./state.ts";
import type { Turn } from "./turn.ts";

/** A lock that will not rise under a car is well. */
const OBSTRUCTED = "obstructed";

/** An answer to the newest order or question leads on; an older one is only kept. */
export function answered(
  turn: Turn,
  { op, n }: { op: LockOp; n: number },
  { outcome, code, seen }: LockAnswer,
): void {
  const isNewest = n === turn.state.calls;
  if (!turn.ctx.without.has("third.logged")) {
    const why = code === undefined ? {} : { code };
    turn.add({ type: "LockReplied", op, n, outcome, ...why });
  }
  if (!isNewest) return;
  if (seen !== undefined) see(turn, seen, { by: "answer", deviceAt: turn.ctx.at });
  const { move } = turn.state; // what was seen may have ended it
  if (move === null) return;
  if (op === "move") ordered(turn, move, outcome, code);
  else if (outcome === "told" && seen !== undefined) told(turn, move, seen.state);
  // no answer to a question: the timer asks again
}

function ordered(turn: Turn, move: Move, outcome: LockAnswer["outcome"], code?: string): void {
  switch (outcome) {
    case "accepted":
      return step(turn, "moves", "accepted");
    case "refused":
      return refused(turn, move, code ?? "refused");
    case "told":
    case "none":
      return unsure(turn, move, code ?? "no-answer");
  }
}

/** Its outcome is unknown: it may have acted. */
function unsure(turn: Turn, move: Move, why: string): void {
  if (turn.ctx.without.has("third.retry") && turn.state.way.by === "partner") {
    return fail(turn, "silent", why);
  }
  if (move.phase === "sent") ask(turn);
}

function refused(turn: Turn, move: Move, code: string): void {
  if (code === OBSTRUCTED && move.to === "up") {
    const { ctx: { at }, state: { position } } = turn;
    turn.add({ type: "LockSeen", position, bay: "taken", by: "answer", deviceAt: at });
    return endMove(turn, move, "refused", code);
  }
  again(turn, move, code);
}

/** What it says of itself when it is asked. */
function told(turn: Turn, move: Move, state: string): void {
  if (state === "moving") return step(turn, "moves", "moving");
  again(turn, move, "not-moved"); // it stands where it stood: a move that was done has ended
}

/** Once more, after a pause; a device that has answered would only repeat that for the old id. */
function again(turn: Turn, move: Move, why: string): void {
  const { lockTries } = turn.ctx.settings;
  if (move.tries >= lockTries) return fail(turn, whyNot(move), move.refusal);
  step(turn, "pauses", why, move.heard);
}
