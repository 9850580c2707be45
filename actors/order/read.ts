// Reads of an order for display: answered from memory, to those who may know that it exists.
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import type { OrderState } from "./state.ts";
import { maySee, viewOf } from "./view.ts";

export function read(name: string, state: OrderState, ctx: Ctx): { body: unknown } | Refused {
  if (state.status === "absent" || !maySee(state, ctx.principal)) {
    return refuse("order.unknown", { orderId: ctx.self.id });
  }
  if (name === "show") return { body: viewOf(state, ctx.self.id, ctx.v) };
  return refuse("request.not-found", { read: name });
}
