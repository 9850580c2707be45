// A payment (支付): one attempt with one provider, asked about until its outcome is known.
import { paymentCommand } from "../../wire/money.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import {
  isLive,
  type PaymentCommand,
  type PaymentEvent,
  type PaymentState,
  refundsOf,
} from "./state.ts";

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
    RefundPayment: ["actor", "ops", "system"],
    CheckPayment: ["actor", "ops", "system"],
    RefundAnswered: ["system"],
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
    if (state.status === "absent" || isLive(state)) return false;
    const refunds = refundsOf(state, "");
    const isBack = refunds.every(({ stage }) => stage === "stood" || stage === "declined");
    return isBack && (state.status !== "succeeded" || state.delivered);
  },
};
