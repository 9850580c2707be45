// What a device shows at its connectors beside charges: plug, state, readings.
import { nothing } from "../kit/mod.ts";
import { endSession } from "./end.ts";
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import { advance, sessionAt } from "./ledger.ts";
import { startPlugged } from "./start.ts";
import type { Registered } from "./state.ts";
import { stateProves } from "./stop.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** A running session whose device behaves as if there were none: it is asked soon. */
function check(turn: Turn, no: number, why: string): void {
  const { use } = connectorOf(turn.state, no);
  if (use.status === "charging") turn.add({ type: "CheckRequested", connector: no, why });
}

function plug(turn: Turn, no: number, plugged: boolean, deviceAt: number, sure: boolean): void {
  const { plugged: before, tellsPlug } = connectorOf(turn.state, no);
  if (before === plugged && (tellsPlug || !sure)) {
    if (plugged) startPlugged(turn, no); // pushed in further: the gun was there, but not seated
    return;
  }
  turn.add({ type: "PlugSeen", connector: no, plugged, sure, deviceAt });
  if (plugged) return startPlugged(turn, no);
  check(turn, no, "unplugged");
  if (turn.ctx.without.has("fault.cleared-only-so") && connectorOf(turn.state, no).fault) {
    turn.add({ type: "FaultCleared", connector: no, by: "device" });
  }
}

export const reportPlug = (
  state: Registered,
  command: Of<"ReportPlug">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector: no, plugged, deviceAt }) => {
    if (hasConnector(state, no)) plug(turn, no, plugged, deviceAt, true);
  });

export const reportState = (
  state: Registered,
  command: Of<"ReportState">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector: no, state: told, deviceAt }) => {
    if (!hasConnector(state, no)) return;
    const fresh = connectorOf(state, no).told !== told;
    if (fresh) turn.add({ type: "StateSeen", connector: no, state: told, deviceAt });
    switch (told) {
      case "available":
        plug(turn, no, false, deviceAt, false);
        stateProves(turn, no);
        if (fresh) check(turn, no, "available");
        return;
      case "preparing":
        plug(turn, no, true, deviceAt, false);
        return stateProves(turn, no);
      case "finishing":
        return plug(turn, no, true, deviceAt, false);
      case "charging":
      case "suspended":
        return plug(turn, no, true, deviceAt, false);
      case "unavailable":
        return;
    }
  });

export const reportMeter = (
  state: Registered,
  command: Of<"ReportMeter">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, report) => {
    const { connector: no, txId } = report;
    if (!hasConnector(state, no)) return;
    const session = sessionAt(connectorOf(state, no));
    const other = txId !== undefined && txId > 0 && txId !== session?.txId;
    if (!other) advance(turn, no, report); // another's: its own end tells what it came to
  });

/** A meter that stands still for so long, without power, proves that a stop was done. */
export const STILL_MS = 20_000;

/** The fast lane's reading, to be kept. */
export function noteReading(
  state: Registered,
  command: Of<"NoteReading">,
  ctx: PileCtx,
): PileDecision {
  const { connector: no } = command;
  if (!hasConnector(state, no) || sessionAt(connectorOf(state, no)) === null) return nothing;
  const turn = openTurn(state, ctx);
  const { register: before, use } = connectorOf(state, no);
  advance(turn, no, command);
  const { register: now } = connectorOf(turn.state, no);
  const still = before && now && now.wh === before.wh && now.at - before.at >= STILL_MS;
  if (still && use.status === "stopping" && use.stop.attempts > 0 && command.powerW === 0) {
    const { deviceAt, registerWh } = command;
    endSession(turn, no, { deviceAt, registerWh, reason: "remote", proof: "meter" });
  }
  return turn.events;
}
