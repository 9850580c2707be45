// A payment that a provider must finish: what the checkout sheet is given, and how its sandbox is told.
import type { Payment } from "@chargeward/web-kit/driver-calls.ts";
import type { Provider } from "../../../../wire/order.ts";

export interface Handoff {
  paymentId: string;
  by: Provider;
  /** 0: a binding, nothing is taken now. */
  fen: number;
  handoff: NonNullable<Payment["handoff"]>;
}

/** Demo only: what the driver would do in the provider's own app. */
export async function tellSandbox(path: string, outcome: "succeed" | "fail"): Promise<boolean> {
  const body = JSON.stringify(outcome === "fail" ? { outcome } : {});
  const headers = { "content-type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body }).catch(() => null);
  return answer?.ok === true;
}
