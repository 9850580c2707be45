// Deposits (订金) of reservations: held, then taken as a fee or returned, each at most once. A start on the
// reserved pile returns it in the posting of its hold; if that start comes to nothing it stands again.
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { depositPostings, settlePostings } from "./postings.ts";
import {
  type DepositBook,
  DEPOSITS_MAX,
  KEEP_MS,
  type OpenWallet,
  type WalletCommand,
  type WalletEvent,
  type WalletState,
} from "./state.ts";

type Of<T extends WalletCommand["type"]> = Extract<WalletCommand, { type: T }>;
type Decided = Decision<WalletEvent, WalletState>;

const bookOf = ({ deposits = {} }: OpenWallet, id: string): DepositBook | undefined =>
  Object.hasOwn(deposits, id) ? deposits[id] : undefined;

export function placeDeposit(wallet: OpenWallet, command: Of<"PlaceDeposit">, ctx: Ctx): Decided {
  const { reservationId, fen } = command;
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  const book = bookOf(wallet, reservationId);
  if (book?.status === "held") return replied([], () => ({ fen: book.fen }));
  if (book) return refuse("wallet.hold-closed", { reservationId });
  if (wallet.balanceFen < fen) {
    return refuse("wallet.balance-too-low", { needFen: fen, availableFen: wallet.balanceFen });
  }
  if (!hasRoom(wallet, ctx.at)) return refuse("overloaded", { deposits: DEPOSITS_MAX });
  const postings = depositPostings(ctx.self.id, reservationId, fen);
  const moved = { postings, balanceFen: wallet.balanceFen - fen, v: ctx.v + 1 };
  return replied([{ type: "DepositHeld", reservationId, fen, ...moved }], () => ({ fen }));
}

/** The end of a deposit: the fee at most, the rest goes back. What came back before pays no fee. */
export function settleDeposit(wallet: OpenWallet, command: Of<"SettleDeposit">, ctx: Ctx): Decided {
  const { reservationId, why } = command;
  if (!isActor(ctx.principal, "reservation", reservationId)) return refuse("auth.forbidden");
  const book = bookOf(wallet, reservationId);
  if (!book) {
    if (!hasRoom(wallet, ctx.at)) return refuse("overloaded", { deposits: DEPOSITS_MAX });
    const none = { feeFen: 0, refundFen: 0 };
    return replied([{ type: "DepositBarred", reservationId, why }], () => none);
  }
  if (book.status === "closed") {
    const { feeFen, refundFen } = book;
    return replied(nothing, () => ({ feeFen, refundFen }));
  }
  const feeFen = Math.min(command.feeFen, book.fen);
  const refundFen = book.fen - feeFen;
  const postings = settlePostings(ctx.self.id, reservationId, { feeFen, refundFen });
  const moved = { postings, balanceFen: wallet.balanceFen + refundFen, v: ctx.v + 1 };
  return replied(
    [{ type: "DepositSettled", reservationId, feeFen, refundFen, why, ...moved }],
    () => ({ feeFen, refundFen }),
  );
}

/** Part of a hold: the deposit that it gives back, if one stands. */
export interface Part {
  reservationId: string;
  fen: number;
}
export function depositIn(wallet: OpenWallet, reservationId: string | undefined): Part | null {
  const book = reservationId === undefined ? undefined : bookOf(wallet, reservationId);
  if (reservationId === undefined || book?.status !== "held") return null;
  return { reservationId, fen: book.fen };
}

/** Part of a release: as much of the deposit as the hold returned, and as there is money for. */
export function depositAgain(
  wallet: OpenWallet,
  reservationId: string | undefined,
  { orderId, fen }: { orderId: string; fen: number },
): Part | null {
  const book = reservationId === undefined ? undefined : bookOf(wallet, reservationId);
  if (reservationId === undefined || book?.status !== "closed") return null;
  if (book.orderId !== orderId) return null;
  const again = Math.min(book.refundFen, wallet.balanceFen + fen);
  return again > 0 ? { reservationId, fen: again } : null;
}

type DepositEvent = Extract<
  WalletEvent,
  { type: "DepositHeld" | "DepositSettled" | "DepositBarred" }
>;
export function evolveDeposit(wallet: OpenWallet, event: DepositEvent, at: number): OpenWallet {
  const { reservationId } = event;
  switch (event.type) {
    case "DepositHeld":
      return withDeposit(wallet, reservationId, { status: "held", fen: event.fen, at }, at);
    case "DepositSettled": {
      const { feeFen, refundFen } = event;
      return withDeposit(wallet, reservationId, { status: "closed", feeFen, refundFen, at }, at);
    }
    case "DepositBarred": {
      const none = { status: "closed", feeFen: 0, refundFen: 0, at } as const;
      return withDeposit(wallet, reservationId, none, at);
    }
  }
}

/** The hold of an order has taken the place of the deposit, or gives it its place again. */
export function withPart(
  wallet: OpenWallet,
  event: { type: "HoldPlaced" | "HoldReleased"; orderId: string; deposit?: Part },
  at: number,
): OpenWallet {
  if (!event.deposit) return wallet;
  const { reservationId, fen } = event.deposit;
  const { orderId } = event;
  const book: DepositBook = event.type === "HoldReleased"
    ? { status: "held", fen, at }
    : { status: "closed", feeFen: 0, refundFen: fen, orderId, at };
  return withDeposit(wallet, reservationId, book, at);
}

const mayGo = (book: DepositBook, at: number): boolean =>
  book.status === "closed" && book.at + KEEP_MS <= at;

function hasRoom({ deposits = {} }: OpenWallet, at: number): boolean {
  const books = Object.values(deposits);
  return books.length < DEPOSITS_MAX || books.some((book) => mayGo(book, at));
}

function withDeposit(wallet: OpenWallet, id: string, book: DepositBook, at: number): OpenWallet {
  const all = Object.entries({ ...wallet.deposits, [id]: book });
  let excess = all.length - DEPOSITS_MAX;
  const kept = all.filter(([, one]) => !(excess > 0 && mayGo(one, at) && excess-- > 0));
  return { ...wallet, deposits: Object.fromEntries(kept) };
}
