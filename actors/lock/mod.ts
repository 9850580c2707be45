// The lock (地锁 ground lock, 道闸 gate) of one connector's bay: where it stands, moved by command until it
// obeys or has a fault with a reason. It knows nothing of orders or reservations, only who wants what.
import { type LockCommand, lockCommand } from "../../wire/lock.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { LockActorState, LockEvent } from "./state.ts";

export type { LockActorState, LockEvent } from "./state.ts";

type Definition = ActorDefinition<LockActorState, LockCommand, LockEvent, null, ChargingSettings>;

export const lock: Definition = {
  kind: "lock",
  sv: 1,
  initial: { status: "unfitted" },
  parse: parseBy(lockCommand),
  grants: {
    FitLock: ["ops"],
    MoveLock: ["actor", "ops"],
    RestLock: ["actor"],
    ReportLock: ["actor", "provider"],
    LockAnswered: ["actor"],
    PartnerAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
