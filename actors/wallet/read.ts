// What a wallet shows, and to whom: its owner, ops who handle money, and the platform itself.
import type { Principal } from "../../wire/envelope.ts";
import type { WalletView } from "../../wire/money.ts";
import { couponsOf } from "./coupon.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { hasRole, isDriver } from "../kit/who.ts";
import { creditUsedFen, type OpenWallet, paidCharges, type WalletState } from "./state.ts";

export function read(name: string, state: WalletState, ctx: Ctx): { body: unknown } | Refused {
  if (state.status === "absent" || !maySee(ctx.principal, ctx.self.id)) {
    return refuse("wallet.unknown", { userId: ctx.self.id });
  }
  if (name === "show") return { body: viewOf(state, ctx.self.id, ctx.v) };
  if (name === "recent") return { body: { lines: [...state.lines].reverse() } };
  if (name === "coupons") return { body: { items: couponsOf(state, ctx.at) } };
  return refuse("request.not-found", { read: name });
}

function maySee(principal: Principal, userId: string): boolean {
  if (principal.kind === "system" || principal.kind === "actor") return true;
  return isDriver(principal, userId) || hasRole(principal, "finance", "service");
}

export function viewOf(wallet: OpenWallet, id: string, v: number): WalletView {
  const holds = Object.entries(wallet.orders).flatMap(([orderId, book]) =>
    book.status === "held" && !book.credit ? [{ orderId, fen: book.fen }] : []
  );
  const deposits = Object.entries(wallet.deposits ?? {}).flatMap(([reservationId, book]) =>
    book.status === "held" ? [{ reservationId, fen: book.fen }] : []
  );
  const heldFen = holds.reduce((sum, { fen }) => sum + fen, 0);
  return {
    id,
    v,
    currency: wallet.currency,
    balanceFen: wallet.balanceFen,
    heldFen,
    holds,
    deposits,
    creditUsedFen: creditUsedFen(wallet),
    paidCharges: paidCharges(wallet),
  };
}
