// The one form of a payment's incidents: all of them are of row 4.1.
import type { OrderNotice } from "../../wire/order.ts";
import type { Ctx } from "../kit/mod.ts";
import type { PaymentEvent } from "./state.ts";

type Incident = Extract<PaymentEvent, { type: "IncidentRaised" }>;
export function incidentOf(
  { self }: Ctx,
  cause: string,
  action: string,
  outcome: Incident["outcome"],
  facts: Record<string, unknown>,
): Incident {
  const actor = `${self.kind}/${self.id}`;
  const words: OrderNotice = outcome === "compensated" ? "payment.refunded" : "payment.checked";
  return { type: "IncidentRaised", row: "4.1", cause, actor, words, action, outcome, facts };
}
