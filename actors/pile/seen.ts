// What a device shows at its connectors beside charges: plug, state, readings, faults.
import { nothing } from "../kit/mod.ts";
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import { advance, sessionAt } from "./ledger.ts";
import { failStart, startPlugged } from "./start.ts";
import type { Connector, Registered } from "./state.ts";
import { stateProves, stopCharge } from "./stop.ts";
import { connectorOf, hasConnector, incident, openTurn, type PileCtx, type Turn } from "./turn.ts";

/** A running session whose device behaves as if there were none: it is asked soon. */
function check(turn: Turn, no: number, why: string): void {
  const { use } = connectorOf(turn.state, no);
  if (use.status === "charging") turn.add({ type: "CheckRequested", connector: no, why });
}

function plug(turn: Turn, no: number, plugged: boolean, deviceAt: number, sure: boolean): void {
  const { plugged: before, tellsPlug } = connectorOf(turn.state, no);
  if (before === plugged && (tellsPlug || !sure)) return;
  turn.add({ type: "PlugSeen", connector: no, plugged, sure, deviceAt });
  if (plugged) startPlugged(turn, no);
  else check(turn, no, "unplugged");
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

/** The fast lane's reading, to be kept. */
export function noteReading(
  state: Registered,
  command: Of<"NoteReading">,
  ctx: PileCtx,
): PileDecision {
  const { connector: no } = command;
  if (!hasConnector(state, no) || sessionAt(connectorOf(state, no)) === null) return nothing;
  const turn = openTurn(state, ctx);
  advance(turn, no, command);
  return turn.events;
}

export const reportFault = (
  state: Registered,
  command: Of<"ReportFault">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector, cause, severity }) => {
    const no = connector ?? null;
    if (no !== null && !hasConnector(state, no)) return;
    const known = no === null ? state.fault : connectorOf(state, no).fault;
    const same = known?.cause.code === cause.code && known.severity === severity;
    if (same) return;
    turn.add({ type: "FaultSeen", connector: no, cause, severity });
    if (severity === "info") return;
    incident(turn, {
      row: "2.2",
      cause: cause.code,
      words: "pile.fault",
      action: severity === "critical" ? "close-connector" : "watch",
      outcome: severity === "critical" ? "needs-person" : "handled",
      facts: { connector: no, by: cause.by, severity },
    });
    if (severity !== "critical") return;
    for (const one of state.connectors) {
      if (no === null || one.no === no) makeSafe(turn, one, { code: cause.code, by: cause.by });
    }
  });

/** Safe stop where the pile did not stop by itself; a start that can only fail ends at once. */
function makeSafe(turn: Turn, { no, use }: Connector, cause: Of<"ReportFault">["cause"]): void {
  if (use.status === "charging") stopCharge(turn, no, "platform", { cause });
  if (use.status === "starting") failStart(turn, no, "fault", { cause });
}

export const reportFaultCleared = (
  state: Registered,
  command: Of<"ReportFaultCleared">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector }) => {
    const no = connector ?? null;
    if (no !== null && !hasConnector(state, no)) return;
    const known = no === null ? state.fault : connectorOf(state, no).fault;
    if (known) turn.add({ type: "FaultCleared", connector: no, by: "device" });
  });
