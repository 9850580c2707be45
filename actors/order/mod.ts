// The order (订单): the saga of one charge. It asks user, pile and wallet; each step has a time limit
// and a way back; it is over when its due is closed.
import type { ChargingSettings } from "../../wire/settings.ts";
import { orderCommand } from "../../wire/order.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import type { OrderEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { OrderCommand, OrderState } from "./state.ts";
import { isOpen } from "./stay.ts";

export type { OrderEvent } from "./events.ts";
export type { OrderState } from "./state.ts";

export const order: ActorDefinition<OrderState, OrderCommand, OrderEvent, null, ChargingSettings> =
  {
    kind: "order",
    sv: 1,
    initial: { status: "absent" },
    parse: parseBy(orderCommand),
    grants: {
      StartCharge: ["driver"],
      StartReserved: ["actor"],
      StartByCard: ["actor"],
      StopCharge: ["driver", "ops"],
      ForceStop: ["ops"],
      TopUpHold: ["driver"],
      PayOrder: ["driver"],
      AppealOrder: ["driver"],
      AppealOverstay: ["driver"],
      WarnBay: ["ops"],
      ReleaseBay: ["ops"],
      DecideOverstay: ["ops"],
      BayTold: ["actor"],
      AdjustOrder: ["ops"],
      RefuseAppeal: ["ops"],
      ExecuteApproved: ["actor"],
      ApprovalOver: ["actor"],
      DecideReview: ["ops"],
      CollectDue: ["actor"],
      ConnectorWaits: ["actor"],
      ConnectorStarted: ["actor"],
      ConnectorStartFailed: ["actor"],
      MeterAdvanced: ["actor"],
      ConnectorEnded: ["actor"],
      PaymentSettled: ["actor"],
      UserAnswered: ["system"],
      KeepAnswered: ["system"],
      HoldAnswered: ["system"],
      StartAnswered: ["system"],
      StopAnswered: ["system"],
      CaptureAnswered: ["system"],
      ReleaseAnswered: ["system"],
      PaymentAnswered: ["system"],
      WalletPayAnswered: ["system"],
      TopUpAnswered: ["system"],
      CouponAnswered: ["system"],
      RefundAnswered: ["system"],
      CorrectAnswered: ["system"],
      OverstayAnswered: ["system"],
      BayAnswered: ["system"],
      ParkingAnswered: ["system"],
      TimerFired: ["system"],
    },
    decide,
    evolve,
    react,
    read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
    classOf: (type) => type === "StopCharge" || type === "ForceStop" ? "stop" : "order",
    ended: (state) => {
      const { status, ...rest } = state;
      const stays = status !== "absent" && isOpen(state);
      if (stays) return false;
      if (status === "start-failed") return "proven" in rest && rest.proven;
      const open = "correction" in rest && rest.correction?.booked === false;
      const waits = "awaitsMeter" in rest && rest.awaitsMeter === true;
      return status === "declined" || (status === "paid" && !open && !waits);
    },
  };
