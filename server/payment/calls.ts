// Actors' provider calls as the provider's own: create, query, close, refund, and what its answers mean.
// A number that the provider never saw is `payment.unknown`; whatever is not sure is `outcome.unknown`.
import {
  contract,
  contractOpened,
  nativeAnswer,
  refundAnswer,
  SANDBOX_SCHEME,
  type Transaction,
  transaction,
} from "../../wire/foreign/pay/wechat-v3.ts";
import type { ProviderCall, ProviderOutcome } from "../../wire/money.ts";
import type { Channel, Heard } from "./channel.ts";

export type CallAnswer =
  | { ok: true; body: ProviderOutcome }
  | { ok: false; refusal: { code: string; facts: Record<string, unknown> } };
type Of<O extends ProviderCall["op"]> = Extract<ProviderCall, { op: O }>;

const good = (body: ProviderOutcome): CallAnswer => ({ ok: true, body });
const bad = (code: string, facts: Record<string, unknown> = {}): CallAnswer => ({
  ok: false,
  refusal: { code, facts },
});
const UNKNOWN = bad("outcome.unknown");

export interface CallsDeps {
  channel: Pick<Channel, "call">;
  /** Origin for callbacks. */
  publicUrl: string;
}
const mchidOf = (by: string) => `chargeward-${by}`;
const tradePath = ({ by, paymentId }: { by: string; paymentId: string }) =>
  `/${by}/v3/pay/transactions/out-trade-no/${paymentId}`;
const pactPath = ({ by, paymentId }: { by: string; paymentId: string }) =>
  `/${by}/v3/papay/contracts/out-contract-code/${paymentId}`;

export function providerCalls(deps: CallsDeps): (call: ProviderCall) => Promise<CallAnswer> {
  return (call) => {
    switch (call.op) {
      case "create":
        return create(deps, call);
      case "query":
        return query(deps, call);
      case "close":
        return close(deps, call);
      case "refund":
        return refund(deps, call);
    }
  };
}

async function create(deps: CallsDeps, call: Of<"create">): Promise<CallAnswer> {
  const { tenant, paymentId, purpose, by, fen, contract: contractId } = call;
  const base = {
    mchid: mchidOf(by),
    notify_url: new URL(`/v1/callbacks/pay/${by}`, deps.publicUrl).href,
    attach: tenant,
  };
  if (purpose === "binding") {
    const body = { ...base, out_contract_code: paymentId };
    const path = `/${by}/v3/papay/contracts/sign`;
    const heard = await deps.channel.call("POST", path, base.mchid, body);
    return created(deps, call, heard, (answer) => contractOpened.safeParse(answer).data?.sign_url);
  }
  const trade = {
    ...base,
    description: `Chargeward ${purpose}`,
    out_trade_no: paymentId,
    amount: { total: fen, currency: "CNY" },
  };
  if (contractId !== undefined) {
    const body = { ...trade, contract_id: contractId };
    const path = `/${by}/v3/papay/pay/transactions/apply`;
    const heard = await deps.channel.call("POST", path, base.mchid, body);
    // Taken on is not taken: its outcome comes by callback or query.
    return created(deps, call, heard, () => null);
  }
  const path = `/${by}/v3/pay/transactions/native`;
  const heard = await deps.channel.call("POST", path, base.mchid, trade);
  return created(deps, call, heard, (answer) => nativeAnswer.safeParse(answer).data?.code_url);
}

/** `link` reads where the user goes to pay; null: nowhere; undefined: the answer is not readable. */
async function created(
  deps: CallsDeps,
  call: Of<"create">,
  heard: Heard,
  link: (body: unknown) => string | null | undefined,
): Promise<CallAnswer> {
  if (heard.done !== "answered") return UNKNOWN;
  switch (heard.code) {
    case null: {
      const url = link(heard.body);
      if (url === undefined) return UNKNOWN;
      return good({ status: "open", ...(url === null ? {} : { handoff: handoffOf(url) }) });
    }
    case "ORDERPAID":
      return await query(deps, { ...call, op: "query" });
    case "ORDER_CLOSED":
      return good({ status: "closed" });
    case "SIGN_ERROR":
      return UNKNOWN; // our own keys: a person mends it, no payment dies of it
    default:
      return bad("provider.refused", { code: heard.code });
  }
}

const handoffOf = (url: string): NonNullable<ProviderOutcome["handoff"]> =>
  url.startsWith(SANDBOX_SCHEME)
    ? { kind: "sandbox", value: url.slice(SANDBOX_SCHEME.length) }
    : { kind: url.startsWith("http") ? "url" : "qr", value: url };

async function query(deps: CallsDeps, call: Of<"query">): Promise<CallAnswer> {
  const mchid = mchidOf(call.by);
  const target = `${tradePath(call)}?mchid=${mchid}`;
  const heard = await deps.channel.call("GET", target, mchid);
  if (heard.done !== "answered") return UNKNOWN;
  if (heard.code === null) {
    const found = transaction.safeParse(heard.body);
    return found.success ? outcomeOf(found.data, call.paymentId) : UNKNOWN;
  }
  if (heard.code !== "ORDER_NOT_EXIST") return UNKNOWN;
  // Not a payment: perhaps a contract.
  const pact = await deps.channel.call("GET", `${pactPath(call)}?mchid=${mchid}`, mchid);
  if (pact.done !== "answered") return UNKNOWN;
  if (pact.code === "CONTRACT_NOT_EXIST") {
    return bad("payment.unknown", { paymentId: call.paymentId });
  }
  const found = contract.safeParse(pact.body);
  if (pact.code !== null || !found.success) return UNKNOWN;
  const { contract_state, contract_id } = found.data;
  switch (contract_state) {
    case "SIGNING":
      return good({ status: "open" });
    case "TERMINATED":
      return good({ status: "closed" });
    case "ACTIVE":
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

async function close(deps: CallsDeps, call: Of<"close">): Promise<CallAnswer> {
  const mchid = mchidOf(call.by);
  const heard = await deps.channel.call("POST", `${tradePath(call)}/close`, mchid, { mchid });
  if (heard.done !== "answered") return UNKNOWN;
  switch (heard.code) {
    case null:
    case "ORDER_CLOSED":
      return good({ status: "closed" });
    case "ORDERPAID":
      return await query(deps, { ...call, op: "query" });
    case "ORDER_NOT_EXIST":
      return await closePact(deps, call, mchid);
    default:
      return UNKNOWN;
  }
}
async function closePact(deps: CallsDeps, call: Of<"close">, mchid: string): Promise<CallAnswer> {
  const heard = await deps.channel.call("POST", `${pactPath(call)}/terminate`, mchid, { mchid });
  if (heard.done !== "answered") return UNKNOWN;
  if (heard.code === null) return good({ status: "closed" });
  return heard.code === "CONTRACT_NOT_EXIST"
    ? bad("payment.unknown", { paymentId: call.paymentId })
    : UNKNOWN;
}

async function refund(deps: CallsDeps, call: Of<"refund">): Promise<CallAnswer> {
  const { by, paymentId, fen, reason } = call;
  const body = {
    out_trade_no: paymentId,
    // One refund a payment and amount: the same number again is the same refund.
    out_refund_no: `${paymentId}-${fen}`,
    reason: reason.slice(0, 80),
    amount: { refund: fen, total: fen, currency: "CNY" },
  };
  const heard = await deps.channel.call(
    "POST",
    `/${by}/v3/refund/domestic/refunds`,
    mchidOf(by),
    body,
  );
  if (heard.done !== "answered") return UNKNOWN;
  if (heard.code !== null) {
    return heard.code === "ORDER_NOT_EXIST"
      ? bad("payment.unknown", { paymentId })
      : bad("provider.refused", { code: heard.code });
  }
  const answer = refundAnswer.safeParse(heard.body);
  if (!answer.success) return UNKNOWN;
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
