// WeChat Pay behind the port, by the library wechatpay-node-v3: what is asked, and what its answers
// mean. A number that it never saw is `payment.unknown`; whatever is not sure is `outcome.unknown`.
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import WechatPay from "wechatpay-node-v3";
import {
  billAnswer,
  contract,
  nativeAnswer,
  preSignAnswer,
  refundAnswer,
  type Transaction,
  transaction,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import type { Clock, Log, Metrics } from "../../ports.ts";
import { bad, type CallAnswer, good, handoffOf, type Of, type ProviderPort } from "../port.ts";
import { UNKNOWN } from "../port.ts";
import { createGuard, type Guard, type Heard, type Send } from "../transport.ts";
import { readWechatBill } from "./bill.ts";
import { readNotification, wechatReply } from "./callback.ts";
import { createVerifier, wechatHttp } from "./http.ts";

export interface WechatSettings {
  appid: string;
  mchid: string;
  /** Serial of the merchant's certificate, and its private key (PEM). */
  serial: string;
  privateKey: string;
  /** APIv3 key: opens certificates and callbacks. */
  apiKey: string;
  /** Template of 委托代扣 contracts. */
  planId: number;
}
export interface AdapterDeps {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  send: Send;
  /** Origin for callbacks. */
  publicUrl: string;
  breakMs?: number | undefined;
  /** Origin of the sandbox; absent: the real service. */
  sandbox: string | undefined;
}

const HOST = "https://api.mch.weixin.qq.com"; // as the library signs it
type Http = ReturnType<typeof wechatHttp>;
/** What the library answers, whatever the call. */
type Output = Awaited<ReturnType<Http["get"]>>;

/** The library and two ways through it for what it has no method for: 委托代扣. */
class Pay extends WechatPay {
  look(path: string): Promise<Output> {
    const url = HOST + path;
    return this.httpService.get(url, headersOf(this.buildAuthorization("GET", url)));
  }
  send(path: string, body: Record<string, unknown>): Promise<Output> {
    const url = HOST + path;
    return this.httpService.post(url, body, headersOf(this.buildAuthorization("POST", url, body)));
  }
}
const headersOf = (authorization: string) => ({
  Authorization: authorization,
  Accept: "application/json",
  "Content-Type": "application/json",
  "User-Agent": "chargeward",
});

interface House extends AdapterDeps {
  settings: WechatSettings;
  pay: Pay;
  guard: Guard;
}

export function wechatPort(settings: WechatSettings, deps: AdapterDeps): ProviderPort {
  const { appid, mchid, serial, apiKey } = settings;
  const pay = new Pay({
    appid,
    mchid,
    serial_no: serial,
    publicKey: Buffer.from("the serial is given"), // only read for a serial
    privateKey: Buffer.from(settings.privateKey),
    key: apiKey,
    userAgent: "chargeward",
  });
  const verifier = createVerifier(pay, apiKey, () => deps.clock.now());
  pay.createHttp(wechatHttp({ send: deps.send, verifier, sandbox: deps.sandbox }));
  const guard = createGuard("wechat", deps);
  const house: House = { ...deps, settings, pay, guard };
  return {
    by: "wechat",
    circuit: () => guard.circuit(),
    create: (call) => create(house, call),
    query: (call) => query(house, call),
    close: (call) => close(house, call),
    refund: (call) => refund(house, call),
    queryRefund: (call) => queryRefund(house, call),
    bill: (day) => bill(house, day),
    async verify(request) {
      const verdict = await verifier.verify(request);
      if (!verdict.ok) return verdict;
      const read = readNotification(request.body, settings);
      if (read === "other-merchant") return { ok: false, why: read };
      return { ok: true, nonce: verdict.nonce, report: read };
    },
    reply: wechatReply,
  };
}

/** The library's own call, guarded; a refused one has its code. */
async function asked(
  { guard }: House,
  what: string,
  call: () => Promise<Output>,
): Promise<Heard<{ code: string | null; data: unknown }>> {
  const heard = await guard.run(what, call);
  if (heard.done !== "answered") return heard;
  const { status, data, error } = heard.value;
  const code = status < 300 ? null : String(error);
  return { done: "answered", value: { code, data } };
}

function create(house: House, call: Of<"create">): Promise<CallAnswer> {
  const { settings: { appid, planId }, pay, publicUrl } = house;
  const { tenant, paymentId, purpose, fen, contract: contract_id } = call;
  const notify_url = new URL("/v1/callbacks/pay/wechat", publicUrl).href;
  if (purpose === "binding") {
    const body = {
      appid,
      plan_id: planId,
      out_contract_code: paymentId,
      contract_display_account: "Chargeward",
      contract_notify_url: notify_url,
      out_user_code: tenant,
    };
    const path = "/v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/h5";
    return created(house, call, () => house.pay.send(path, body), (data) => {
      return preSignAnswer.safeParse(data).data?.redirect_url;
    });
  }
  const trade = {
    description: `Chargeward ${purpose}`,
    out_trade_no: paymentId,
    attach: tenant,
    amount: { total: fen, currency: "CNY" },
  };
  if (contract_id !== undefined) {
    const body = { appid, ...trade, transaction_notify_url: notify_url, contract_id };
    const path = "/v3/papay/pay/transactions/apply";
    // Taken on is not taken: its outcome comes by callback or query.
    return created(house, call, () => house.pay.send(path, body), () => null);
  }
  return created(house, call, () => pay.transactions_native({ ...trade, notify_url }), (data) => {
    return nativeAnswer.safeParse(data).data?.code_url;
  });
}

/** `link` reads where the user goes to pay; null: nowhere; undefined: the answer is not readable. */
async function created(
  house: House,
  call: Of<"create">,
  run: () => Promise<Output>,
  link: (data: unknown) => string | null | undefined,
): Promise<CallAnswer> {
  const heard = await asked(house, "create", run);
  if (heard.done !== "answered") return UNKNOWN;
  const { code, data } = heard.value;
  switch (code) {
    case null: {
      const url = link(data);
      if (url === undefined) return UNKNOWN;
      return good({ status: "open", ...(url === null ? {} : { handoff: handoffOf(url) }) });
    }
    case "ORDERPAID":
      return await query(house, { ...call, op: "query" });
    case "ORDER_CLOSED":
      return good({ status: "closed" });
    case "SIGN_ERROR":
      return UNKNOWN; // our own keys: a person mends it, no payment dies of it
    default:
      return bad("provider.refused", { code });
  }
}

async function query(house: House, call: Of<"query">): Promise<CallAnswer> {
  const { paymentId } = call;
  const heard = await asked(house, "query", () => house.pay.query({ out_trade_no: paymentId }));
  if (heard.done !== "answered") return UNKNOWN;
  const { code, data } = heard.value;
  if (code === null) {
    const found = transaction.safeParse(data);
    return found.success ? outcomeOf(found.data, paymentId) : UNKNOWN;
  }
  // Not a payment: perhaps a contract.
  return code === "ORDER_NOT_EXIST" ? await queryContract(house, call) : UNKNOWN;
}

const contractPath = ({ settings }: House, paymentId: string) =>
  `/v3/papay/sign/contracts/plan-id/${settings.planId}/out-contract-code/${paymentId}`;

async function queryContract(house: House, { paymentId }: Of<"query">): Promise<CallAnswer> {
  const path = contractPath(house, paymentId);
  const heard = await asked(house, "query contract", () => house.pay.look(path));
  if (heard.done !== "answered") return UNKNOWN;
  const { code, data } = heard.value;
  if (code === "CONTRACT_NOT_EXIST") return bad("payment.unknown", { paymentId });
  const found = contract.safeParse(data);
  if (code !== null || !found.success) return UNKNOWN;
  const { contract_state, contract_id } = found.data;
  switch (contract_state) {
    case "SIGNING":
      return good({ status: "open" });
    case "TERMINATED":
      return good({ status: "closed" });
    case "SIGNED":
      if (contract_id === undefined) return UNKNOWN;
      return good({ status: "succeeded", fen: 0, contract: contract_id, providerRef: contract_id });
  }
}

function outcomeOf(found: Transaction, paymentId: string): CallAnswer {
  // An answer about another payment is no answer.
  if (found.out_trade_no !== paymentId) return UNKNOWN;
  const ref = found.transaction_id === undefined ? {} : { providerRef: found.transaction_id };
  switch (found.trade_state) {
    case "NOTPAY":
    case "USERPAYING":
      return good({ status: "open" });
    case "CLOSED":
    case "REVOKED":
      return good({ status: "closed" });
    case "PAYERROR":
      return good({ status: "failed" });
    case "SUCCESS":
      if (found.amount === undefined) return UNKNOWN;
      return good({ status: "succeeded", fen: found.amount.total, ...ref });
    case "REFUND":
      return good({ status: "refunded", ...ref });
  }
}

async function close(house: House, call: Of<"close">): Promise<CallAnswer> {
  const heard = await asked(house, "close", () => house.pay.close(call.paymentId));
  if (heard.done !== "answered") return UNKNOWN;
  switch (heard.value.code) {
    case null:
    case "ORDER_CLOSED":
      return good({ status: "closed" });
    case "ORDERPAID":
      return await query(house, { ...call, op: "query" });
    case "ORDER_NOT_EXIST":
      return await closeContract(house, call);
    default:
      return UNKNOWN;
  }
}
async function closeContract(house: House, { paymentId }: Of<"close">): Promise<CallAnswer> {
  const path = `${contractPath(house, paymentId)}/terminate`;
  const body = { contract_termination_remark: "closed" };
  const heard = await asked(house, "terminate", () => house.pay.send(path, body));
  if (heard.done !== "answered") return UNKNOWN;
  const { code } = heard.value;
  if (code === null) return good({ status: "closed" });
  return code === "CONTRACT_NOT_EXIST" ? bad("payment.unknown", { paymentId }) : UNKNOWN;
}

async function refund(house: House, call: Of<"refund">): Promise<CallAnswer> {
  const { paymentId, refundId, fen, totalFen, reason } = call;
  const body = {
    out_trade_no: paymentId,
    out_refund_no: refundId,
    reason,
    amount: { refund: fen, total: totalFen, currency: "CNY" },
  };
  const heard = await asked(house, "refund", () => house.pay.refunds(body));
  return refundHeard(heard, call);
}
async function queryRefund(house: House, call: Of<"query-refund">): Promise<CallAnswer> {
  const heard = await asked(house, "query refund", () => house.pay.find_refunds(call.refundId));
  return refundHeard(heard, call);
}

function refundHeard(
  heard: Heard<{ code: string | null; data: unknown }>,
  { paymentId, refundId }: Of<"refund"> | Of<"query-refund">,
): CallAnswer {
  if (heard.done !== "answered") return UNKNOWN;
  const { code, data } = heard.value;
  if (code === "ORDER_NOT_EXIST" || code === "RESOURCE_NOT_EXISTS") {
    return bad("payment.unknown", { paymentId, refundId });
  }
  if (code === "SIGN_ERROR") return UNKNOWN;
  if (code !== null) return bad("provider.refused", { code });
  const answer = refundAnswer.safeParse(data);
  if (!answer.success || answer.data.out_refund_no !== refundId) return UNKNOWN;
  const { status, refund_id, amount } = answer.data;
  switch (status) {
    case "SUCCESS":
      return good({ status: "refunded", fen: amount.refund, providerRef: refund_id });
    case "PROCESSING":
      return good({ status: "open" });
    case "CLOSED":
    case "ABNORMAL":
      return bad("provider.refused", { code: status });
  }
}

async function bill(house: House, day: string): ReturnType<ProviderPort["bill"]> {
  const heard = await asked(house, "bill", () => {
    return house.pay.tradebill({ bill_date: day, bill_type: "ALL" });
  });
  if (heard.done !== "answered") return { ok: false, why: "unknown" };
  if (heard.value.code === "NO_STATEMENT_EXIST") return { ok: false, why: "no-bill" };
  const link = billAnswer.safeParse(heard.value.data).data;
  if (!link) return { ok: false, why: "unknown" };
  const file = await asked(house, "bill file", () => house.pay.downloadBill(link.download_url));
  if (file.done !== "answered" || file.value.code !== null) return { ok: false, why: "unknown" };
  const text = String(file.value.data);
  const hash = createHash("sha1").update(text).digest("hex");
  const rows = hash === link.hash_value.toLowerCase() ? readWechatBill(text) : null;
  return rows ? { ok: true, rows } : { ok: false, why: "unknown" };
}
