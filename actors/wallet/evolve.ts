// Folds money events into balance, books and lines; what is over a bound and too old goes here.
import { isoOf } from "../../wire/units.ts";
import { withCoupon, withGranted } from "./coupon.ts";
import { evolveDeposit, withPart } from "./deposit.ts";
import { assert } from "../kit/assert.ts";
import {
  forgettable,
  KEEP_MS,
  LINES_MAX,
  OLD_KEPT,
  type OpenWallet,
  type OrderBook,
  overstayKey,
  returnKey,
  type WalletEvent,
  type WalletState,
} from "./state.ts";

type Moved = Extract<WalletEvent, { postings: unknown }>;

export function evolve(
  state: WalletState,
  event: WalletEvent,
  { at }: { at: number },
): WalletState {
  if (event.type === "WalletOpened") {
    const { currency } = event;
    return { status: "open", currency, balanceFen: 0, orders: {}, booked: {}, lines: [] };
  }
  assert(state.status === "open", "money moved in no wallet", { event: event.type });
  if (event.type === "HoldBarred") return withBook(state, event.orderId, closed({ at }), at);
  if (event.type === "CouponGranted") {
    return withGranted(state, { terms: event.terms, use: null, returned: false }, at);
  }
  if (event.type === "DepositBarred") return evolveDeposit(state, event, at);
  assert(event.balanceFen >= 0, "a balance below zero", { event: event.type });
  const lines = [...state.lines, ...linesOf(state, event, at)].slice(-LINES_MAX);
  const moved = { ...state, balanceFen: event.balanceFen, lines };
  switch (event.type) {
    case "HoldPlaced":
    case "HoldReleased":
      return withPart(evolveHold(moved, event, at), event, at);
    case "CreditPlaced":
    case "HoldRaised":
    case "HoldCaptured":
      return evolveHold(moved, event, at);
    case "DepositHeld":
    case "DepositSettled":
      return evolveDeposit(moved, event, at);
    case "AdjustmentBooked": {
      const booked = withPayment(moved.booked, event.refundId, at);
      const after = { ...moved, booked };
      return event.to === "due" ? withPaid(after, event.orderId, event.fen, at) : after;
    }
    case "CouponUsed": {
      const { orderId, couponId, use } = event;
      return withCoupon(moved, couponId, (coupon) => ({ ...coupon, use: { ...use, orderId } }));
    }
    case "CouponReturned": {
      const back = { use: null, returned: true };
      return withCoupon(moved, event.couponId, ({ terms }) => ({ terms, ...back }));
    }
    case "BillCorrected": {
      const book = state.orders[event.orderId] ?? closed({ at });
      return withBook(moved, event.orderId, { ...book, correctedFen: event.fen, at } as Closed, at);
    }
    case "BillPaid":
      return withPaid(moved, event.orderId, event.fen, at);
    case "OverstayBooked":
    case "OverstayReturned":
      return { ...moved, booked: withOverstay(moved.booked, event, at) };
    case "RefundBooked":
      return { ...moved, booked: withPayment(moved.booked, event.refundId, at) };
    case "PaymentBooked": {
      const booked = withPayment(moved.booked, event.paymentId, at);
      if (event.to === "balance" || !event.orderId) return { ...moved, booked };
      return withPaid({ ...moved, booked }, event.orderId, event.fen, at);
    }
  }
}

type HoldEvent = Extract<
  WalletEvent,
  { type: "HoldPlaced" | "CreditPlaced" | "HoldRaised" | "HoldCaptured" | "HoldReleased" }
>;

function evolveHold(moved: OpenWallet, event: HoldEvent, at: number): OpenWallet {
  switch (event.type) {
    case "HoldPlaced":
      return withBook(moved, event.orderId, { status: "held", fen: event.fen, paidFen: 0, at }, at);
    case "CreditPlaced": {
      const book = { status: "held", fen: event.fen, paidFen: 0, at, credit: true } as const;
      return withBook(moved, event.orderId, book, at);
    }
    case "HoldRaised": {
      const book = moved.orders[event.orderId];
      assert(book?.status === "held", "a hold was raised that does not stand", {});
      return withBook(moved, event.orderId, { ...book, fen: event.toFen }, at);
    }
    case "HoldCaptured": {
      const { capturedFen, releasedFen, fromBalanceFen, dueFen } = event;
      const heldFen = capturedFen + releasedFen;
      const lent = event.credit ? { credit: true as const } : {};
      const parts = {
        heldFen,
        capturedFen,
        releasedFen,
        fromBalanceFen,
        shortFen: dueFen,
        at,
        ...lent,
      };
      return withBook(moved, event.orderId, closed(parts), at);
    }
    case "HoldReleased": {
      const paidFen = moved.orders[event.orderId]?.paidFen ?? 0;
      const parts = { heldFen: event.fen, releasedFen: event.fen, paidFen, at };
      return withBook(moved, event.orderId, closed(parts), at);
    }
  }
}

type Closed = Extract<OrderBook, { status: "closed" }>;
const closed = (parts: Partial<Closed> & { at: number }): Closed => ({
  status: "closed",
  heldFen: 0,
  capturedFen: 0,
  releasedFen: 0,
  fromBalanceFen: 0,
  shortFen: 0,
  paidFen: 0,
  ...parts,
});

function withPaid(wallet: OpenWallet, orderId: string, fen: number, at: number): OpenWallet {
  const book = wallet.orders[orderId] ?? closed({ at });
  return withBook(wallet, orderId, { ...book, paidFen: book.paidFen + fen }, at);
}

function withBook(wallet: OpenWallet, orderId: string, book: OrderBook, at: number): OpenWallet {
  const orders = { ...wallet.orders, [orderId]: book };
  return { ...wallet, orders: bounded(orders, (old) => forgettable(old, at)) };
}

const withPayment = (booked: OpenWallet["booked"], paymentId: string, at: number) =>
  bounded({ ...booked, [paymentId]: at }, (moment) => moment + KEEP_MS <= at);

type OverstayEvent = Extract<WalletEvent, { type: "OverstayBooked" | "OverstayReturned" }>;
/** By these a fee that is paid or given back again is known. */
function withOverstay(booked: OpenWallet["booked"], event: OverstayEvent, at: number) {
  const { orderId } = event;
  if (event.type === "OverstayReturned") return withPayment(booked, returnKey(orderId), at);
  const once = withPayment(booked, overstayKey(orderId), at);
  return event.paymentId === undefined ? once : withPayment(once, event.paymentId, at);
}

/** Drops the oldest entries where there are many, but none that may still be asked for. */
function bounded<T>(all: Record<string, T>, mayGo: (entry: T) => boolean) {
  let excess = Object.keys(all).length - OLD_KEPT;
  for (const [id, entry] of excess > 0 ? Object.entries(all) : []) {
    if (excess <= 0) break;
    if (!mayGo(entry)) continue;
    delete all[id];
    excess--;
  }
  return all;
}

const CAUSES = {
  HoldPlaced: "hold",
  CreditPlaced: "credit",
  HoldRaised: "top-up",
  HoldCaptured: "capture",
  HoldReleased: "release",
  AdjustmentBooked: "refund",
  CouponUsed: "coupon",
  CouponReturned: "coupon",
  BillPaid: "payment",
  BillCorrected: "correction",
  OverstayBooked: "overstay",
  OverstayReturned: "overstay",
  PaymentBooked: "payment",
  RefundBooked: "adjustment",
  DepositHeld: "deposit",
  DepositSettled: "deposit-return",
} as const;

type Line = OpenWallet["lines"][number];

/** One line a movement; where a deposit moves with a hold, or a fee stays, two. */
function linesOf(wallet: OpenWallet, event: Moved, at: number): Line[] {
  const line = lineOf(wallet, event, at);
  if (event.type === "DepositSettled") {
    const { reservationId, feeFen, refundFen } = event;
    const fee: Line = { ...line, cause: "reservation-fee", fen: 0 - feeFen };
    const back: Line = { ...line, fen: feeFen + refundFen, balanceFen: line.balanceFen + feeFen };
    return (feeFen === 0 ? [line] : [back, fee]).map((one) => ({ ...one, reservationId }));
  }
  if (event.type === "DepositHeld") return [{ ...line, reservationId: event.reservationId }];
  const part = event.type === "HoldPlaced" || event.type === "HoldReleased" ? event.deposit : null;
  if (!part) return [line];
  const { reservationId } = part;
  const moved = event.type === "HoldPlaced" ? part.fen : 0 - part.fen;
  const cause = event.type === "HoldPlaced" ? "deposit-return" : "deposit";
  const own = { ...line, fen: line.fen - moved };
  const first: Line = { at: line.at, v: line.v, cause, reservationId, fen: moved, balanceFen: 0 };
  return event.type === "HoldPlaced"
    ? [{ ...first, balanceFen: wallet.balanceFen + moved }, own]
    : [{ ...own, balanceFen: line.balanceFen - moved }, { ...first, balanceFen: line.balanceFen }];
}

function lineOf(wallet: OpenWallet, event: Moved, at: number): Line {
  const isRecharge = event.type === "PaymentBooked" && event.to === "balance";
  return {
    at: isoOf(at),
    v: event.v,
    cause: isRecharge ? "recharge" : CAUSES[event.type],
    ...(event.orderId ? { orderId: event.orderId } : {}),
    ...("paymentId" in event && event.paymentId !== undefined
      ? { paymentId: event.paymentId }
      : {}),
    ...(event.type === "BillCorrected" ? { reason: event.reason } : {}),
    fen: event.balanceFen - wallet.balanceFen,
    balanceFen: event.balanceFen,
  };
}
