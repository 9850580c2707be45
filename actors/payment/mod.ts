// A payment (支付): one attempt with one provider, asked about until its outcome is known.
import { paymentCommand } from "../../wire/money.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { PaymentCommand, PaymentEvent, PaymentState } from "./state.ts";

export type { PaymentEvent, PaymentState } from "./state.ts";

type Definition = ActorDefinition<
  PaymentState,
  PaymentCommand,
  PaymentEvent,
  null,
  ChargingSettings
>;

export const payment: Definition = {
  kind: "payment",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(paymentCommand),
  grants: {
    OpenPayment: ["driver", "actor"],
    ProviderReported: ["provider"],
    ClosePayment: ["driver"],
    ProviderAnswered: ["system"],
    BookAnswered: ["system"],
    UserAnswered: ["system"],
    OrderAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
  classOf: (type) => type === "ProviderReported" ? "stop" : "order",
  ended: (state) => {
    if (state.status === "succeeded") return state.delivered;
    if (state.status !== "closed" && state.status !== "failed") return false;
    return state.refund === null || state.refund.stands;
  },
};
