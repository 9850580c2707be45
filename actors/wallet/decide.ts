// Money moves only here, for orders and payments that ask: each may ask twice and moves it once.
// Sizes of holds and bills are decided by the order; what a provider paid by the payment.
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { grantCoupon, returnCoupon, useCoupon } from "./coupon.ts";
import { bookOverstay, payOverstay, returnOverstay } from "./overstay.ts";
import { depositAgain, depositIn, placeDeposit, settleDeposit } from "./deposit.ts";
import {
  adjustmentPostings,
  billPostings,
  capturePostings,
  correctionPostings,
  creditCapturePostings,
  creditPostings,
  creditReleasePostings,
  holdPostings,
  rechargePostings,
  refundPostings,
  releasePostings,
} from "./postings.ts";
import {
  creditUsedFen,
  forgettable,
  isFull,
  isPaid,
  openDueFen,
  type OpenWallet,
  type OrderBook,
  ORDERS_MAX,
  paidCharges,
  PAYMENTS_MAX,
  type WalletCommand,
  type WalletEvent,
  type WalletState,
} from "./state.ts";

type Of<T extends WalletCommand["type"]> = Extract<WalletCommand, { type: T }>;
type Decided = Decision<WalletEvent, WalletState>;

export function decide(state: WalletState, command: WalletCommand, ctx: Ctx): Decided {
  if (command.type === "OpenWallet") {
    if (state.status === "open") return nothing;
    return [{ type: "WalletOpened", currency: command.currency }];
  }
  if (command.type === "TimerFired") return nothing;
  if (state.status === "absent") return refuse("wallet.unknown", { userId: ctx.self.id });
  switch (command.type) {
    case "PlaceHold":
      return placeHold(state, command, ctx);
    case "RaiseHold":
      return raiseHold(state, command, ctx);
    case "CaptureHold":
      return captureHold(state, command, ctx);
    case "ReleaseHold":
      return releaseHold(state, command, ctx);
    case "PlaceDeposit":
      return placeDeposit(state, command, ctx);
    case "SettleDeposit":
      return settleDeposit(state, command, ctx);
    case "RefundOrder":
      return refundOrder(state, command, ctx);
    case "GrantCoupon":
      return grantCoupon(state, command, ctx);
    case "UseCoupon":
      return useCoupon(state, command, ctx);
    case "ReturnCoupon":
      return returnCoupon(state, command, ctx);
    case "PayFromBalance":
      return payFromBalance(state, command, ctx);
    case "BookPayment":
      return bookPayment(state, command, ctx);
    case "BookRefund":
      return bookRefund(state, command, ctx);
    case "CorrectBill":
      return correctBill(state, command, ctx);
    case "PayOverstay":
      return payOverstay(state, command, ctx);
    case "ReturnOverstay":
      return returnOverstay(state, command, ctx);
  }
}

/** Sets money aside for one order; asked again, the answer is the same. */
function placeHold(wallet: OpenWallet, command: Of<"PlaceHold">, ctx: Ctx): Decided {
  const { orderId, fen, currency } = command;
  const book = wallet.orders[orderId];
  if (book?.status === "held") return same({ fen: book.fen });
  if (book) return refuse("wallet.hold-closed", { orderId });
  if (currency && currency !== wallet.currency) {
    return refuse("wallet.hold-refused", { currency: wallet.currency });
  }
  if (command.credit) return lendHold(wallet, { ...command, credit: command.credit }, ctx);
  const deposit = depositIn(wallet, command.reservationId);
  const availableFen = wallet.balanceFen + (deposit?.fen ?? 0);
  if (availableFen < fen) {
    if (ctx.without.has("balance.precheck")) {
      return placeHold(wallet, { ...command, fen: availableFen }, ctx);
    }
    const facts = { needFen: fen, availableFen };
    return refuse(
      "wallet.balance-too-low",
      ctx.without.has("balance.recharge-entry") ? {} : facts,
    );
  }
  if (!hasRoom(wallet, ctx.at)) return refuse("overloaded", { orders: ORDERS_MAX });
  const both = holdPostings(ctx.self.id, orderId, fen, deposit);
  const postings = ctx.without.has("books.lines") ? both.slice(0, 1) : both;
  const moved = { postings, balanceFen: availableFen - fen, v: ctx.v + 1 };
  const part = deposit ? { deposit } : {};
  return replied([{ type: "HoldPlaced", orderId, fen, ...part, ...moved }], () => ({ fen }));
}

/** 先充后补: the hold is lent, to those who have paid before, within their limit. */
function lendHold(
  wallet: OpenWallet,
  { orderId, fen, credit }: Of<"PlaceHold"> & { credit: { limitFen: number; paidMin: number } },
  ctx: Ctx,
): Decided {
  const { limitFen, paidMin } = credit;
  const paid = paidCharges(wallet);
  if (paid < paidMin) return refuse("wallet.credit-refused", { why: "too-new", paid, paidMin });
  const usedFen = creditUsedFen(wallet);
  if (usedFen + fen > limitFen && !ctx.without.has("credit.limit")) {
    return refuse("wallet.credit-refused", { why: "limit", limitFen, usedFen });
  }
  if (!hasRoom(wallet, ctx.at)) return refuse("overloaded", { orders: ORDERS_MAX });
  const postings = creditPostings(ctx.self.id, orderId, fen);
  const moved = { postings, balanceFen: wallet.balanceFen, v: ctx.v + 1 };
  return replied([{ type: "CreditPlaced", orderId, fen, ...moved }], () => ({ fen }));
}

/** Sets more aside for an order that runs: up to so much in all, so that a repeat raises nothing. */
function raiseHold(wallet: OpenWallet, command: Of<"RaiseHold">, ctx: Ctx): Decided {
  const { orderId, toFen } = command;
  const book = wallet.orders[orderId];
  if (!book) return refuse("wallet.hold-unknown", { orderId });
  if (book.status === "closed" || book.paidFen > 0) {
    return refuse("wallet.hold-closed", { orderId });
  }
  if (book.credit) return refuse("wallet.credit-refused", { why: "limit" });
  const fen = toFen - book.fen;
  if (fen <= 0) return same({ fen: book.fen });
  if (wallet.balanceFen < fen) {
    return refuse("wallet.balance-too-low", { needFen: fen, availableFen: wallet.balanceFen });
  }
  const postings = holdPostings(ctx.self.id, orderId, fen);
  const moved = { postings, balanceFen: wallet.balanceFen - fen, v: ctx.v + 1 };
  return replied([{ type: "HoldRaised", orderId, fen, toFen, ...moved }], () => ({ fen: toFen }));
}

/** Takes the bill from the hold and frees the rest in the same event. */
function captureHold(wallet: OpenWallet, command: Of<"CaptureHold">, ctx: Ctx): Decided {
  const { orderId, billFen, energyFen, serviceFen, fromBalance } = command;
  if (billFen === 0) return noAmount();
  if (energyFen + serviceFen !== billFen) {
    return refuse("command.malformed", { why: "the split is not the bill" });
  }
  const book = wallet.orders[orderId];
  if (!book) return refuse("wallet.hold-unknown", { orderId });
  if (book.status === "closed") return capturedBefore(orderId, book);
  if (book.paidFen > 0) return refuse("wallet.hold-closed", { orderId });
  if (book.credit) return captureCredit(wallet, command, book.fen, ctx);
  const capturedFen = Math.min(book.fen, billFen);
  const releasedFen = book.fen - capturedFen;
  const shortFen = billFen - capturedFen;
  const fromBalanceFen = fromBalance && wallet.balanceFen >= shortFen ? shortFen : 0;
  const dueFen = shortFen - fromBalanceFen;
  const postings = capturePostings(
    ctx.self.id,
    orderId,
    { heldFen: book.fen, releasedFen, fromBalanceFen, dueFen },
    { energyFen, serviceFen },
  );
  const balanceFen = wallet.balanceFen + releasedFen - fromBalanceFen;
  const parts = { capturedFen, releasedFen, fromBalanceFen, dueFen };
  return replied(
    [{ type: "HoldCaptured", orderId, ...parts, postings, balanceFen, v: ctx.v + 1 }],
    () => ({ capturedFen: capturedFen + fromBalanceFen, releasedFen, dueFen }),
  );
}

/** What was charged on credit is due now, or paid at once by a balance that covers it. */
function captureCredit(
  wallet: OpenWallet,
  { orderId, billFen, energyFen, serviceFen, fromBalance }: Of<"CaptureHold">,
  heldFen: number,
  ctx: Ctx,
): Decided {
  const fromBalanceFen = fromBalance && wallet.balanceFen >= billFen ? billFen : 0;
  const dueFen = billFen - fromBalanceFen;
  const parts = { heldFen, fromBalanceFen, dueFen };
  const split = { energyFen, serviceFen };
  const postings = creditCapturePostings(ctx.self.id, orderId, parts, split);
  const moved = { postings, balanceFen: wallet.balanceFen - fromBalanceFen, v: ctx.v + 1 };
  const taken = { capturedFen: 0, releasedFen: heldFen, fromBalanceFen, dueFen };
  return replied(
    [{ type: "HoldCaptured", orderId, ...taken, credit: true, ...moved }],
    () => ({ capturedFen: fromBalanceFen, releasedFen: heldFen, dueFen }),
  );
}

function capturedBefore(orderId: string, book: Extract<OrderBook, { status: "closed" }>): Decided {
  const capturedFen = book.capturedFen + book.fromBalanceFen;
  if (capturedFen + book.shortFen === 0) return refuse("wallet.hold-closed", { orderId });
  return same({ capturedFen, releasedFen: book.releasedFen, dueFen: book.shortFen });
}

/** Frees a hold. Before the hold it leaves a tombstone, so that a late hold cannot stand. */
function releaseHold(wallet: OpenWallet, command: Of<"ReleaseHold">, ctx: Ctx): Decided {
  const { orderId, why } = command;
  const book = wallet.orders[orderId];
  if (!book) {
    if (!hasRoom(wallet, ctx.at)) return refuse("overloaded", { orders: ORDERS_MAX });
    return replied([{ type: "HoldBarred", orderId, why }], () => ({ releasedFen: 0 }));
  }
  if (book.status === "closed") return same({ releasedFen: book.releasedFen });
  const { fen, credit } = book;
  const deposit = credit ? null : depositAgain(wallet, command.reservationId, { orderId, fen });
  const postings = credit
    ? creditReleasePostings(ctx.self.id, orderId, fen)
    : releasePostings(ctx.self.id, orderId, fen, deposit);
  const balanceFen = wallet.balanceFen + (credit ? 0 : fen - (deposit?.fen ?? 0));
  const moved = { postings, balanceFen, v: ctx.v + 1 };
  const part = deposit ? { deposit } : {};
  return replied(
    [{ type: "HoldReleased", orderId, fen, why, ...part, ...moved }],
    () => ({ releasedFen: fen }),
  );
}

/** Pays a bill, or what a capture left due, from the free balance; once per order. */
function payFromBalance(wallet: OpenWallet, command: Of<"PayFromBalance">, ctx: Ctx): Decided {
  const { orderId, fen, energyFen, serviceFen } = command;
  if (fen === 0) return noAmount();
  const book = wallet.orders[orderId];
  if (isPaid(book)) return same({ fen });
  const dueFen = openDueFen(book);
  if (dueFen + energyFen + serviceFen !== fen) {
    return refuse("command.malformed", { why: "the split is not the amount", dueFen });
  }
  if (wallet.balanceFen < fen) {
    return refuse("wallet.balance-too-low", { needFen: fen, availableFen: wallet.balanceFen });
  }
  if (!book && !hasRoom(wallet, ctx.at)) return refuse("overloaded", { orders: ORDERS_MAX });
  const postings = billPostings(`wallet:${ctx.self.id}`, orderId, dueFen, {
    energyFen,
    serviceFen,
  });
  const moved = { postings, balanceFen: wallet.balanceFen - fen, v: ctx.v + 1 };
  return replied([{ type: "BillPaid", orderId, fen, ...moved }], () => ({ fen }));
}

/** The true meter came after the bill was paid: the difference, once. No debt is made of it. */
function correctBill(wallet: OpenWallet, command: Of<"CorrectBill">, ctx: Ctx): Decided {
  const { orderId, fen, energyFen, serviceFen, reason } = command;
  if (energyFen + serviceFen !== fen) {
    return refuse("command.malformed", { why: "the split is not the amount" });
  }
  const book = wallet.orders[orderId];
  if (book?.status === "held") return refuse("wallet.hold-unknown", { orderId });
  if (book?.correctedFen !== undefined) return same({ fen: book.correctedFen });
  const moved = Math.min(fen, wallet.balanceFen);
  if (moved === 0) return same({ fen: 0 });
  const energy = moved === fen ? energyFen : Math.trunc(energyFen * moved / fen);
  const parts = { energyFen: energy, serviceFen: moved - energy };
  const postings = correctionPostings(ctx.self.id, parts);
  const balanceFen = wallet.balanceFen - moved;
  return replied(
    [{ type: "BillCorrected", orderId, fen: moved, reason, postings, balanceFen, v: ctx.v + 1 }],
    () => ({ fen: moved }),
  );
}

/** Provider money that arrived. For a bill that is paid already it is not taken: it goes back. */
function bookPayment(wallet: OpenWallet, command: Of<"BookPayment">, ctx: Ctx): Decided {
  const { paymentId, purpose, orderId, by, fen, energyFen, serviceFen } = command;
  if (fen === 0) return noAmount();
  const isBooked = Object.hasOwn(wallet.booked, paymentId);
  if (isBooked && !ctx.without.has("pay.one-inside")) return nothing;
  if (isFull(wallet.booked, ctx.at)) return refuse("overloaded", { payments: PAYMENTS_MAX });
  const head = { type: "PaymentBooked" as const, paymentId, by, fen, v: ctx.v + 1 };
  if (purpose === "recharge" || !orderId) {
    const postings = rechargePostings(ctx.self.id, by, fen);
    const balanceFen = wallet.balanceFen + fen;
    return [{ ...head, to: "balance", postings, balanceFen }];
  }
  if (purpose === "overstay") return bookOverstay(wallet, command, orderId, ctx);
  const book = wallet.orders[orderId];
  if (isPaid(book)) return refuse("due.closed", { orderId });
  const dueFen = openDueFen(book);
  if (dueFen + energyFen + serviceFen !== fen) {
    return refuse("command.malformed", { why: "the split is not the amount", dueFen });
  }
  if (!book && !hasRoom(wallet, ctx.at)) return refuse("overloaded", { orders: ORDERS_MAX });
  const postings = billPostings(`provider:${by}`, orderId, dueFen, { energyFen, serviceFen });
  return [{ ...head, to: "bill", orderId, postings, balanceFen: wallet.balanceFen }];
}

/** A correction that the order has decided; told twice, done once. */
function refundOrder(wallet: OpenWallet, command: Of<"RefundOrder">, ctx: Ctx): Decided {
  const { refundId, orderId, fen, to, why, energyFen, serviceFen } = command;
  if (!isActor(ctx.principal, "order", orderId)) return refuse("auth.forbidden");
  if (Object.hasOwn(wallet.booked, refundId)) return nothing;
  if (isFull(wallet.booked, ctx.at)) return refuse("overloaded", { payments: PAYMENTS_MAX });
  if (to === "due" && fen > openDueFen(wallet.orders[orderId])) {
    return refuse("refund.too-much", { maxFen: openDueFen(wallet.orders[orderId]) });
  }
  const balanceFen = wallet.balanceFen + (to === "balance" ? fen : 0);
  const postings = adjustmentPostings(ctx.self.id, { orderId, fen, to }, {
    energyFen,
    serviceFen,
  });
  const moved = { postings, balanceFen, v: ctx.v + 1 };
  return [{ type: "AdjustmentBooked", refundId, orderId, fen, to, why, ...moved }];
}

/** Money of the free balance that goes back through its provider; once for each refund's number. */
function bookRefund(wallet: OpenWallet, command: Of<"BookRefund">, ctx: Ctx): Decided {
  const { paymentId, refundId, by, fen } = command;
  if (fen === 0) return noAmount();
  if (Object.hasOwn(wallet.booked, refundId)) return nothing;
  if (wallet.balanceFen < fen) {
    return refuse("wallet.balance-too-low", { needFen: fen, availableFen: wallet.balanceFen });
  }
  if (isFull(wallet.booked, ctx.at)) return refuse("overloaded", { payments: PAYMENTS_MAX });
  const postings = refundPostings(ctx.self.id, by, fen);
  const moved = { postings, balanceFen: wallet.balanceFen - fen, v: ctx.v + 1 };
  return [{ type: "RefundBooked", paymentId, refundId, by, fen, ...moved }];
}

const noAmount = (): Decided => refuse("command.malformed", { why: "no amount" });
const same = (answer: Record<string, unknown>): Decided => replied([], () => answer);

function hasRoom(wallet: OpenWallet, at: number): boolean {
  const books = Object.values(wallet.orders);
  return books.length < ORDERS_MAX || books.some((book) => forgettable(book, at));
}
