// What a comparison needs of others: the payment gateway, the read models, the way to actors.
import type * as z from "zod";
import type { PaymentView, ProviderOutcome } from "../../wire/money.ts";
import type { runHow } from "../../wire/reconcile.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Client, Clock, Log, Metrics } from "../ports.ts";
import type { Row } from "./compare.ts";
import type { Dated } from "./unusual.ts";

export type By = "wechat" | "alipay";
export type How = z.infer<typeof runHow>;
type CallAnswer = { ok: true; body: ProviderOutcome } | { ok: false; refusal: { code: string } };
/** `at`: when it was paid, or given back. */
export type BilledRow = Row & { feeFen: number; at: number };
/** What of the payment gateway it needs. */
export interface Providers {
  providers: readonly By[];
  port(call: { body: Record<string, unknown> }): Promise<CallAnswer>;
  bill(by: By, day: string): Promise<
    | { ok: true; rows: BilledRow[] }
    | { ok: false; why: "no-bill" | "unknown" }
  >;
}
/** Our payments as the read models have them. */
export interface Payments {
  byIds(ids: readonly string[]): Promise<PaymentView[]>;
  /** Of one provider, last changed in this span, oldest first; bounded. */
  changed(by: By, fromAt: number, toAt: number): Promise<Dated[]>;
}
export interface ReconcileDeps {
  tenant: string;
  client: Client;
  payment: Providers;
  payments: Payments;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** What a drill has switched off for a driver, or for a reconciliation of its own. */
  without?(id: string): ReadonlySet<Safeguard>;
}
/** Nothing was filed: it is tried again. */
export class ReconcileFault extends Error {
  override readonly name = "ReconcileFault";
}
