// What the provider does with money, whatever the form of the request: opens, takes, closes, gives
// back, signs contracts. Each request may come twice and is done once.
import { randomBytes } from "node:crypto";
import type { Postman } from "./letters.ts";
import type { MischiefQueue } from "./mischief.ts";
import type { Channel, Pact, Refunded, Store, Trade } from "./store.ts";

export interface Desk {
  store: Store;
  postman: Postman;
  mischief: MischiefQueue;
  now(): number;
}
/** An answer before it is signed. */
export interface Said {
  status: number;
  body: unknown;
}
/** Who asks, in the provider's own terms. */
export interface Merchant {
  by: Channel;
  app: string;
  mchid: string;
}
export interface Wanted {
  id: string;
  fen: number;
  attach: string;
  notifyUrl: string;
  contractId?: string;
}
const newId = (prefix: string) => prefix + randomBytes(12).toString("hex");

/** The merchant's own trade; another's is not seen. */
export function tradeOf({ store }: Desk, { by }: Merchant, id: string): Trade | null {
  const trade = store.trade(id);
  return trade?.by === by ? trade : null;
}

/** Null: another payment has this number. */
export function openTrade(desk: Desk, merchant: Merchant, wanted: Wanted): Trade | null {
  const { store, mischief, postman, now } = desk;
  const known = store.trade(wanted.id);
  if (known) return known.fen === wanted.fen && known.by === merchant.by ? known : null;
  const trade: Trade = {
    kind: "trade",
    ...merchant,
    ...wanted,
    state: "NOTPAY",
    scanned: merchant.by === "wechat" || wanted.contractId !== undefined,
    createdAt: now(),
    refunds: [],
  };
  store.put(trade);
  if (mischief.forges(trade)) postman.forge(trade);
  return trade;
}

/** Takes the money without the user's hand, where a contract allows it. */
export function debitTrade(
  desk: Desk,
  merchant: Merchant,
  wanted: Wanted & { contractId: string },
): Trade | "no-contract" | "other" {
  const pact = desk.store.byContract(wanted.contractId);
  if (pact?.state !== "ACTIVE" || pact.by !== merchant.by) return "no-contract";
  const isNew = !desk.store.trade(wanted.id);
  const trade = openTrade(desk, merchant, wanted);
  if (!trade) return "other";
  return isNew ? settle(desk, trade, "SUCCESS") : trade;
}

/** Told while the close is still being answered, it would be an ordinary success. */
const AFTER_CLOSE_MS = 1_500;

export function closeTrade(desk: Desk, trade: Trade): Trade {
  if (trade.state !== "NOTPAY") return trade;
  const closed: Trade = { ...trade, state: "CLOSED" };
  desk.store.put(closed);
  if (desk.mischief.paysAfterClose(closed)) settle(desk, closed, "SUCCESS", AFTER_CLOSE_MS);
  return closed;
}

/** Null: more than was paid. */
export function refundTrade(desk: Desk, trade: Trade, no: string, fen: number): Refunded | null {
  const known = trade.refunds.find((one) => one.no === no);
  if (known) return known.fen === fen ? known : null;
  const before = trade.refunds.reduce((sum, one) => sum + one.fen, 0);
  if (trade.state !== "SUCCESS" || before + fen > trade.fen) return null;
  const refunded = { no, id: newId("50"), fen, at: desk.now() };
  const after = { ...trade, refunds: [...trade.refunds, refunded] };
  desk.store.put(after);
  desk.postman.refunded(after, refunded);
  return refunded;
}

export function signPact(
  { store }: Desk,
  merchant: Merchant,
  { id, attach, notifyUrl }: Omit<Wanted, "fen">,
): Pact | null {
  const known = store.pact(id);
  if (known) return known.by === merchant.by ? known : null;
  const pact: Pact = { kind: "pact", ...merchant, id, state: "SIGNING", attach, notifyUrl };
  store.put(pact);
  return pact;
}
export function pactOf({ store }: Desk, { by }: Merchant, id: string): Pact | null {
  const pact = store.pact(id);
  return pact?.by === by ? pact : null;
}
export function endPact({ store }: Desk, pact: Pact): void {
  if (pact.state !== "TERMINATED") store.put({ ...pact, state: "TERMINATED" });
}

/** `tellInMs`: the callback comes so much later. */
function settle(
  desk: Desk,
  trade: Trade,
  state: "SUCCESS" | "PAYERROR",
  tellInMs = 0,
): Trade {
  const paid = state === "SUCCESS" ? { transactionId: newId("42"), paidAt: desk.now() } : {};
  const settled: Trade = { ...trade, scanned: true, state, ...paid };
  desk.store.put(settled);
  desk.postman.tradeChanged(settled, tellInMs);
  return settled;
}

/** The user's hand: looks at the code, pays (or fails to), or agrees to the contract. */
export function scan(desk: Desk, id: string): Trade | Pact | null {
  const trade = desk.store.trade(id);
  if (!trade) return desk.store.pact(id) ?? null;
  if (!trade.scanned) desk.store.put({ ...trade, scanned: true });
  return trade;
}
export function payByHand(
  desk: Desk,
  id: string,
  outcome: "success" | "fail",
): { id: string; state: string } | null {
  const trade = desk.store.trade(id);
  if (trade) {
    if (trade.state !== "NOTPAY") return { id, state: trade.state };
    return { id, state: settle(desk, trade, outcome === "success" ? "SUCCESS" : "PAYERROR").state };
  }
  const pact = desk.store.pact(id);
  if (!pact) return null;
  if (pact.state !== "SIGNING") return { id, state: pact.state };
  const signed: Pact = outcome === "success"
    ? { ...pact, state: "ACTIVE", contractId: newId("C") }
    : { ...pact, state: "TERMINATED" };
  desk.store.put(signed);
  desk.postman.pactChanged(signed);
  return { id, state: signed.state };
}
