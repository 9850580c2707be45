// The user (车主) as the platform's rules see them: who may start, who owes, who is blocked.
import type { ChargingSettings } from "../../wire/settings.ts";
import { userCommand } from "../../wire/user.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { UserCommand, UserEvent, UserState } from "./state.ts";

export type { UserEvent, UserState } from "./state.ts";

export const user: ActorDefinition<UserState, UserCommand, UserEvent, null, ChargingSettings> = {
  kind: "user",
  sv: 1,
  initial: { status: "unknown" },
  parse: parseBy(userCommand),
  grants: {
    RegisterUser: ["system"],
    OpenOrder: ["actor"],
    CloseOrder: ["actor"],
    OpenReservation: ["actor"],
    LoosenReservation: ["actor"],
    CloseReservation: ["actor"],
    CountAppeal: ["actor"],
    SettleDebt: ["actor"],
    CollectDebts: ["actor"],
    OweOverstay: ["actor"],
    SettleOverstay: ["actor"],
    CountOverstay: ["actor"],
    UncountOverstay: ["actor"],
    LiftStartBar: ["ops"],
    AddBinding: ["actor"],
    RemoveBinding: ["driver"],
    SetCredit: ["ops"],
    BlockUser: ["ops"],
    UnblockUser: ["ops"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
