// What people change about a bill: ops take something off, above a limit only with others' approval; the
// driver appeals. Never more back than was paid (M3); the order's own status stays what it is.
import { isoOf } from "../../wire/units.ts";
import { hashOf } from "../approval/mod.ts";
import { type Ctx, nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole, isActor } from "../kit/who.ts";
import { claimsOf } from "./claims.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import { payloadOf } from "./payload.ts";
import { owes, paid } from "./pay.ts";
import { type Adjustment, type Due, dueFenOf, type Known, type Of, type Paid } from "./state.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

/** Open proposals of one order; more than a bill ever needs. */
const PROPOSALS_MAX = 3;
const APPEALS_MAX = 5;

type Adjustable = Paid | Due;
const isAdjustable = (state: Known): state is Adjustable => state.status === "paid" || owes(state);

/** How much may still be taken off: what the true meter gave back is gone (M3). */
function mostFen(state: Adjustable): number {
  const backFen = Math.min(0, state.correction?.fen ?? 0);
  if (state.status !== "paid") return dueFenOf(state) + backFen;
  return state.paidFen - claimsOf(state).refundedFen + backFen;
}

/** Why it cannot be done now; null: it can. */
function hindrance(state: Known, fen: number): ReturnType<typeof refuse> | null {
  if (!isAdjustable(state)) return refuse("order.nothing-due", { status: state.status });
  if (owes(state) && state.attempt) return refuse("payment.other-open", { by: state.attempt.by });
  const maxFen = mostFen(state);
  return fen > maxFen ? refuse("refund.too-much", { maxFen }) : null;
}

/** Ops take an amount off. Reply: {adjustmentId}, or {approvalId} where others have to agree. */
export function adjustOrder(state: Known, command: Of<"AdjustOrder">, ctx: OrderCtx): Decided {
  const { fen, reason, name } = command;
  const unguarded = ctx.without.has("bill.adjusted-by-roles");
  if (!unguarded && !hasRole(ctx.principal, "finance", "service")) return refuse("auth.forbidden");
  const hindered = hindrance(state, fen);
  if (hindered) return hindered;
  const { n, proposals } = claimsOf(state);
  const id = `${ctx.self.id.slice(4)}-${n + 1}`;
  if (unguarded || fen <= ctx.settings.approvalFen) {
    const adjustment = { adjustmentId: `adj_${id}`, fen, reason, by: ctx.principal.id };
    return replied(
      made(state as Adjustable, adjustment),
      () => ({ adjustmentId: adjustment.adjustmentId }),
    );
  }
  if (Object.keys(proposals).length >= PROPOSALS_MAX) {
    return refuse("overloaded", { proposals: PROPOSALS_MAX });
  }
  const approvalId = `apr_${id}`;
  const proposal = { fen, reason, by: ctx.principal.id, name };
  return replied([{ type: "AdjustmentProposed", approvalId, proposal }], () => ({ approvalId }));
}

/** The approval was given: done exactly as it was asked, once. */
export function executeApproved(
  state: Known,
  { approvalId, payloadHash, approvers }: Of<"ExecuteApproved">,
  ctx: OrderCtx,
): Decided {
  if (!isActor(ctx.principal, "approval", approvalId)) return refuse("auth.forbidden");
  const proposal = claimsOf(state).proposals[approvalId];
  if (!proposal) return refuse("approval.closed", { approvalId });
  if (hashOf(payloadOf(ctx.self.id, proposal)) !== payloadHash) {
    return refuse("approval.payload-changed", {});
  }
  const hindered = hindrance(state, proposal.fen);
  if (hindered) return hindered;
  const { fen, reason, by } = proposal;
  const adjustmentId = `adj_${approvalId.slice(4)}`;
  const adjustment = { adjustmentId, fen, reason, by, approvalId, approvers };
  return made(state as Adjustable, adjustment);
}

export function approvalOver(state: Known, { approvalId }: Of<"ApprovalOver">, ctx: Ctx): Decided {
  if (!isActor(ctx.principal, "approval", approvalId)) return refuse("auth.forbidden");
  return claimsOf(state).proposals[approvalId]
    ? [{ type: "ProposalDropped", approvalId }]
    : nothing;
}

function made(state: Adjustable, adjustment: Adjustment): OrderEvent[] {
  const { fen } = adjustment;
  if (state.status === "paid") {
    const all = fen === mostFen(state);
    const coupon = all ? state.bill.coupon?.terms.id : undefined;
    const back = coupon === undefined ? {} : { couponId: coupon };
    return [{ type: "AdjustmentMade", ...adjustment, to: "balance", ...back }];
  }
  const to = state.capturedFen === null ? "bill" : "due";
  // 服务费 first, as a coupon does: it is the platform's own part.
  const service = state.bill.serviceFen - (state.coupon?.serviceFen ?? 0) -
    (state.adjusted?.serviceFen ?? 0);
  const serviceFen = to === "bill" ? Math.min(service, fen) : 0;
  const energyFen = to === "bill" ? fen - serviceFen : 0;
  const event: OrderEvent = { type: "AdjustmentMade", ...adjustment, to, energyFen, serviceFen };
  if (fen < dueFenOf(state)) return [event];
  const adjusted = {
    fen: (state.adjusted?.fen ?? 0) + fen,
    energyFen: (state.adjusted?.energyFen ?? 0) + energyFen,
    serviceFen: (state.adjusted?.serviceFen ?? 0) + serviceFen,
  };
  return [event, paid({ ...state, adjusted }, { by: "nothing" }, null)];
}

/** The wallet took the money's way, or says why not: then a person has to look. */
export function refundAnswered(
  state: Known,
  { answer, ref }: Of<"RefundAnswered">,
  ctx: OrderCtx,
): Decided {
  if (answer.ok) return nothing;
  const { code } = answer.refusal;
  return [incident(ctx.self.id, {
    row: "4.3",
    cause: "adjustment-not-booked",
    words: "charge.adjusted",
    action: "put-before-person",
    outcome: "needs-person",
  }, { code, status: state.status, ...ref })];
}

/** The driver does not agree with the bill. Reply: {appealId, status}. */
export function appealOrder(state: Known, { text }: Of<"AppealOrder">, ctx: OrderCtx): Decided {
  if (!isAdjustable(state) || ctx.without.has("bill.appeal")) {
    return refuse("order.nothing-due", { status: state.status });
  }
  const { appeals } = claimsOf(state);
  const open = appeals.find(({ status }) => status === "open");
  if (open) return refuse("appeal.open", { appealId: open.appealId, at: isoOf(open.at) });
  if (appeals.length >= APPEALS_MAX) return refuse("overloaded", { appeals: APPEALS_MAX });
  const appealId = `apl_${ctx.self.id.slice(4)}-${appeals.length + 1}`;
  return replied([
    { type: "AppealOpened", appealId, text },
    incident(ctx.self.id, {
      row: "4.3",
      cause: "appeal",
      words: "charge.appealed",
      action: "put-before-person",
      outcome: "needs-person",
    }, { appealId }),
  ], () => ({ appealId, status: "open" }));
}

/** Ops have looked and the bill stands; what is granted is an adjustment, which closes it as well. */
export function refuseAppeal(state: Known, { reason }: Of<"RefuseAppeal">, ctx: OrderCtx): Decided {
  if (!hasRole(ctx.principal, "finance", "service")) return refuse("auth.forbidden");
  const open = claimsOf(state).appeals.find(({ status }) => status === "open");
  if (!open) return refuse("appeal.unknown", { orderId: ctx.self.id });
  const { appealId } = open;
  return shown([{ type: "AppealRefused", appealId, reason, by: ctx.principal.id }], ctx);
}
