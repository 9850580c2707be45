// The one port to payment providers: what the platform asks of any of them, and what it may hear.
import type * as z from "zod";
import type { paymentCommand, ProviderCall, ProviderOutcome } from "../../wire/money.ts";
import { SANDBOX_SCHEME } from "../../wire/foreign/pay/amounts.ts";

export type Provider = "wechat" | "alipay";
export type CallAnswer =
  | { ok: true; body: ProviderOutcome }
  | { ok: false; refusal: { code: string; facts: Record<string, unknown> } };
export type Of<O extends ProviderCall["op"]> = Extract<ProviderCall, { op: O }>;

export const good = (body: ProviderOutcome): CallAnswer => ({ ok: true, body });
export const bad = (code: string, facts: Record<string, unknown> = {}): CallAnswer => ({
  ok: false,
  refusal: { code, facts },
});
/** Whatever is not sure; the actor asks. */
export const UNKNOWN = bad("outcome.unknown");

/** One row of a provider's bill: a payment, or a refund of one. */
export interface BillRow {
  kind: "pay" | "refund";
  /** Our number of the payment. */
  paymentId: string;
  /** Of a refund: our number of it. */
  refundId?: string;
  /** The provider's number of the payment, or of the refund. */
  ref: string;
  fen: number;
  feeFen: number;
  at: number;
}
export type BillAnswer =
  | { ok: true; rows: BillRow[] }
  /** Not made yet, or nothing moved on that day. */
  | { ok: false; why: "no-bill" | "unknown" };

export type Reported = Omit<
  Extract<z.infer<typeof paymentCommand>, { type: "ProviderReported" }>,
  "type"
>;
/** What a verified callback says of which payment. */
export interface Report {
  id: string;
  tenant: string;
  paymentId: string;
  /** Null: true, but it changes nothing (a refund told, a state in between). */
  said: Reported | null;
}
export interface CallbackRequest {
  tenant: string;
  provider: string;
  header(name: string): string | undefined;
  body: string;
  trace: string;
}
export type Verdict =
  /** `nonce`: good once within its time; absent where repeats carry the same signature. */
  | { ok: true; nonce?: string; report: Report | null }
  | { ok: false; why: "unsigned" | "serial" | "signature" | "clock" | "other-merchant" };
export interface CallbackAnswer {
  status: number;
  body: string;
  contentType: string;
}

/** The real services and the sandbox alike stand behind this. */
export interface ProviderPort {
  by: Provider;
  circuit(): "closed" | "open" | "half-open";
  create(call: Of<"create">): Promise<CallAnswer>;
  query(call: Of<"query">): Promise<CallAnswer>;
  close(call: Of<"close">): Promise<CallAnswer>;
  refund(call: Of<"refund">): Promise<CallAnswer>;
  queryRefund(call: Of<"query-refund">): Promise<CallAnswer>;
  /** Of one day of UTC+8 (`2026-03-02`). */
  bill(day: string): Promise<BillAnswer>;
  verify(request: Pick<CallbackRequest, "header" | "body">): Promise<Verdict>;
  /** In its own form: heard, or not with the reason. */
  reply(status: number, why: string): CallbackAnswer;
}

export const handoffOf = (url: string): NonNullable<ProviderOutcome["handoff"]> =>
  url.startsWith(SANDBOX_SCHEME)
    ? { kind: "sandbox", value: url.slice(SANDBOX_SCHEME.length) }
    : { kind: url.startsWith("http") ? "url" : "qr", value: url };

/** Each call by its own method. */
export function called(port: ProviderPort, call: ProviderCall): Promise<CallAnswer> {
  switch (call.op) {
    case "create":
      return port.create(call);
    case "query":
      return port.query(call);
    case "close":
      return port.close(call);
    case "refund":
      return port.refund(call);
    case "query-refund":
      return port.queryRefund(call);
  }
}
