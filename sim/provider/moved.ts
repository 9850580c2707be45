// Which money moved on one day of UTC+8: each payment and each refund once, with the provider's fee.
import { chinaDay, chinaDayStart } from "../../wire/foreign/pay/amounts.ts";
import type { Channel, Trade } from "./store.ts";

export interface Moved {
  kind: "pay" | "refund";
  trade: Trade;
  fen: number;
  at: number;
  /** The provider's number, and the platform's. */
  ref: string;
  no: string;
  feeFen: number;
}
const FEE_PER_MILLE = 6; // 0.6 %, of payments alone: refunds give it back
const feeFor = (fen: number): number => Math.round(fen * FEE_PER_MILLE / 1000);

export function movedOn(trades: readonly Trade[], by: Channel | null, day: string): Moved[] {
  const from = chinaDayStart(day);
  if (Number.isNaN(from)) return [];
  const moved = trades.filter((trade) => by === null || trade.by === by).flatMap(movesOf);
  return moved.filter(({ at }) => chinaDay(at) === day).sort((one, other) => one.at - other.at);
}

function movesOf(trade: Trade): Moved[] {
  const { id, fen, paidAt: at, transactionId: ref = "" } = trade;
  if (at === undefined) return [];
  const paid: Moved = { kind: "pay", trade, fen, at, ref, no: id, feeFen: feeFor(fen) };
  const refunds = trade.refunds.map((one): Moved => ({
    kind: "refund",
    trade,
    fen: one.fen,
    at: one.at,
    ref: one.id,
    no: one.no,
    feeFen: -feeFor(one.fen),
  }));
  return [paid, ...refunds];
}

export const sumOf = (moved: readonly Moved[], kind: Moved["kind"]): number =>
  moved.reduce((sum, one) => sum + (one.kind === kind ? one.fen : 0), 0);
export const feeOf = (moved: readonly Moved[]): number =>
  moved.reduce((sum, one) => sum + one.feeFen, 0);
