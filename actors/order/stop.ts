// A stop from the app or from ops. Never refused for the order's state: what is over is shown.
import type { OrderEvent } from "./events.ts";
import { declined } from "./authorize.ts";
import type { Known, Of } from "./state.ts";
import { type Decided, type OrderCtx, shown } from "./turn.ts";

/** The driver whose order it is, or ops. */
export function stopCharge(state: Known, ctx: OrderCtx): Decided {
  const by = ctx.principal.kind === "driver" ? "user" : "ops";
  return shown(stopEvents(state, by, undefined, ctx), ctx);
}

/** Ops stop it for a reason, which is kept even where it was stopping already. */
export function forceStop(state: Known, { reason }: Of<"ForceStop">, ctx: OrderCtx): Decided {
  const events = ctx.without.has("stop.by-ops") ? [] : stopEvents(state, "ops", reason, ctx);
  if (events.length > 0) return shown(events, ctx);
  const facts = { reason, who: ctx.principal.id };
  return shown([{ type: "FactNoted", fact: "force-stop", facts }], ctx);
}

function stopEvents(
  state: Known,
  by: "user" | "ops",
  reason: string | undefined,
  ctx: OrderCtx,
): OrderEvent[] {
  switch (state.status) {
    case "authorizing": // nobody has started anything: given up
      return declined(
        state,
        { code: "order.not-charging", facts: { why: "stopped" } },
        "none",
        ctx,
      );
    case "starting":
    case "charging": {
      const why = reason === undefined ? {} : { reason };
      return [{ type: "StopAsked", by, who: ctx.principal.id, ...why }];
    }
    case "stopping":
    case "declined":
    case "start-failed":
    case "bill-review":
    case "awaiting-payment":
    case "overdue":
    case "paid":
      return [];
  }
}
