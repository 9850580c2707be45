// The fee for staying after the charge, in the book: paid once for an order, given back at most once.
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { overstayPostings } from "./postings.ts";
import {
  isFull,
  type OpenWallet,
  overstayKey,
  PAYMENTS_MAX,
  returnKey,
  type WalletCommand,
  type WalletEvent,
  type WalletState,
} from "./state.ts";

type Of<T extends WalletCommand["type"]> = Extract<WalletCommand, { type: T }>;
type Decided = Decision<WalletEvent, WalletState>;

const isPaid = ({ booked }: OpenWallet, orderId: string): boolean =>
  Object.hasOwn(booked, overstayKey(orderId));

/** From the free balance, all of it or nothing. */
export function payOverstay(wallet: OpenWallet, command: Of<"PayOverstay">, ctx: Ctx): Decided {
  const { orderId, fen } = command;
  if (!isActor(ctx.principal, "order", orderId)) return refuse("auth.forbidden");
  if (isPaid(wallet, orderId)) return replied([], () => ({ fen }));
  if (wallet.balanceFen < fen) {
    return refuse("wallet.balance-too-low", { needFen: fen, availableFen: wallet.balanceFen });
  }
  if (isFull(wallet.booked, ctx.at)) return refuse("overloaded", { payments: PAYMENTS_MAX });
  const postings = overstayPostings(`wallet:${ctx.self.id}`, fen);
  const moved = { postings, balanceFen: wallet.balanceFen - fen, v: ctx.v + 1 };
  return replied(
    [{ type: "OverstayBooked", orderId, by: "balance", fen, ...moved }],
    () => ({ fen }),
  );
}

/** Provider money for it. Paid already: it is not taken, and goes back by itself. */
export function bookOverstay(
  wallet: OpenWallet,
  { paymentId, by, fen }: Of<"BookPayment">,
  orderId: string,
  ctx: Ctx,
): Decided {
  if (isPaid(wallet, orderId)) return refuse("due.closed", { orderId });
  const postings = overstayPostings(`provider:${by}`, fen);
  const moved = { postings, balanceFen: wallet.balanceFen, v: ctx.v + 1 };
  return [{ type: "OverstayBooked", orderId, by, paymentId, fen, ...moved }];
}

/** Ops waived what was paid: it comes back to the balance. */
export function returnOverstay(
  wallet: OpenWallet,
  { orderId, fen, why }: Of<"ReturnOverstay">,
  ctx: Ctx,
): Decided {
  if (!isActor(ctx.principal, "order", orderId)) return refuse("auth.forbidden");
  if (Object.hasOwn(wallet.booked, returnKey(orderId))) return nothing;
  if (isFull(wallet.booked, ctx.at)) return refuse("overloaded", { payments: PAYMENTS_MAX });
  const postings = overstayPostings(`wallet:${ctx.self.id}`, 0 - fen);
  const moved = { postings, balanceFen: wallet.balanceFen + fen, v: ctx.v + 1 };
  return [{ type: "OverstayReturned", orderId, fen, why, ...moved }];
}
