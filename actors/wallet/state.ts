// What a wallet (钱包) is: the free balance, one book entry per order, payments booked, newest lines.
// Balances are derived from balanced postings (docs/money.md); amounts are integer fen.
import type * as z from "zod";
import type { CouponTerms } from "../../wire/coupon.ts";
import type { CouponUse, Posting, walletCommand, walletLine } from "../../wire/money.ts";
import type { Fen, Instant } from "../../wire/units.ts";

export type WalletCommand = z.infer<typeof walletCommand>;
export type Currency = "CNY" | "EUR" | "USD";
type Line = z.infer<typeof walletLine>;

/** All that this wallet did for one order. Kept after its end, so that a repeat is known. */
export type OrderBook =
  /** `paidFen`: the bill was paid by other means while the hold still stands. */
  | { status: "held"; fen: Fen; paidFen: Fen; at: Instant; credit?: true }
  | {
    status: "closed";
    heldFen: Fen;
    /** From the hold; heldFen = capturedFen + releasedFen (M2). */
    capturedFen: Fen;
    releasedFen: Fen;
    fromBalanceFen: Fen;
    /** What hold and balance did not cover when the bill came. */
    shortFen: Fen;
    /** Paid after that, or without any hold. */
    paidFen: Fen;
    at: Instant;
    /** The hold was lent (先充后补): nothing of it was the user's. */
    credit?: true;
    /** By the true meter, once: what moved. */
    correctedFen?: Fen;
  };

/** Used by one order at a time, given back at most once (M6). */
export interface Coupon {
  terms: CouponTerms;
  use: (CouponUse & { orderId: string }) | null;
  returned: boolean;
}
/** The deposit (订金) of one reservation. */
export type DepositBook =
  | { status: "held"; fen: Fen; at: Instant }
  /** `orderId`: it came back with the hold of that charge. */
  | { status: "closed"; feeFen: Fen; refundFen: Fen; orderId?: string; at: Instant };
export interface OpenWallet {
  status: "open";
  currency: Currency;
  balanceFen: Fen;
  orders: Record<string, OrderBook>;
  /** Payments and refunds already booked, with the moment: a repeat moves no money. */
  booked: Record<string, Instant>;
  /** Coupons (优惠券) by id, also those that are used; absent: never had any. */
  coupons?: Record<string, Coupon>;
  /** Deposits by reservation; absent: never had any. */
  deposits?: Record<string, DepositBook>;
  /** Newest last; the whole statement comes from the archive. */
  lines: Line[];
}
export type WalletState = { status: "absent" } | OpenWallet;

/** Books and payments kept beyond the time of any repeat: every record carries them all. */
export const OLD_KEPT = 32;
/** Books at most: a user with more charges in eight days than this is not a driver. */
export const ORDERS_MAX = 512;
export const PAYMENTS_MAX = 512;
/** No repeat of a message comes later: an order's record lives at least seven days. */
export const KEEP_MS = 8 * 86_400_000;
export const LINES_MAX = 50;
/** Coupons of one person at most; those that are worth nothing any more give way. */
export const COUPONS_MAX = 64;
/** Deposits at most: nobody reserves so often in the eight days that each is known. */
export const DEPOSITS_MAX = 128;

interface DepositPart {
  reservationId: string;
  fen: Fen;
}
/** Every money event: its balanced postings, and the balance and version they lead to. */
interface Moved {
  postings: Posting[];
  balanceFen: Fen;
  v: number;
}
export type WalletEvent =
  | { type: "WalletOpened"; currency: Currency }
  /** `deposit`: it came back in this posting. */
  | Moved & { type: "HoldPlaced"; orderId: string; fen: Fen; deposit?: DepositPart }
  /** 先充后补: a hold of lent money. */
  | Moved & { type: "CreditPlaced"; orderId: string; fen: Fen }
  | Moved & { type: "HoldRaised"; orderId: string; fen: Fen; toFen: Fen }
  | Moved & {
    type: "HoldCaptured";
    orderId: string;
    capturedFen: Fen;
    releasedFen: Fen;
    fromBalanceFen: Fen;
    dueFen: Fen;
    /** Of a lent hold: all of it is given up, and what was charged is due. */
    credit?: true;
  }
  /** `deposit`: of a start that came to nothing; it stands again. */
  | Moved & { type: "HoldReleased"; orderId: string; fen: Fen; why: string; deposit?: DepositPart }
  /** A release came before its hold: that hold will be refused. */
  | { type: "HoldBarred"; orderId: string; why: string }
  | Moved & {
    type: "AdjustmentBooked";
    refundId: string;
    orderId: string;
    fen: Fen;
    to: "balance" | "due" | "bill";
    why: string;
  }
  | Moved & { type: "DepositHeld"; reservationId: string; fen: Fen; orderId?: never }
  | Moved & {
    type: "DepositSettled";
    reservationId: string;
    feeFen: Fen;
    refundFen: Fen;
    why: string;
    orderId?: never;
  }
  /** It was settled before it came: it will be refused. */
  | { type: "DepositBarred"; reservationId: string; why: string }
  | { type: "CouponGranted"; terms: CouponTerms }
  | Moved & { type: "CouponUsed"; orderId: string; couponId: string; use: CouponUse }
  | Moved & { type: "CouponReturned"; orderId: string; couponId: string; fen: Fen; why: string }
  | Moved & { type: "BillPaid"; orderId: string; fen: Fen }
  /** The fee for staying after the charge: from the balance, or by a payment. */
  | Moved & {
    type: "OverstayBooked";
    orderId: string;
    by: "balance" | "wechat" | "alipay";
    paymentId?: string;
    fen: Fen;
  }
  | Moved & { type: "OverstayReturned"; orderId: string; fen: Fen; why: string }
  /** Below 0: given back. */
  | Moved & { type: "BillCorrected"; orderId: string; fen: Fen; reason: string }
  | Moved & {
    type: "PaymentBooked";
    paymentId: string;
    /** Where the money went. */
    to: "balance" | "bill";
    orderId?: string;
    by: "wechat" | "alipay";
    fen: Fen;
  }
  | Moved & {
    type: "RefundBooked";
    paymentId: string;
    refundId: string;
    by: "wechat" | "alipay";
    fen: Fen;
    orderId?: never;
  };

/** What is still owed to the book `due:<order>`. */
export function openDueFen(book: OrderBook | undefined): Fen {
  return book?.status === "closed" ? Math.max(0, book.shortFen - book.paidFen) : 0;
}
/** Has the bill of this order been paid in full? */
export function isPaid(book: OrderBook | undefined): boolean {
  if (!book) return false;
  if (book.status === "held") return book.paidFen > 0;
  const billed = book.capturedFen + book.fromBalanceFen + book.shortFen > 0;
  return billed ? openDueFen(book) === 0 : book.paidFen > 0;
}
/** Lent for charges that run, or owed for those that have ended. */
export function creditUsedFen({ orders }: OpenWallet): Fen {
  return Object.values(orders).reduce((sum, book) => {
    if (!book.credit) return sum;
    return sum + (book.status === "held" ? book.fen : openDueFen(book));
  }, 0);
}
export const paidCharges = ({ orders }: OpenWallet): number =>
  Object.values(orders).filter((book) => isPaid(book)).length;

export function isFull(booked: OpenWallet["booked"], at: Instant): boolean {
  const moments = Object.values(booked);
  return moments.length >= PAYMENTS_MAX && !moments.some((moment) => moment + KEEP_MS <= at);
}

/** By this a fee for staying that comes again is known, and one that goes back twice. */
export const overstayKey = (orderId: string): string => `overstay:${orderId}`;
export const returnKey = (orderId: string): string => `overstay-back:${orderId}`;

/** Entries over `OLD_KEPT` go once they are closed, settled and too old for any repeat. */
export function forgettable(book: OrderBook, at: Instant): boolean {
  return book.status === "closed" && openDueFen(book) === 0 && book.at + KEEP_MS <= at;
}
