// A reconciliation (对账): one source, one day; every difference has a case until it agrees or a person
// has settled it.
import { reconciliationCommand } from "../../wire/reconcile.ts";
import { type ActorDefinition, onEvent, Tell } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { read } from "./read.ts";
import type { ReconciliationCommand, ReconciliationEvent, ReconciliationState } from "./state.ts";

export type { ReconciliationEvent, ReconciliationState } from "./state.ts";

export const reconciliation: ActorDefinition<
  ReconciliationState,
  ReconciliationCommand,
  ReconciliationEvent
> = {
  kind: "reconciliation",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(reconciliationCommand),
  grants: { FileRun: ["system"], SettleCase: ["ops"], CheckAnswered: ["system"] },
  decide,
  evolve,
  /** The payment asks its provider anew, whatever it knew: it books, gives back, or tells a person. */
  react: onEvent<ReconciliationEvent, ReconciliationState>({
    CaseOpened: ({ n, paymentId, state }) => {
      if (state !== "retrying" || paymentId === undefined) return [];
      const reply = { onReply: "CheckAnswered", ref: { n } };
      return [Tell({ kind: "payment", id: paymentId }, "CheckPayment", {}, reply)];
    },
    CaseSeen: ({ n }, state) => {
      const one = state.status === "open" ? state.cases.find((each) => each.n === n) : undefined;
      if (one?.paymentId === undefined) return [];
      const reply = { onReply: "CheckAnswered", ref: { n } };
      return [Tell({ kind: "payment", id: one.paymentId }, "CheckPayment", {}, reply)];
    },
  }),
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
  classOf: () => "report",
};
