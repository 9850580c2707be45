// What a device's code means by the catalogue: who is at fault, how grave it is, why a charge really ended.
import { faultRowOf, type FaultUntil } from "../../wire/faults/mod.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";
import type { Fault } from "./state.ts";
import type { PileCtx } from "./turn.ts";

/** The cause with its place in the catalogue; the raw code stays as it came. */
export function judged(cause: RawCause, without: PileCtx["without"]): RawCause {
  const row = faultRowOf(cause.code);
  if (row === null) return cause;
  const by = row.by === "unknown" || without.has("catalogue.blame") ? cause.by : row.by;
  const said = without.has("catalogue.raw-kept") ? { code: row.id, by } : { ...cause, by };
  return without.has("catalogue.one") ? said : { ...said, fault: row.id };
}

export interface Verdict {
  cause: RawCause;
  severity: Fault["severity"];
  until: FaultUntil;
  row: string;
}
/** A remark stays one: the pile works on. All else is as grave as the catalogue says. */
export function verdictOf(
  told: { cause: RawCause; severity: Fault["severity"] },
  without: PileCtx["without"],
): Verdict {
  const cause = judged(told.cause, without);
  const row = faultRowOf(told.cause.code);
  if (row === null) return { cause, severity: told.severity, until: "recovery", row: "2.2" };
  const own = told.severity === "info" || without.has("fault.severity");
  const blamed = row.until === "nothing" && without.has("catalogue.pile-not-blamed");
  const looked = row.until === "inspection" && without.has("electric.faulted");
  return {
    cause,
    severity: own ? told.severity : row.severity,
    until: blamed || looked ? "recovery" : row.until,
    row: row.drill,
  };
}

/** What a pile's words for an end leave open, its code may say. */
export function reasonBy(reason: EndReason, cause: RawCause | undefined): EndReason {
  const row = cause && faultRowOf(cause.code);
  if (!row || (reason !== "other" && reason !== "fault")) return reason;
  if (row.id === "gun-pulled") return "unplugged";
  if (row.id === "emergency-stop" || row.id === "power-loss") return row.id;
  if (row.severity === "critical") return "fault";
  const reached = row.id === "target-reached" || row.id === "preset-reached";
  return reached && reason === "other" ? "limit" : reason;
}

/** Says the end's code what went wrong, or only that something did? */
export const tellsFault = (cause: RawCause | undefined): boolean =>
  cause !== undefined && faultRowOf(cause.code)?.severity === "critical";
