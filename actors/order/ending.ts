// The charge is over: why (definitions.md, "Endings"), what it costs, and who pays it how.
import type { Ending } from "../../wire/order.ts";
import { refuse } from "../kit/mod.ts";
import { hasRole } from "../kit/who.ts";
import { billOf, energyOf } from "../tariff/mod.ts";
import { corrected, estimateIncident, withBounds } from "./correct.ts";
import type { OrderEvent } from "./events.ts";
import { endingIncident, incident } from "./incidents.ts";
import { askForPayment } from "./pay.ts";
import { idleProven } from "./running.ts";
import type { Charging, Known, Of, Starting, Stopping } from "./state.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

type Open = Starting | Charging | Stopping;

/** Settles the order once; a later report of an end is a note, if it says something else. */
export function chargeEnded(state: Known, command: Of<"ConnectorEnded">, ctx: OrderCtx): Decided {
  if (state.status === "starting" || state.status === "charging" || state.status === "stopping") {
    return settled(state, command, ctx);
  }
  const correction = corrected(state, command, ctx);
  if (correction) return correction;
  const { reason, deviceAt, registerWh } = command;
  if ("end" in state) {
    const { end } = state;
    const same = end.reason === reason && end.deviceAt === deviceAt &&
      end.registerWh === registerWh;
    if (same) return [];
  }
  const facts = { reason, deviceAt, registerWh };
  const note: OrderEvent = { type: "FactNoted", fact: "late-end", facts };
  return state.status === "start-failed" ? [note, ...idleProven(state, "ended")] : [note];
}

function settled(state: Open, command: Of<"ConnectorEnded">, ctx: OrderCtx): OrderEvent[] {
  const { reason, cause, startRegisterWh, registerWh, deviceAt, segments } = command;
  const ending = endingOf(state, command, ctx.without);
  const free = ctx.without.has("bill.from-meter") ||
    ending === "gun-pulled" && ctx.without.has("pull.billed-by-energy");
  const exact = billOf({
    segments: free ? [] : segments,
    startRegisterWh,
    stopRegisterWh: Math.max(registerWh, startRegisterWh),
    startAt: startOf(state, command),
    stopAt: deviceAt,
  }, state.tariff);
  const bill = withBounds(exact, command, state.tariff);
  const review = ctx.without.has("bill.plausibility") ? null : doubtOf(state, command);
  const events: OrderEvent[] = [
    {
      type: "ChargeEnded",
      ending,
      reason,
      ...(cause ? { cause } : {}),
      startRegisterWh,
      registerWh,
      deviceAt,
      segments,
      bill: ctx.without.has("bill.lines-stored") ? { ...bill, lines: [] } : bill,
      review,
      answerTo: "cardAsk" in state && state.cardAsk ? state.cardAsk.answerTo : null,
    },
    ...endingIncident(ctx.self.id, ending, reason, cause),
    ...unasked(state, command, ending, ctx),
    ...estimateIncident(ctx.self.id, bill),
  ];
  if (review !== null) {
    events.push(incident(ctx.self.id, {
      row: "2.8",
      cause: "implausible-meter",
      words: "charge.bill-held",
      action: "bill-held",
      outcome: "needs-person",
    }, { review }));
    return events;
  }
  return [...events, ...askForPayment(state, bill.totalFen, ctx)];
}

/**
 * Ops or a limit ended it, and its driver may not look: they are told why. On record as an exception
 * where the driver did not choose it: a person's hand, or the platform's own maximum.
 */
function unasked(
  state: Open,
  { limit }: Of<"ConnectorEnded">,
  ending: Ending,
  ctx: OrderCtx,
): OrderEvent[] {
  if (ending !== "ops" && ending !== "limit") return [];
  const code = ending === "ops" ? "charge.ops-stopped" : "charge.limit-reached";
  const why = ending === "limit"
    ? limit
    : state.status === "stopping"
    ? state.stop.reason
    : undefined;
  const told: OrderEvent = { type: "EndTold", code, ...(why === undefined ? {} : { why }) };
  if (ending === "limit" && limit !== "platform") return [told];
  return [
    told,
    incident(ctx.self.id, {
      row: "1.7",
      cause: ending === "ops" ? "ops-stopped" : "platform-max",
      words: code,
      action: "billed-by-meter",
      outcome: "handled",
    }, why === undefined ? {} : { why }),
  ];
}

/** When the charge began; its start may never have been told. */
const startOf = (state: Open, { segments, deviceAt }: Of<"ConnectorEnded">): number =>
  ("started" in state ? state.started?.deviceAt : undefined) ?? segments[0]?.fromAt ?? deviceAt;

/** A person has looked: the bill is charged as it stands, or waived. */
export function decideReview(state: Known, command: Of<"DecideReview">, ctx: OrderCtx): Decided {
  if (!hasRole(ctx.principal, "finance", "service")) return refuse("auth.forbidden", {});
  if (state.status !== "bill-review") {
    return "bill" in state ? shown([], ctx) : refuse("order.nothing-due", { status: state.status });
  }
  const { accept, reason } = command;
  const totalFen = accept ? state.bill.totalFen : 0;
  return shown([
    { type: "ReviewDecided", accept, reason, by: ctx.principal.id },
    ...askForPayment(state, totalFen, ctx),
  ], ctx);
}

/** Remote stops are told apart by who asked; everything else by what the pile says. */
export function endingOf(
  state: Open,
  { reason, limit }: Of<"ConnectorEnded">,
  without: OrderCtx["without"],
): Ending {
  switch (reason) {
    case "remote": {
      if (without.has("ending.kinds-apart")) return "vehicle";
      if (limit !== undefined) return "limit";
      const by = state.status === "stopping" ? state.stop.by : "platform";
      return by === "platform" ? "ops" : by;
    }
    case "local":
    case "other":
      return "vehicle";
    case "limit":
      return "limit";
    case "unplugged":
      return without.has("pull.order-ends") ? "vehicle" : "gun-pulled";
    case "unlock":
      return "ops";
    case "emergency-stop":
    case "power-loss":
    case "reset":
    case "deauthorized":
    case "fault":
      return "fault";
  }
}

/** Why the meter cannot be believed as it stands; null: it can. */
function doubtOf(state: Open, command: Of<"ConnectorEnded">): string | null {
  const { implausible, registerWh, startRegisterWh, segments } = command;
  if (implausible !== undefined) return implausible;
  const lastWh = "meter" in state && state.meter ? state.meter.registerWh : startRegisterWh;
  if (registerWh < startRegisterWh || registerWh < lastWh) return "the register fell";
  const wh = energyOf(segments);
  if (wh !== registerWh - startRegisterWh) return "segments and register differ"; // E2
  return null;
}
