// Door of the payment gateway: actors' calls out to the provider, its callbacks in, the sandbox's levers.
import { providerCall } from "../../wire/money.ts";
import type { Client, Clock, Directory, Log, Metrics } from "../ports.ts";
import { type CallAnswer, providerCalls } from "./calls.ts";
import { type CallbackAnswer, callbackHandler, type CallbackRequest } from "./callback.ts";
import { createChannel } from "./channel.ts";
import { createSigning } from "./signing.ts";

export interface PaymentDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** CHARGEWARD_PROVIDER_URL, CHARGEWARD_PAY_KEY, CHARGEWARD_PROVIDER_PUBLIC_KEY. */
  providerUrl: string;
  payKey: string;
  providerPublicKey: string;
  /** Origin that the provider calls back. */
  publicUrl: string;
}
export interface Payment {
  /** Handler of the port "payment". */
  port(call: { body: Record<string, unknown> }): Promise<CallAnswer>;
  callback(request: CallbackRequest): Promise<CallbackAnswer>;
  /** Open: the provider failed again and again and is left alone for a moment. */
  circuit(): "closed" | "open" | "half-open";
  /** Demo only: the sandbox provider's unsigned levers. */
  sandbox(
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: string,
  ): Promise<{ status: number; text: string; contentType: string } | null>;
}

const SANDBOX_MS = 3_000;

export function createPayment(deps: PaymentDeps): Payment {
  const { clock, log, metrics, providerUrl } = deps;
  const signing = createSigning({
    payKey: deps.payKey,
    providerPublicKey: deps.providerPublicKey,
    now: () => clock.now(),
  });
  const channel = createChannel({ url: providerUrl, signing, log, metrics });
  const calls = providerCalls({ channel, publicUrl: deps.publicUrl });
  return {
    async port({ body }) {
      const call = providerCall.safeParse(body);
      if (!call.success) return { ok: false, refusal: { code: "command.malformed", facts: {} } };
      const startedAt = clock.tick();
      const answer = await calls(call.data);
      const outcome = answer.ok ? answer.body.status : answer.refusal.code;
      const { op, by } = call.data;
      metrics.observe("provider_call_ms", clock.tick() - startedAt, { op, by, outcome });
      return answer;
    },
    callback: callbackHandler({ ...deps, signing }),
    circuit: () => channel.circuit(),
    async sandbox(method, path, body) {
      try {
        const answer = await fetch(new URL(path, providerUrl), {
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
    },
  };
}
