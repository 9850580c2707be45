// What a device's fault makes necessary: an alert, a safe stop, a connector that stays closed until the
// pile recovers or ops have looked.
import { faultRowOf } from "../../wire/faults/mod.ts";
import type { RawCause } from "../../wire/pile.ts";
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import { failStart } from "./start.ts";
import type { Connector, Registered } from "./state.ts";
import { stopCharge } from "./stop.ts";
import { connectorOf, hasConnector, incident, type PileCtx, type Turn } from "./turn.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

export const reportFault = (
  state: Registered,
  command: Of<"ReportFault">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, told) => {
    const no = told.connector ?? null;
    if (no !== null && !hasConnector(state, no)) return;
    const verdict = verdictOf(told, ctx.without);
    const { cause, severity, until } = verdict;
    const known = no === null ? state.fault : connectorOf(state, no).fault;
    const same = known?.cause.code === cause.code && known.severity === severity;
    if (same && known.quietSince === undefined) return;
    const stays = until === "recovery" ? {} : { until };
    turn.add({ type: "FaultSeen", connector: no, cause, severity, ...stays });
    if (severity === "info") return;
    alert(turn, no, verdict);
    if (severity !== "critical") return;
    for (const one of state.connectors) {
      if (no === null || one.no === no) makeSafe(turn, one, cause);
    }
  });

const ALERTS = { "2.2": "fault.alert-ops", "2.8": "electric.alert" } as const;

function alert(turn: Turn, no: number | null, { cause, severity, until, row }: Verdict): void {
  const off = row === "2.2" || row === "2.8" ? ALERTS[row] : null;
  if (off !== null && turn.ctx.without.has(off)) return;
  const closes = severity === "critical" && until !== "nothing";
  const { code, by, raw, fault } = cause;
  incident(turn, {
    row,
    cause: code,
    words: by === "vehicle"
      ? "pile.vehicle-fault"
      : until === "inspection"
      ? "pile.electrical-fault"
      : "pile.fault",
    action: closes ? "close-connector" : severity === "critical" ? "stop-charge" : "watch",
    outcome: closes ? "needs-person" : "handled",
    facts: {
      connector: no,
      by,
      severity,
      ...(raw === undefined ? {} : { raw }),
      ...(fault === undefined ? {} : { fault }),
    },
  });
}

/** Safe stop where the pile did not stop by itself; a start that can only fail ends at once. */
function makeSafe(turn: Turn, { no, use }: Connector, cause: RawCause): void {
  const isElectrical = faultRowOf(cause.code)?.drill === "2.8";
  if (turn.ctx.without.has(isElectrical ? "electric.safe-stop" : "fault.safe-stop")) return;
  if (use.status === "charging") stopCharge(turn, no, "platform", { cause });
  if (use.status === "starting") failStart(turn, no, "fault", { cause });
}

/** The pile says that it is well again; where somebody has to look first, it only counts as quiet. */
export const reportFaultCleared = (
  state: Registered,
  command: Of<"ReportFaultCleared">,
  ctx: PileCtx,
): PileDecision =>
  takeFact(state, command, ctx, (turn, { connector }) => {
    const no = connector ?? null;
    if (no !== null && !hasConnector(state, no)) return;
    const known = no === null ? state.fault : connectorOf(state, no).fault;
    if (!known) return;
    if (known.until === undefined) {
      turn.add({ type: "FaultCleared", connector: no, by: "device" });
    } else if (known.quietSince === undefined) turn.add({ type: "FaultQuiet", connector: no });
  });
