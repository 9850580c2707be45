// What every page of the saga takes and gives.
import type { ChargingSettings } from "../../wire/settings.ts";
import { type Ctx, type Decision, replied } from "../kit/mod.ts";
import type { OrderEvent } from "./events.ts";
import type { OrderState } from "./state.ts";
import { viewOf } from "./view.ts";

export type OrderCtx = Ctx<ChargingSettings>;
export type Decided = Decision<OrderEvent, OrderState>;

/** Answers with the order as it is after the events. */
export function shown(events: readonly OrderEvent[], { self, settings }: OrderCtx): Decided {
  return replied(
    events,
    (after: OrderState, v) =>
      after.status === "absent" ? null : viewOf(after, { self, v, settings }),
  );
}
