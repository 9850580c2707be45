// What the platform may ask of the provider, and what the "user" does by hand: pure answers over the
// store. Each request may come twice and is done once.
import { randomBytes } from "node:crypto";
import type * as z from "zod";
import {
  closeBody,
  type Contract,
  contractBody,
  debitBody,
  type ErrorCode,
  nativeBody,
  refundBody,
  SANDBOX_SCHEME,
} from "../../wire/foreign/pay/wechat-v3.ts";
import type { MischiefQueue } from "./mischief.ts";
import { type Postman, transactionOf } from "./letters.ts";
import type { Channel, Pact, Store, Trade } from "./store.ts";

export interface Said {
  status: number;
  body: unknown;
}
export interface ApiDeps {
  store: Store;
  postman: Postman;
  mischief: MischiefQueue;
  now(): number;
}
const error = (status: number, code: ErrorCode, message: string): Said => ({
  status,
  body: { code, message },
});
const good = (body: unknown): Said => ({ status: 200, body });
const newId = (prefix: string) => prefix + randomBytes(12).toString("hex");

/** Reads the body by its shape, or says what is wrong with it. */
function shaped<T extends z.ZodType>(
  shape: T,
  body: unknown,
  then: (body: z.output<T>) => Said,
): Said {
  const parsed = shape.safeParse(body);
  if (parsed.success) return then(parsed.data);
  return error(400, "PARAM_ERROR", parsed.error.issues[0]?.message ?? "body");
}

type Handler = (deps: ApiDeps, by: Channel, params: string[], body: unknown) => Said;
const TABLE: [method: string, path: RegExp, handler: Handler][] = [
  ["POST", /^\/v3\/pay\/transactions\/native$/, native],
  ["POST", /^\/v3\/papay\/pay\/transactions\/apply$/, debit],
  ["GET", /^\/v3\/pay\/transactions\/out-trade-no\/([\w-]+)$/, query],
  ["POST", /^\/v3\/pay\/transactions\/out-trade-no\/([\w-]+)\/close$/, close],
  ["POST", /^\/v3\/papay\/contracts\/sign$/, sign],
  ["GET", /^\/v3\/papay\/contracts\/out-contract-code\/([\w-]+)$/, queryContract],
  ["POST", /^\/v3\/papay\/contracts\/out-contract-code\/([\w-]+)\/terminate$/, terminate],
  ["POST", /^\/v3\/refund\/domestic\/refunds$/, refund],
];

/** Null: no such call. */
export function answerCall(
  deps: ApiDeps,
  method: string,
  path: string,
  body: unknown,
): (() => Said) | null {
  const [, by = "", rest = ""] = /^\/(wechat|alipay)(\/.*)$/.exec(path) ?? [];
  for (const [wanted, pattern, handler] of TABLE) {
    const match = wanted === method ? pattern.exec(rest) : null;
    if (match) return () => handler(deps, by as Channel, match.slice(1), body);
  }
  return null;
}

function open(deps: ApiDeps, by: Channel, body: z.infer<typeof nativeBody>, more: Partial<Trade>) {
  const { out_trade_no: id, attach, notify_url: notifyUrl, amount: { total } } = body;
  const known = deps.store.trade(id);
  if (known) return known;
  const trade: Trade = {
    kind: "trade",
    id,
    by,
    fen: total,
    state: "NOTPAY",
    attach,
    notifyUrl,
    createdAt: deps.now(),
    refunds: [],
    ...more,
  };
  deps.store.put(trade);
  if (deps.mischief.forges()) deps.postman.forge(trade);
  return trade;
}

function native(deps: ApiDeps, by: Channel, _params: string[], body: unknown): Said {
  return shaped(nativeBody, body, (wanted) => {
    const trade = open(deps, by, wanted, {});
    if (trade.fen !== wanted.amount.total || trade.by !== by) {
      return error(400, "PARAM_ERROR", "another payment has this number");
    }
    if (trade.state === "SUCCESS") return error(400, "ORDERPAID", "paid already");
    if (trade.state === "CLOSED") return error(400, "ORDER_CLOSED", "closed");
    return good({ code_url: `${SANDBOX_SCHEME}/sandbox/pay/${trade.id}` });
  });
}

/** Takes the money without the user's hand, where a contract allows it. */
function debit(deps: ApiDeps, by: Channel, _params: string[], body: unknown): Said {
  return shaped(debitBody, body, ({ contract_id: contractId, ...wanted }) => {
    const pact = deps.store.byContract(contractId);
    if (pact?.state !== "ACTIVE" || pact.by !== by) {
      return error(400, "CONTRACT_NOT_EXIST", "no such contract");
    }
    const isNew = !deps.store.trade(wanted.out_trade_no);
    const trade = open(deps, by, wanted, { contractId });
    if (trade.fen !== wanted.amount.total) return error(400, "PARAM_ERROR", "another amount");
    if (isNew) settle(deps, trade, "SUCCESS");
    return { status: 202, body: { out_trade_no: trade.id } };
  });
}

function query({ store }: ApiDeps, by: Channel, [id = ""]: string[]): Said {
  const trade = store.trade(id);
  if (!trade || trade.by !== by) return error(404, "ORDER_NOT_EXIST", "no such payment");
  return good(transactionOf(trade));
}

function close(deps: ApiDeps, by: Channel, [id = ""]: string[], body: unknown): Said {
  return shaped(closeBody, body, () => {
    const trade = deps.store.trade(id);
    if (!trade || trade.by !== by) return error(404, "ORDER_NOT_EXIST", "no such payment");
    if (trade.state === "SUCCESS") return error(400, "ORDERPAID", "paid already");
    if (trade.state === "NOTPAY") deps.store.put({ ...trade, state: "CLOSED" });
    return { status: 204, body: null };
  });
}

function sign(deps: ApiDeps, by: Channel, _params: string[], body: unknown): Said {
  return shaped(contractBody, body, ({ out_contract_code: id, attach, notify_url: notifyUrl }) => {
    if (!deps.store.pact(id)) {
      deps.store.put({ kind: "pact", id, by, state: "SIGNING", attach, notifyUrl });
    }
    return good({ sign_url: `${SANDBOX_SCHEME}/sandbox/pay/${id}` });
  });
}

const contractOf = ({ id, contractId, state, attach }: Pact): Contract => ({
  out_contract_code: id,
  ...(contractId === undefined ? {} : { contract_id: contractId }),
  contract_state: state,
  attach,
});
function queryContract({ store }: ApiDeps, by: Channel, [id = ""]: string[]): Said {
  const pact = store.pact(id);
  if (!pact || pact.by !== by) return error(404, "CONTRACT_NOT_EXIST", "no such contract");
  return good(contractOf(pact));
}
function terminate({ store }: ApiDeps, by: Channel, [id = ""]: string[]): Said {
  const pact = store.pact(id);
  if (!pact || pact.by !== by) return error(404, "CONTRACT_NOT_EXIST", "no such contract");
  store.put({ ...pact, state: "TERMINATED" });
  return { status: 204, body: null };
}

function refund(deps: ApiDeps, by: Channel, _params: string[], body: unknown): Said {
  return shaped(refundBody, body, ({ out_trade_no: id, out_refund_no: no, amount }) => {
    const trade = deps.store.trade(id);
    if (!trade || trade.by !== by) return error(404, "ORDER_NOT_EXIST", "no such payment");
    const answer = (one: { id: string; fen: number }) =>
      good({
        out_refund_no: no,
        refund_id: one.id,
        status: "SUCCESS",
        amount: { refund: one.fen },
      });
    const known = trade.refunds.find((one) => one.no === no);
    if (known) return answer(known);
    const refunded = trade.refunds.reduce((sum, { fen }) => sum + fen, 0);
    if (trade.state !== "SUCCESS" || refunded + amount.refund > trade.fen) {
      return error(403, "NOT_ENOUGH", "more than was paid");
    }
    const made = { no, id: newId("5"), fen: amount.refund, at: deps.now() };
    deps.store.put({ ...trade, refunds: [...trade.refunds, made] });
    return answer(made);
  });
}

function settle(deps: ApiDeps, trade: Trade, state: "SUCCESS" | "PAYERROR"): Trade {
  const paid = state === "SUCCESS" ? { transactionId: newId("42"), paidAt: deps.now() } : {};
  const settled: Trade = { ...trade, state, ...paid };
  deps.store.put(settled);
  deps.postman.tradeChanged(settled);
  return settled;
}

/** The user's hand: pays (or fails to), or agrees to the contract. */
export function payByHand(deps: ApiDeps, id: string, outcome: "success" | "fail"): Said {
  const trade = deps.store.trade(id);
  if (trade) {
    if (trade.state !== "NOTPAY") return good({ id, state: trade.state });
    const settled = settle(deps, trade, outcome === "success" ? "SUCCESS" : "PAYERROR");
    return good({ id, state: settled.state });
  }
  const pact = deps.store.pact(id);
  if (!pact) return error(404, "ORDER_NOT_EXIST", "no such payment");
  if (pact.state !== "SIGNING") return good({ id, state: pact.state });
  const signed: Pact = outcome === "success"
    ? { ...pact, state: "ACTIVE", contractId: newId("C") }
    : { ...pact, state: "TERMINATED" };
  deps.store.put(signed);
  deps.postman.pactChanged(signed);
  return good({ id, state: signed.state });
}

const DAY_MS = 24 * 3_600_000;
const CHINA_MS = 8 * 3_600_000; // bill days are those of UTC+8
/** The bill of one day: what was paid and what went back, each once. */
export function billOf({ store }: ApiDeps, day: string): Said {
  const from = Date.parse(`${day}T00:00:00Z`) - CHINA_MS;
  const isOfDay = (at: number) => at >= from && at < from + DAY_MS;
  const rows = store.trades().flatMap((trade) =>
    [
      ...(trade.paidAt !== undefined && isOfDay(trade.paidAt)
        ? [{ kind: "pay", fen: trade.fen, at: trade.paidAt, ref: trade.transactionId }]
        : []),
      ...trade.refunds.filter(({ at }) => isOfDay(at))
        .map(({ fen, at, id }) => ({ kind: "refund", fen, at, ref: id })),
    ].map((row) => ({
      ...row,
      at: new Date(row.at).toISOString(),
      by: trade.by,
      paymentId: trade.id,
    }))
  );
  const sum = (kind: string) =>
    rows.filter((row) => row.kind === kind).reduce((total, { fen }) => total + fen, 0);
  return good({ day, rows, paidFen: sum("pay"), refundedFen: sum("refund") });
}
