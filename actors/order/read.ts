// Reads of an order for display: answered from memory, to those who may know that it exists.
import { refuse, type Refused } from "../kit/mod.ts";
import type { OrderView } from "../../wire/order.ts";
import type { OrderState } from "./state.ts";
import type { OrderCtx } from "./turn.ts";
import { maySee, viewOf } from "./view.ts";

export function read(name: string, state: OrderState, ctx: OrderCtx): { body: unknown } | Refused {
  if (state.status === "absent" || !maySee(state, ctx.principal)) {
    return refuse("order.unknown", { orderId: ctx.self.id });
  }
  if (name === "show") {
    const view = viewOf(state, ctx);
    return { body: ctx.without.has("gap.marked") ? unmarked(view) : view };
  }
  return refuse("request.not-found", { read: name });
}

/** A drill: nothing shows that the bill is an estimate. */
function unmarked(view: OrderView): OrderView {
  if (!view.bill) return view;
  const { estimated: _bounds, ...bill } = view.bill;
  return { ...view, bill };
}
