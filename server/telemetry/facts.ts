// Each kind of a native pile's fact as the command that its actor takes. Every fact becomes exactly one:
// its place in the sequence is recorded with it.
import type { DeviceFact } from "../../wire/native.ts";
import type { EndReason, RawCause } from "../../wire/pile.ts";

export interface FactCommand {
  type: string;
  body: Record<string, unknown>;
}
/** A card as the directory has it; null: unknown. */
export type Card = { userId: string; blocked?: boolean } | null;

type EndWord = Extract<DeviceFact, { kind: "ended" }>["data"]["reason"];
/** Who is behind an end, where the pile gives no code of its own. */
const endedBy: Record<EndWord, RawCause["by"]> = {
  "remote": "platform",
  "local": "user",
  "limit": "pile",
  "unplugged": "user",
  "emergency-stop": "user",
  "power-loss": "grid",
  "reset": "pile",
  "fault": "pile",
  "other": "unknown",
};

/** A gate bars the bay when it is closed. */
const BARS = { open: "down", closed: "up", moving: "moving", fault: "fault" } as const;

export function commandOf(fact: DeviceFact, card: Card | undefined): FactCommand {
  const { connector, at: deviceAt, orderId } = fact;
  const where = { connector, deviceAt };
  const order = orderId === undefined ? {} : { orderId };
  const fault = (
    data: { code: string; raw?: string | undefined },
    severity: "info" | "warning" | "critical",
    by: RawCause["by"] = "pile",
  ): FactCommand => {
    const cause = { code: data.code, by, ...(data.raw === undefined ? {} : { raw: data.raw }) };
    return { type: "ReportFault", body: { ...where, cause, severity } };
  };
  switch (fact.kind) {
    case "plugged":
    case "unplugged":
      return { type: "ReportPlug", body: { ...where, plugged: fact.kind === "plugged" } };
    case "charging":
      return { type: "ReportStarted", body: { ...where, ...order, ...fact.data, ...cardOf(card) } };
    case "meter":
    case "tariff-edge":
      return { type: "ReportMeter", body: { ...where, ...fact.data } };
    // energy has stopped, the charge is not ended: its reading must not be lost
    case "stopped":
      return {
        type: "ReportMeter",
        body: { ...where, registerWh: fact.data.registerWh, powerW: 0 },
      };
    case "limit-reached":
      return { type: "ReportMeter", body: { ...where, registerWh: fact.data.registerWh } };
    case "ended":
      return { type: "ReportEnded", body: { ...where, ...order, ...endOf(fact.data) } };
    case "fault":
      return fault(fact.data, fact.data.severity);
    case "fault-cleared":
      return { type: "ReportFaultCleared", body: where };
    case "tamper":
      return fault(fact.data, "critical", "unknown");
    case "estop":
      return fault({ code: "estop" }, "critical", "user");
    case "lock":
      return { type: "ReportLock", body: { ...where, seen: fact.data } };
    case "gate":
      return {
        type: "ReportLock",
        body: { ...where, seen: { ...fact.data, state: BARS[fact.data.state] } },
      };
  }
}

const cardOf = (card: Card | undefined) => {
  if (card === undefined) return {};
  if (card === null) return { cardUserId: null };
  return { cardUserId: card.userId, ...(card.blocked === true ? { cardBlocked: true } : {}) };
};

function endOf(data: Extract<DeviceFact, { kind: "ended" }>["data"]) {
  const { registerWh, reason, code, raw } = data;
  const end: EndReason = reason;
  const cause = {
    code: code ?? reason,
    by: endedBy[reason],
    ...(raw === undefined ? {} : { raw }),
  };
  return { registerWh, reason: end, cause };
}
