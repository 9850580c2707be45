// The providers' callbacks: verified in their own way, each nonce once; then the payment's actor hears
// of it. "Heard" is answered only after the record; a forgery changes nothing but the audit log.
import type { Safeguard } from "../../wire/safeguards.ts";
import { traceIdOf } from "../../wire/trace.ts";
import type { Client, Directory, Log, Metrics } from "../ports.ts";
import type { CallbackAnswer, CallbackRequest, ProviderPort, Report } from "./port.ts";
import { SurelyNot, Unknown } from "./transport.ts";

const NONCE_MS = 11 * 60_000; // longer than a signed moment may be off, either way
const RECORD_TTL_MS = 10_000;

interface Deps {
  client: Client;
  directory: Directory;
  log: Log;
  metrics: Metrics;
  port(provider: string): ProviderPort | null;
  /** What a drill has switched off for that payment. */
  without?(paymentId: string): ReadonlySet<Safeguard>;
}

export function callbackHandler(deps: Deps): (request: CallbackRequest) => Promise<CallbackAnswer> {
  return async (request) => {
    const port = deps.port(request.provider);
    if (!port) return { status: 404, body: "no such provider", contentType: "text/plain" };
    try {
      return await judged(deps, port, request);
    } catch (error) {
      if (!(error instanceof SurelyNot) && !(error instanceof Unknown)) throw error;
      // Its certificates could not be had: nothing is known of this callback, it comes again.
      deps.log.warn({ provider: port.by, error: String(error) }, "callback not verified");
      return port.reply(503, "not verified");
    }
  };
}

async function judged(
  deps: Deps,
  port: ProviderPort,
  request: CallbackRequest,
): Promise<CallbackAnswer> {
  const { metrics, log, directory } = deps;
  const provider = port.by;
  const trace = traceIdOf(request.trace);
  const forged = (why: string): CallbackAnswer => {
    metrics.count("payment_callbacks_forged", { why });
    log.warn({ audit: "payment.forged", provider, why, trace }, "callback refused");
    return port.reply(401, "payment.signature");
  };
  const verdict = await port.verify(request);
  if (!verdict.ok) return forged(verdict.why);
  const { report, nonce } = verdict;
  if (nonce !== undefined) {
    const nonces = await directory.bucket<number>("pay-nonces", { ttlMs: NONCE_MS });
    if (await nonces.create(`${provider}/${nonce}`, 1) === null) return forged("replayed");
  }
  if (report === null) {
    metrics.count("payment_callbacks_refused", { code: "unreadable" });
    log.warn({ audit: "payment.callback-unreadable", provider, trace }, "callback refused");
    return port.reply(400, "unreadable");
  }
  return await recorded(deps, port, request, report);
}

async function recorded(
  { client, metrics, log, without }: Deps,
  port: ProviderPort,
  { trace }: CallbackRequest,
  { id, tenant, paymentId, said }: Report,
): Promise<CallbackAnswer> {
  if (said === null) return port.reply(200, "");
  const provider = port.by;
  // One letter is one command, however often it comes.
  const isNew = without?.(paymentId).has("pay.one-inside") ?? false;
  const reply = await client.ask({
    id: `provider|${provider}|${isNew ? crypto.randomUUID() : id}`,
    to: { tenant, kind: "payment", id: paymentId },
    type: "ProviderReported",
    body: { ...said },
    principal: { kind: "provider", id: provider },
    class: "stop", // money that moved is served before new charges (runtime: payment callback)
    ttlMs: RECORD_TTL_MS,
    cause: `callback:${id}`,
    correlation: paymentId,
    trace,
  });
  if (reply.ok) {
    metrics.count("payment_callbacks", { outcome: said.outcome });
    return port.reply(200, "");
  }
  if ("fault" in reply) return port.reply(503, "not recorded");
  const { code } = reply.refusal;
  metrics.count("payment_callbacks_refused", { code });
  const facts = { provider, code, id: paymentId, trace: traceIdOf(trace) };
  log.warn({ audit: "payment.callback-refused", ...facts }, "callback refused");
  return port.reply(code === "payment.unknown" ? 404 : 422, code);
}
