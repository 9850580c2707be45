// The provider's callbacks: signed, of now, each nonce once; then the payment's actor hears of it. The
// provider is told "success" only after the record; a forgery changes nothing but the audit log.
import type * as z from "zod";
import { type Notification, notification } from "../../wire/foreign/pay/wechat-v3.ts";
import type { paymentCommand } from "../../wire/money.ts";
import { paymentId } from "../../wire/ids.ts";
import { tenantId } from "../../wire/ids.ts";
import { traceIdOf } from "../../wire/trace.ts";
import type { Client, Directory, Log, Metrics } from "../ports.ts";
import type { Signing } from "./signing.ts";

const NONCE_MS = 11 * 60_000; // longer than a signed moment may be off, either way
const HASH_TTL_MS = 10_000;

export interface CallbackAnswer {
  status: number;
  body: string;
  contentType: string;
}
export interface CallbackRequest {
  tenant: string;
  provider: string;
  header(name: string): string | undefined;
  body: string;
  trace: string;
}
interface Deps {
  client: Client;
  directory: Directory;
  signing: Signing;
  log: Log;
  metrics: Metrics;
}

const say = (status: number, code: "SUCCESS" | "FAIL", message: string): CallbackAnswer => ({
  status,
  body: JSON.stringify({ code, message }),
  contentType: "application/json",
});

export function callbackHandler(deps: Deps): (request: CallbackRequest) => Promise<CallbackAnswer> {
  const { client, signing, log, metrics } = deps;
  function forged(request: CallbackRequest, why: string): CallbackAnswer {
    const { provider } = request;
    const trace = traceIdOf(request.trace);
    metrics.count("payment_callbacks_forged", { why });
    log.warn({ audit: "payment.forged", provider, why, trace }, "callback refused");
    return say(401, "FAIL", "payment.signature");
  }
  return async (request) => {
    const { provider, header, body, trace } = request;
    const verdict = signing.verify(header, body);
    if (!verdict.ok) return forged(request, verdict.why);
    const nonces = await deps.directory.bucket<number>("pay-nonces", { ttlMs: NONCE_MS });
    if (await nonces.create(`${provider}/${verdict.nonce}`, verdict.timestamp) === null) {
      return forged(request, "replayed");
    }
    const report = readNotification(body);
    if (report === null) {
      metrics.count("payment_callbacks_refused", { code: "unreadable" });
      log.warn(
        { audit: "payment.callback-unreadable", provider, trace: traceIdOf(trace) },
        "callback refused",
      );
      return say(400, "FAIL", "unreadable");
    }
    const reply = await client.ask({
      id: `provider|${provider}|${report.id}`,
      to: { tenant: report.tenant, kind: "payment", id: report.paymentId },
      type: "ProviderReported",
      body: report.said,
      principal: { kind: "provider", id: provider },
      class: "stop", // money that moved is served before new charges (runtime: payment callback)
      ttlMs: HASH_TTL_MS,
      cause: `callback:${report.id}`,
      correlation: report.paymentId,
      trace,
    });
    if (reply.ok) {
      metrics.count("payment_callbacks", { outcome: report.said.outcome });
      return say(200, "SUCCESS", "");
    }
    if ("fault" in reply) return say(503, "FAIL", "not recorded");
    const { code } = reply.refusal;
    metrics.count("payment_callbacks_refused", { code });
    log.warn(
      {
        audit: "payment.callback-refused",
        provider,
        code,
        id: report.paymentId,
        trace: traceIdOf(trace),
      },
      "callback refused",
    );
    return say(code === "payment.unknown" ? 404 : 422, "FAIL", code);
  };
}

type Reported = Omit<
  Extract<z.infer<typeof paymentCommand>, { type: "ProviderReported" }>,
  "type"
>;
export interface Report {
  id: string;
  tenant: string;
  paymentId: string;
  said: Reported;
}

/** What a signed body says of which payment; null: nothing that can be understood. Never throws. */
export function readNotification(body: string): Report | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const parsed = notification.safeParse(json);
  if (!parsed.success) return null;
  const said = saidBy(parsed.data);
  const { resource, id } = parsed.data;
  const name = resource.original_type === "transaction"
    ? resource.data.out_trade_no
    : resource.data.out_contract_code;
  const payment = paymentId.safeParse(name);
  const tenant = tenantId.safeParse(resource.data.attach);
  if (!said || !payment.success || !tenant.success) return null;
  return { id, tenant: tenant.data, paymentId: payment.data, said };
}

function saidBy({ resource, event_type }: Notification): Reported | null {
  if (resource.original_type === "papay") {
    const { contract_state, contract_id } = resource.data;
    if (contract_state === "ACTIVE" && contract_id !== undefined) {
      return { outcome: "succeeded", fen: 0, providerRef: contract_id, contract: contract_id };
    }
    return contract_state === "TERMINATED" && event_type === "PAPAY.TERMINATE"
      ? { outcome: "closed", fen: 0, providerRef: contract_id ?? "" }
      : null;
  }
  const { trade_state, amount, transaction_id: providerRef = "" } = resource.data;
  const fen = amount?.total ?? 0;
  switch (trade_state) {
    case "SUCCESS":
      return amount === undefined ? null : { outcome: "succeeded", fen, providerRef };
    case "PAYERROR":
      return { outcome: "failed", fen, providerRef };
    case "CLOSED":
      return { outcome: "closed", fen, providerRef };
    case "NOTPAY":
    case "USERPAYING":
    case "REFUND":
      return null;
  }
}
