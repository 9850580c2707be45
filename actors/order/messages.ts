// Every message that an order sends, its answer, and whether it is the target's last.
import type { Bill } from "../../wire/tariff.ts";
import type { OrderNotice } from "../../wire/order.ts";
import { Call, type Effect, Tell } from "../kit/mod.ts";
import type { EventOf } from "./events.ts";
import { payloadOf } from "./payload.ts";
import type { Claims, Credit, Fen, Known, Lent } from "./state.ts";
import type { OrderCtx } from "./turn.ts";

interface Split {
  energyFen: Fen;
  serviceFen: Fen;
}
const last = { last: true };

export function toUser(
  { userId, pileId, connector, reservationId }: Known,
  { self }: OrderCtx,
) {
  const to = { kind: "user", id: userId };
  const orderId = self.id;
  const back = { onReply: "UserAnswered", ref: {} };
  const at = reservationId === undefined ? { at: { pileId, connector } } : {};
  return {
    open: (by: string): Effect => Tell(to, "OpenOrder", { orderId, by, ...at }, back),
    /** By a card at the pile, where it charges already. */
    openByCard: (): Effect => Tell(to, "OpenOrder", { orderId, by: "wallet" }, back),
    close: (debtFen: Fen, isLast: boolean): Effect =>
      Tell(to, "CloseOrder", { orderId, debtFen }, isLast ? last : {}),
    owes: (debtFen: Fen): Effect => Tell(to, "CloseOrder", { orderId, debtFen, credit: true }),
    settleDebt: (): Effect => Tell(to, "SettleDebt", { orderId }, last),
    owesStay: (fen: Fen): Effect => Tell(to, "OweOverstay", { orderId, fen }),
    settleStay: (): Effect => Tell(to, "SettleOverstay", { orderId }),
    countStay: (): Effect => Tell(to, "CountOverstay", { orderId }),
    uncountStay: (): Effect => Tell(to, "UncountOverstay", { orderId }),
  };
}

export function toPile(
  { pileId, connector, userId, limit, reservationId }: Known,
  { self }: OrderCtx,
) {
  const to = { kind: "pile", id: pileId };
  const body = { orderId: self.id, connector };
  const promise = reservationId === undefined ? {} : { reservationId };
  return {
    keep: (tariffVersion: string): Effect =>
      Tell(to, "KeepConnector", { ...body, userId, tariffVersion, ...promise }, {
        onReply: "KeepAnswered",
        ref: {},
      }),
    letGo: (): Effect => Tell(to, "LetConnectorGo", body, last),
    start: (holdFen: Fen | null): Effect =>
      Tell(to, "StartConnector", { ...body, limit, holdFen }, {
        onReply: "StartAnswered",
        ref: {},
      }),
    raise: (holdFen: Fen): Effect => Tell(to, "RaiseLimit", { ...body, holdFen }),
    askBay: (): Effect =>
      Tell(to, "AskBay", { orderId: self.id, connector }, { onReply: "BayAnswered", ref: {} }),
    release: (by: string, reason: string, shut: boolean): Effect =>
      Tell(to, "ReleaseBay", { orderId: self.id, connector, by, reason, shut }),
    stop: (by: "user" | "ops" | "limit" | "platform"): Effect =>
      Tell(to, "StopConnector", { ...body, by }, { onReply: "StopAnswered", ref: {}, ...last }),
  };
}

const promiseOf = ({ reservationId }: Known) =>
  reservationId === undefined ? {} : { reservationId };
const mayFollow = (state: Known): boolean =>
  "awaitsMeter" in state || ("bill" in state && state.bill.totalFen > 0);

export function toWallet(state: Known, { self, without }: OrderCtx) {
  const to = { kind: "wallet", id: state.userId };
  const orderId = self.id;
  const tariff = "kept" in state
    ? state.kept?.tariff
    : "tariff" in state
    ? state.tariff
    : undefined;
  const currency = tariff ? { currency: tariff.currency } : {};
  const promise = without.has("reserve.one-posting") ? {} : promiseOf(state);
  return {
    hold: (fen: Fen, credit?: Credit): Effect => {
      const body = { orderId, fen, ...currency, ...(credit ? { credit } : {}), ...promise };
      return Tell(to, "PlaceHold", body, { onReply: "HoldAnswered", ref: {} });
    },
    // of a start that never was: its deposit stands again
    undo: (): Effect => Tell(to, "ReleaseHold", { orderId, why: "declined", ...promise }, last),
    raise: (toFen: Fen, answerTo: string): Effect =>
      Tell(to, "RaiseHold", { orderId, toFen }, {
        onReply: "TopUpAnswered",
        ref: { answerTo, toFen },
      }),
    // a correction by the true meter, or by hand, may follow in this lane
    release: (why: string): Effect =>
      Tell(to, "ReleaseHold", { orderId, why }, mayFollow(state) ? {} : last),
    correct: (fen: number, split: Split, reason: string): Effect =>
      Tell(to, "CorrectBill", { orderId, fen, ...split, reason }, {
        onReply: "CorrectAnswered",
        ref: {},
      }),
    capture: (billFen: Fen, split: Split, answerTo: string | null): Effect =>
      Tell(
        to,
        "CaptureHold",
        // the balance may help out: by consent at the start, or by the driver's own tap
        { orderId, billFen, ...split, fromBalance: true },
        { onReply: "CaptureAnswered", ref: { answerTo } },
      ),
    useCoupon: (couponId: string, bill: Bill, answerTo: string | null): Effect =>
      Tell(to, "UseCoupon", { orderId, couponId, bill }, {
        onReply: "CouponAnswered",
        ref: { answerTo },
      }),
    refund: (
      { adjustmentId: refundId, fen, to: way, reason, ...more }: EventOf<"AdjustmentMade">,
    ) => {
      const { energyFen = 0, serviceFen = 0 } = more;
      const body = { refundId, orderId, fen, to: way, energyFen, serviceFen, why: reason };
      return Tell(to, "RefundOrder", body, { onReply: "RefundAnswered", ref: { refundId } });
    },
    returnCoupon: (couponId: string, why: string): Effect =>
      Tell(to, "ReturnCoupon", { orderId, couponId, why }),
    pay: (fen: Fen, split: Split, answerTo: string | null): Effect =>
      Tell(to, "PayFromBalance", { orderId, fen, ...split }, {
        onReply: "WalletPayAnswered",
        ref: { answerTo },
      }),
  };
}

/** The fee for staying, which the wallet books apart from the bill. */
export function toPurse({ userId }: Known, { self: { id: orderId } }: OrderCtx) {
  const to = { kind: "wallet", id: userId };
  return {
    pay: (fen: Fen, answerTo: string | null): Effect =>
      Tell(to, "PayOverstay", { orderId, fen }, {
        onReply: "OverstayAnswered",
        ref: { answerTo },
      }),
    giveBack: (fen: Fen, why: string): Effect => Tell(to, "ReturnOverstay", { orderId, fen, why }),
  };
}

export function toPayment(
  { userId }: Known,
  { self }: OrderCtx,
  { paymentId, by, answerTo }: Pick<EventOf<"PaymentAsked">, "paymentId" | "by" | "answerTo">,
  purpose: "bill" | "overstay" = "bill",
) {
  return {
    open: (fen: Fen, split: Split, lent: Lent | null): Effect =>
      Tell({ kind: "payment", id: paymentId }, "OpenPayment", {
        userId,
        purpose,
        orderId: self.id,
        fen,
        ...split,
        by,
        ...(lent ? { bindingId: lent.id, contract: lent.contract } : {}),
      }, { onReply: "PaymentAnswered", ref: { paymentId, answerTo }, ...last }),
  };
}

/** Others are asked to agree to exactly this. */
export function toApproval(
  { self, at, settings }: OrderCtx,
  approvalId: string,
  proposal: Claims["proposals"][string],
): Effect {
  const { by, name } = proposal;
  return Tell({ kind: "approval", id: approvalId }, "OpenApproval", {
    action: "adjust-order",
    targetId: self.id,
    payload: payloadOf(self.id, proposal),
    requestedBy: { opsId: by, name },
    need: settings.approvers,
    expiresAt: at + settings.approvalMs,
  });
}

/** Somebody is to look at the bay: one task for one stay. */
export function toPatrol(state: Known, { self }: OrderCtx, suffix = "") {
  const { pileId, connector } = state;
  const to = { kind: "patrol", id: `ptl_${self.id.slice(4)}${suffix}` };
  const station = "stationId" in state ? { stationId: state.stationId } : {};
  return {
    open: (cause: "overstay" | "still-parked"): Effect =>
      Tell(to, "OpenPatrol", { cause, orderId: self.id, pileId, connector, ...station }),
    withdraw: (why: string): Effect => Tell(to, "WithdrawPatrol", { why }),
  };
}

/** A matter of its driver that a person has to decide: one ticket for one stay. */
export function toTicket(state: Known, { self }: OrderCtx) {
  const { userId, pileId } = state;
  const to = { kind: "ticket", id: `tkt_${self.id.slice(4)}-bay` };
  const station = "stationId" in state ? { stationId: state.stationId } : {};
  const about = { userId, orderId: self.id, pileId, ...station };
  return {
    open: (text: string): Effect => Tell(to, "OpenMatter", { ...about, text }),
    close: (note: string): Effect => Tell(to, "CloseMatter", { note }),
  };
}

/** One notice to the driver; by which ways it goes says wire/notice.ts. */
export function notify(
  { userId, pileId }: Known,
  { tenant, self }: OrderCtx,
  code: OrderNotice,
  facts: Record<string, unknown>,
): Effect {
  return Call("notify", userId, {
    tenant,
    userId,
    code,
    facts: { orderId: self.id, pileId, ...facts },
  });
}
