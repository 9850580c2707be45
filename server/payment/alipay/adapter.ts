// Alipay behind the port: the library alipay-sdk signs what is asked and verifies what is answered, our
// transport carries it. A number that it never saw is `payment.unknown`; what is not sure, unknown.
import { AlipaySdk } from "alipay-sdk";
import type * as z from "zod";
import {
  agreementAnswer,
  billLink,
  debitAnswer,
  head,
  OK,
  precreateAnswer,
  PROCESSING,
  refundedAnswer,
  refundFound,
  tradeAnswer,
  UNAVAILABLE,
} from "../../../wire/foreign/pay/alipay.ts";
import { chinaTime, fenOf, yuanOf } from "../../../wire/foreign/pay/amounts.ts";
import type { AdapterDeps } from "../wechat/adapter.ts";
import { bad, type CallAnswer, good, handoffOf, type Of, type ProviderPort } from "../port.ts";
import { UNKNOWN } from "../port.ts";
import { BILL_BYTES_MAX, BILL_MS, createGuard, type Guard, type Heard } from "../transport.ts";
import { json, placed, SurelyNot, Unknown } from "../transport.ts";
import { readAlipayBill } from "./bill.ts";
import { alipayReply, fieldsOf, readNotice } from "./callback.ts";

export interface AlipaySettings {
  appId: string;
  /** The application's private key and Alipay's public one (PEM). */
  privateKey: string;
  publicKey: string;
}
const GATEWAY = "https://openapi.alipay.com/gateway.do";
/** A debit by agreement, paid in the order of the seller's rules (周期扣款). */
const DEBIT_PRODUCT = "GENERAL_WITHHOLDING";
const SIGN_PRODUCT = "GENERAL_WITHHOLDING_P";

interface House extends AdapterDeps {
  settings: AlipaySettings;
  sdk: AlipaySdk;
  guard: Guard;
}
interface Said {
  code: string;
  sub: string;
  data: unknown;
}

export function alipayPort(settings: AlipaySettings, deps: AdapterDeps): ProviderPort {
  const { appId, privateKey, publicKey } = settings;
  const sdk = new AlipaySdk({
    appId,
    privateKey: privateKey.trim(), // the library takes a line after the last for part of the key
    alipayPublicKey: publicKey.trim(),
    keyType: "PKCS8",
    signType: "RSA2",
    gateway: placed(GATEWAY, deps.sandbox).href,
    camelcase: false,
  });
  const guard = createGuard("alipay", deps);
  const house: House = { ...deps, settings, sdk, guard };
  return {
    by: "alipay",
    circuit: () => guard.circuit(),
    create: (call) => create(house, call),
    query: (call) => query(house, call),
    close: (call) => close(house, call),
    refund: (call) => refund(house, call),
    queryRefund: (call) => queryRefund(house, call),
    bill: (day) => bill(house, day),
    verify({ body }) {
      const fields = fieldsOf(body);
      if (!fields?.sign) return Promise.resolve({ ok: false, why: "unsigned" });
      // The library would also believe SHA-1 signatures, if the notice says so itself.
      if (fields.sign_type !== "RSA2" || !sdk.checkNotifySignV2(fields)) {
        return Promise.resolve({ ok: false, why: "signature" });
      }
      const report = readNotice(fields, appId);
      if (report === "other-merchant") return Promise.resolve({ ok: false, why: report });
      // No nonce: a notice that comes again carries the same signature, for a day.
      return Promise.resolve({ ok: true, report });
    },
    reply: alipayReply,
  };
}

/** One signed method; its verified answer. */
async function asked(
  house: House,
  method: string,
  bizContent: Record<string, unknown>,
  more: Record<string, string> = {},
): Promise<Heard<Said>> {
  return await house.guard.run(method, async () => {
    const { sdk, clock, send, sandbox } = house;
    const timestamp = chinaTime(clock.now()); // the library would take this machine's zone
    const body = sdk.sdkExecute(method, { ...more, timestamp, bizContent });
    const answer = await send(placed(GATEWAY, sandbox), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
      body,
    });
    if (answer.status === 429) throw new SurelyNot("provider is busy: 429");
    if (answer.status !== 200) throw new Unknown(`provider failed: ${answer.status}`);
    return saidIn(house, method, answer.text);
  });
}

function saidIn({ sdk }: House, method: string, text: string): Said {
  const name = `${method.replaceAll(".", "_")}_response`;
  const whole = json(text) as Record<string, unknown> | null;
  const data = whole?.[name];
  const parsed = head.safeParse(data);
  if (!parsed.success || typeof whole?.sign !== "string") {
    throw new Unknown("answer cannot be trusted: unsigned or of another shape");
  }
  sdk.checkResponseSign(text, name, whole.sign, ""); // throws where it does not fit
  const { code, sub_code: sub = "" } = parsed.data;
  if (code === UNAVAILABLE) throw new Unknown(`provider failed: ${sub}`);
  return { code, sub, data };
}

const shaped = <T extends z.ZodType>(shape: T, { data }: Said): z.output<T> | undefined =>
  shape.safeParse(data).data;
const ours = (sub: string): boolean => sub.startsWith("isv.");

async function create(house: House, call: Of<"create">): Promise<CallAnswer> {
  const { paymentId, purpose, fen, tenant, contract } = call;
  if (purpose === "binding") return await sign(house, call);
  const notifyUrl = new URL("/v1/callbacks/pay/alipay", house.publicUrl).href;
  const content = {
    out_trade_no: paymentId,
    total_amount: yuanOf(fen),
    subject: `Chargeward ${purpose}`,
    passback_params: tenant,
  };
  const heard = contract === undefined
    ? await asked(house, "alipay.trade.precreate", content, { notifyUrl })
    : await asked(house, "alipay.trade.pay", {
      ...content,
      product_code: DEBIT_PRODUCT,
      agreement_params: { agreement_no: contract },
    }, { notifyUrl });
  if (heard.done !== "answered") return UNKNOWN;
  const said = heard.value;
  switch (said.sub) {
    case "":
      return contract === undefined ? created(said) : debited(said, call);
    case "ACQ.TRADE_HAS_SUCCESS":
      return await query(house, { ...call, op: "query" });
    case "ACQ.TRADE_HAS_CLOSE":
      return good({ status: "closed" });
    default:
      // Our own keys or fields: a person mends it, no payment dies of it.
      return ours(said.sub) ? UNKNOWN : bad("provider.refused", { code: said.sub });
  }
}
function created(said: Said): CallAnswer {
  const link = shaped(precreateAnswer, said)?.qr_code;
  return said.code === OK && link !== undefined
    ? good({ status: "open", handoff: handoffOf(link) })
    : UNKNOWN;
}
/** Done at once, or taken on: then its outcome comes by notice or query. */
function debited(said: Said, { paymentId, fen }: Of<"create">): CallAnswer {
  if (said.code === PROCESSING) return good({ status: "open" });
  const paid = shaped(debitAnswer, said);
  if (said.code !== OK || paid?.out_trade_no !== paymentId) return UNKNOWN;
  const paidFen = paid.total_amount === undefined ? fen : fenOf(paid.total_amount);
  if (paidFen === null) return UNKNOWN;
  return good({ status: "succeeded", fen: paidFen, providerRef: paid.trade_no });
}

/** A page that the user's browser opens; the sandbox has no browser of its own, so it is opened here. */
async function sign(house: House, { paymentId, tenant }: Of<"create">): Promise<CallAnswer> {
  const { sdk, clock, publicUrl, sandbox, send, guard } = house;
  const notifyUrl = new URL("/v1/callbacks/pay/alipay", publicUrl).href;
  const page = sdk.pageExecute("alipay.user.agreement.page.sign", "GET", {
    notifyUrl,
    timestamp: chinaTime(clock.now()),
    bizContent: {
      external_agreement_no: paymentId,
      personal_product_code: SIGN_PRODUCT,
      sign_scene: "INDUSTRY|CHARGING",
      external_logon_id: tenant,
      access_params: { channel: "ALIPAYAPP" },
    },
  });
  if (sandbox === undefined) return good({ status: "open", handoff: handoffOf(page) });
  const heard = await guard.run("sign page", () => send(new URL(page), { method: "GET" }));
  if (heard.done !== "answered" || heard.value.status !== 200) return UNKNOWN;
  const handoff = { kind: "sandbox" as const, value: `/sandbox/pay/${paymentId}` };
  return good({ status: "open", handoff });
}

async function query(house: House, call: Of<"query">): Promise<CallAnswer> {
  const { paymentId } = call;
  const heard = await asked(house, "alipay.trade.query", { out_trade_no: paymentId });
  if (heard.done !== "answered") return UNKNOWN;
  const said = heard.value;
  // Not a trade: perhaps an agreement.
  if (said.sub === "ACQ.TRADE_NOT_EXIST") return await queryAgreement(house, call);
  const found = shaped(tradeAnswer, said);
  const fen = found ? fenOf(found.total_amount) : null;
  if (said.code !== OK || found?.out_trade_no !== paymentId || fen === null) return UNKNOWN;
  switch (found.trade_status) {
    case "WAIT_BUYER_PAY":
      return good({ status: "open" });
    case "TRADE_CLOSED":
      return good({ status: "closed" });
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      return good({ status: "succeeded", fen, providerRef: found.trade_no });
  }
}

async function queryAgreement(house: House, { paymentId }: Of<"query">): Promise<CallAnswer> {
  const content = { external_agreement_no: paymentId };
  const heard = await asked(house, "alipay.user.agreement.query", content);
  if (heard.done !== "answered") return UNKNOWN;
  if (heard.value.sub === "USER_AGREEMENT_NOT_EXIST") {
    return bad("payment.unknown", { paymentId });
  }
  const found = shaped(agreementAnswer, heard.value);
  if (heard.value.code !== OK || found?.external_agreement_no !== paymentId) return UNKNOWN;
  switch (found.status) {
    case "TEMP":
      return good({ status: "open" });
    case "STOP":
      return good({ status: "closed" });
    case "NORMAL": {
      const { agreement_no: contract } = found;
      if (contract === undefined) return UNKNOWN;
      return good({ status: "succeeded", fen: 0, contract, providerRef: contract });
    }
  }
}

async function close(house: House, call: Of<"close">): Promise<CallAnswer> {
  const { paymentId } = call;
  const heard = await asked(house, "alipay.trade.close", { out_trade_no: paymentId });
  if (heard.done !== "answered") return UNKNOWN;
  const { code, sub } = heard.value;
  if (code === OK) return good({ status: "closed" });
  if (sub === "ACQ.TRADE_NOT_EXIST") return await unsign(house, call);
  if (sub === "ACQ.REASON_TRADE_STATUS_INVALID") {
    return await query(house, { ...call, op: "query" });
  }
  return UNKNOWN;
}
async function unsign(house: House, { paymentId }: Of<"close">): Promise<CallAnswer> {
  const content = { external_agreement_no: paymentId, personal_product_code: SIGN_PRODUCT };
  const heard = await asked(house, "alipay.user.agreement.unsign", content);
  if (heard.done !== "answered") return UNKNOWN;
  const { code, sub } = heard.value;
  if (code === OK) return good({ status: "closed" });
  return sub === "USER_AGREEMENT_NOT_EXIST" ? bad("payment.unknown", { paymentId }) : UNKNOWN;
}

async function refund(house: House, call: Of<"refund">): Promise<CallAnswer> {
  const { paymentId, refundId, fen, reason } = call;
  const heard = await asked(house, "alipay.trade.refund", {
    out_trade_no: paymentId,
    out_request_no: refundId,
    refund_amount: yuanOf(fen),
    refund_reason: reason,
  });
  if (heard.done !== "answered") return UNKNOWN;
  const { code, sub } = heard.value;
  if (sub === "ACQ.TRADE_NOT_EXIST") return bad("payment.unknown", { paymentId, refundId });
  if (sub !== "") return ours(sub) ? UNKNOWN : bad("provider.refused", { code: sub });
  const answer = shaped(refundedAnswer, heard.value);
  if (code !== OK || answer?.out_trade_no !== paymentId) return UNKNOWN;
  // The sum of all refunds of the trade is answered, and "Y" only the first time: the query proves it.
  return await queryRefund(house, { ...call, op: "query-refund" });
}

async function queryRefund(house: House, call: Of<"query-refund">): Promise<CallAnswer> {
  const { paymentId, refundId } = call;
  const content = { out_trade_no: paymentId, out_request_no: refundId };
  const heard = await asked(house, "alipay.trade.fastpay.refund.query", content);
  if (heard.done !== "answered") return UNKNOWN;
  const never = bad("payment.unknown", { paymentId, refundId });
  if (heard.value.sub === "ACQ.TRADE_NOT_EXIST") return never;
  if (heard.value.code !== OK) return UNKNOWN;
  const found = shaped(refundFound, heard.value);
  if (!found) return never; // answered without one: there is none
  const fen = fenOf(found.refund_amount);
  if (found.out_request_no !== refundId || fen === null) return UNKNOWN;
  return good({ status: "refunded", fen, providerRef: refundId });
}

async function bill(house: House, day: string): ReturnType<ProviderPort["bill"]> {
  const content = { bill_type: "trade", bill_date: day };
  const method = "alipay.data.dataservice.bill.downloadurl.query";
  const heard = await asked(house, method, content);
  if (heard.done !== "answered") return { ok: false, why: "unknown" };
  if (heard.value.sub === "isp.bill_not_exist") return { ok: false, why: "no-bill" };
  const link = shaped(billLink, heard.value)?.bill_download_url;
  if (link === undefined || !URL.canParse(link)) return { ok: false, why: "unknown" };
  const { guard, send, sandbox } = house;
  const file = await guard.run("bill file", () => {
    const letter = { method: "GET" as const, bytesMax: BILL_BYTES_MAX, ms: BILL_MS };
    return send(placed(link, sandbox), letter);
  });
  if (file.done !== "answered" || file.value.status !== 200) return { ok: false, why: "unknown" };
  const rows = readAlipayBill(file.value.bytes);
  return rows ? { ok: true, rows } : { ok: false, why: "unknown" };
}
