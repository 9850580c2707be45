// What a lock tells of itself: where it stands, whether the bay is empty, that it is broken. The newest
// word counts; one that is older than what is known changes nothing.
import type { LockSeen } from "../../wire/lock.ts";
import { endMove, fail, pursue } from "./move.ts";
import type { EventOf } from "./state.ts";
import { incident, type Turn } from "./turn.ts";

export interface Word {
  by: EventOf<"LockSeen">["by"];
  deviceAt: number;
}

export function see(turn: Turn, seen: LockSeen, { by, deviceAt }: Word): void {
  const at = Math.min(deviceAt, turn.ctx.at); // a clock that runs ahead must not silence what follows
  if (at < turn.state.toldAt) {
    turn.add({ type: "LateWord", state: seen.state, deviceAt: at });
    return;
  }
  if (seen.state === "fault") return broken(turn, seen, { by, deviceAt: at });
  const { position, bay } = turn.state;
  const isNew = position !== seen.state || (seen.bay !== undefined && seen.bay !== bay);
  const hasLeft = seen.bay === "empty" && bay !== "empty";
  if (isNew) {
    const above = seen.bay === undefined ? {} : { bay: seen.bay };
    turn.add({ type: "LockSeen", position: seen.state, ...above, by, deviceAt: at });
  }
  if (seen.state === "moving") return;
  recovered(turn, seen.state);
  const { move, wish } = turn.state;
  if (move !== null && move.to === seen.state) endMove(turn, move, "done");
  // moved by hand it is left there; what waits for an empty bay or the end of a fault goes on
  const goesOn = turn.events.some(({ type }) =>
    type === "MoveEnded" || type === "LockFaultCleared"
  );
  const waited = wish?.to === "rest" || wish?.to === "up" && hasLeft;
  if (waited || goesOn) pursue(turn);
}

/** It stands elsewhere than when it failed: somebody or something has moved it. */
function recovered(turn: Turn, state: "up" | "down"): void {
  const { fault, move } = turn.state;
  if (fault === null || fault.at === state) return;
  const isOurs = move !== null && move.to === state;
  if (!isOurs && turn.ctx.without.has("lock.manual-unlock")) return;
  turn.add({ type: "LockFaultCleared", by: isOurs ? "move" : "hand" });
  const told = { cause: `lock-${fault.code}`, action: "connector-opened", outcome: "recovered" };
  incident(turn, told as Parameters<typeof incident>[1], { position: state });
}

function broken(turn: Turn, { code, bay }: LockSeen, { by, deviceAt }: Word): void {
  const { fault, position } = turn.state;
  const above = bay === undefined ? {} : { bay };
  if (position !== "unknown" || bay !== undefined && bay !== turn.state.bay) {
    turn.add({ type: "LockSeen", position: "unknown", ...above, by, deviceAt });
  }
  if (fault?.code === "told") return;
  fail(turn, "told", code);
}
