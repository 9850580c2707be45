// The payment gateway: actors' calls out to the providers, their callbacks in, the sandbox's levers.
import { providerCall } from "../../wire/money.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Client, Clock, Directory, Log, Metrics } from "../ports.ts";
import { alipayPort, type AlipaySettings } from "./alipay/adapter.ts";
import { callbackHandler } from "./callback.ts";
import {
  type BillAnswer,
  type CallAnswer,
  type CallbackAnswer,
  type CallbackRequest,
  called,
  type Provider,
  type ProviderPort,
} from "./port.ts";
import { type Circuit, sender } from "./transport.ts";
import { wechatPort, type WechatSettings } from "./wechat/adapter.ts";

export type { BillAnswer, BillRow, Provider } from "./port.ts";

export interface PaymentDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  wechat?: WechatSettings | undefined;
  alipay?: AlipaySettings | undefined;
  /** Origin of the sandbox that stands for both; absent: the real services. */
  sandboxUrl: string | undefined;
  /** Origin that the provider calls back. */
  publicUrl: string;
  /** Deadline of one call, and how long a failing provider is left alone: for tests. */
  callMs?: number;
  breakMs?: number;
  /** What a drill has switched off for a payment. */
  without?(paymentId: string): ReadonlySet<Safeguard>;
}
export interface Payment {
  providers: readonly Provider[];
  /** Handler of the port "payment". */
  port(call: { body: Record<string, unknown> }): Promise<CallAnswer>;
  callback(request: CallbackRequest): Promise<CallbackAnswer>;
  /** The provider's bill of one day of UTC+8. */
  bill(by: Provider, day: string): Promise<BillAnswer>;
  /** Open: a provider failed again and again and is left alone for a moment. */
  circuit(): Circuit;
  /** Demo only: the sandbox provider's unsigned levers. */
  sandbox(
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: string,
  ): Promise<{ status: number; text: string; contentType: string } | null>;
}

const SANDBOX_MS = 3_000;

export function createPayment(deps: PaymentDeps): Payment {
  const { clock, metrics, publicUrl, log, callMs, breakMs } = deps;
  const shared = { clock, log, metrics, publicUrl, breakMs };
  const adapter = { ...shared, send: sender(callMs), sandbox: deps.sandboxUrl };
  const ports: ProviderPort[] = [
    ...(deps.wechat ? [wechatPort(deps.wechat, adapter)] : []),
    ...(deps.alipay ? [alipayPort(deps.alipay, adapter)] : []),
  ];
  const port = (by: string) => ports.find((one) => one.by === by) ?? null;
  return {
    providers: ports.map(({ by }) => by),
    async port({ body }) {
      const call = providerCall.safeParse(body);
      if (!call.success) return { ok: false, refusal: { code: "command.malformed", facts: {} } };
      const { op, by } = call.data;
      const to = port(by);
      if (!to) return { ok: false, refusal: { code: "provider.unknown", facts: { by } } };
      const startedAt = clock.tick();
      const answer = await called(to, call.data);
      const outcome = answer.ok ? answer.body.status : answer.refusal.code;
      metrics.observe("provider_call_ms", clock.tick() - startedAt, { op, by, outcome });
      return answer;
    },
    callback: callbackHandler({ ...deps, port }),
    async bill(by, day) {
      return await port(by)?.bill(day) ?? { ok: false, why: "unknown" };
    },
    circuit() {
      const states = new Set(ports.map((one) => one.circuit()));
      return states.has("open") ? "open" : states.has("half-open") ? "half-open" : "closed";
    },
    sandbox: (method, path, body) => lever(deps, method, path, body),
  };
}

async function lever(
  { sandboxUrl, log }: PaymentDeps,
  method: string,
  path: string,
  body: string | undefined,
) {
  if (sandboxUrl === undefined) return null;
  try {
    const answer = await fetch(new URL(path, sandboxUrl), {
      method,
      ...(body === undefined ? {} : { body }),
      redirect: "error",
      signal: AbortSignal.timeout(SANDBOX_MS),
    });
    const contentType = answer.headers.get("content-type") ?? "application/json";
    return { status: answer.status, text: await answer.text(), contentType };
  } catch (error) {
    log.warn({ path, error: String(error) }, "sandbox provider is not there");
    return null;
  }
}
