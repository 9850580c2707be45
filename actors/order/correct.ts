// An estimated bill: made where the pile was lost before it told the end, and corrected once by the true
// meter. What was too much goes back; of what was too little, more than a limit is waived.
import * as z from "zod";
import { fen as anyFen } from "../../wire/units.ts";
import { billOf, dearestPrice, energyOf } from "../tariff/mod.ts";
import { claimsOf } from "./claims.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import type { Bill, Billed, Known, Of } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

const PER_FEN = 1_000_000;
/** A dearer period may lie in the gap. */
const DEAREST_MS = 24 * 3_600_000;

type Ended = Of<"ConnectorEnded">;

/** The bill with its bounds in money: at least what the meter has shown, at most the dearest. */
export function withBounds(
  bill: Bill,
  { estimated, segments, startRegisterWh, registerWh, deviceAt }: Ended,
  tariff: Billed["tariff"],
): Bill {
  if (!estimated) return bill;
  const { lowWh, highWh, method } = estimated;
  const shown = segments.filter(({ source }) => source !== "estimated");
  const stopRegisterWh = Math.max(lowWh, startRegisterWh);
  const { startAt = deviceAt } = bill;
  const at = { startAt, stopAt: deviceAt };
  const low = billOf({ segments: shown, startRegisterWh, stopRegisterWh, ...at }, tariff);
  const price = dearestPrice(tariff, deviceAt - DEAREST_MS, deviceAt);
  const more = Math.ceil(Math.max(highWh - registerWh, 0) * price / PER_FEN);
  const highFen = bill.totalFen + more;
  return { ...bill, estimated: { lowFen: low.totalFen, highFen, method } };
}

export function estimateIncident(orderId: string, bill: Bill): OrderEvent[] {
  if (!bill.estimated) return [];
  const told = {
    row: "2.5",
    cause: "end-unknown",
    words: "charge.bill-estimated",
    action: "bill-estimated",
    outcome: "retrying",
  } as const;
  return [incident(orderId, told, { totalFen: bill.totalFen, ...bill.estimated })];
}

/** Nothing of the bill is in the books or on its way there: it may be replaced. */
const isUntouched = (state: Known): boolean =>
  state.status === "bill-review" ||
  ((state.status === "awaiting-payment" || state.status === "overdue") &&
    state.capturedFen === null && state.attempt === null);

/** People, a coupon or a review have moved the bill since: by how much the meter would, no rule says. */
const isSettledOtherwise = (state: Extract<Known, Billed>): boolean =>
  claimsOf(state).refundedFen > 0 || state.bill.coupon !== undefined ||
  ("adjusted" in state && state.adjusted !== undefined) ||
  ("coupon" in state && state.coupon !== undefined) ||
  (state.status === "paid" && state.paidFen !== state.bill.totalFen);

/** The pile has told the end of a charge that was billed by a rule. Null: there is nothing to correct. */
export function corrected(state: Known, command: Ended, ctx: OrderCtx): OrderEvent[] | null {
  if (!("bill" in state) || !state.awaitsMeter || command.estimated) return null;
  if (ctx.without.has("gap.corrected")) return null;
  const { segments, startRegisterWh, registerWh, deviceAt, implausible } = command;
  const believed = implausible === undefined &&
    energyOf(segments) === registerWh - startRegisterWh;
  if (!believed) return doubtful(command, ctx, "true-meter-implausible");
  if (isSettledOtherwise(state)) {
    return [{ type: "EstimateStands" }, ...doubtful(command, ctx, "true-meter-late")];
  }
  const { startAt = deviceAt } = state.bill;
  const charge = { segments, startRegisterWh, stopRegisterWh: registerWh, startAt };
  const bill = billOf({ ...charge, stopAt: deviceAt }, state.tariff);
  const diff = bill.totalFen - state.bill.totalFen;
  const most = ctx.without.has("gap.upward-waived") ? diff : ctx.settings.upwardFenMax;
  const fen = Math.min(diff, most);
  const waivedFen = diff - fen;
  const event: OrderEvent = {
    type: "BillCorrected",
    deviceAt,
    registerWh,
    segments,
    bill,
    fromFen: state.bill.totalFen,
    fen,
    waivedFen,
    how: isUntouched(state) && waivedFen === 0 ? "replaced" : "balanced",
  };
  const told = {
    row: "2.5",
    cause: "true-meter",
    words: "charge.bill-corrected",
    action: diff < 0 ? "difference-refunded" : waivedFen > 0 ? "upward-waived" : "bill-corrected",
    outcome: "compensated",
  } as const;
  return [
    event,
    incident(ctx.self.id, told, { fromFen: event.fromFen, fen, waivedFen, registerWh }),
  ];
}

/** A true end that cannot be believed, or that finds the bill settled otherwise: a person looks. */
function doubtful(
  { registerWh, implausible }: Ended,
  { self }: OrderCtx,
  cause: "true-meter-implausible" | "true-meter-late",
): OrderEvent[] {
  return [incident(self.id, {
    row: "2.5",
    cause,
    words: "charge.bill-estimated",
    action: "estimate-stands",
    outcome: "needs-person",
  }, { registerWh, ...(implausible === undefined ? {} : { implausible }) })];
}

const moved = z.object({ fen: anyFen });

/** The wallet has booked the difference, or as much of it as there was balance for. */
export function correctAnswered(state: Known, { answer }: Of<"CorrectAnswered">): Decided {
  if (!("bill" in state) || state.correction?.booked !== false) return [];
  const body = answer.ok ? moved.safeParse(answer.body) : null;
  const fen = body?.success ? body.data.fen : 0;
  return [{ type: "CorrectionBooked", fen, waivedFen: state.correction.fen - fen }];
}

/** Nobody will tell it any more: the estimate stands. */
export const estimateStands = (state: Known): OrderEvent[] =>
  "bill" in state && state.awaitsMeter ? [{ type: "EstimateStands" }] : [];
