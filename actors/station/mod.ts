// The station (场站): where it is, which prices are in force there, and which piles take them.
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { type StationCommand, stationCommand } from "../../wire/user.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { StationEvent, StationState } from "./state.ts";

export type { StationEvent, StationState } from "./state.ts";

export const station: ActorDefinition<
  StationState,
  StationCommand,
  StationEvent,
  unknown,
  ChargingSettings
> = {
  kind: "station",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(stationCommand),
  grants: {
    OpenStation: ["ops"],
    AddPile: ["ops"],
    SetStationPhone: ["ops"],
    SetReserveRule: ["ops"],
    DraftTariff: ["ops"],
    DropTariffDraft: ["ops"],
    PublishTariff: ["ops"],
    RollBackTariff: ["ops"],
    PileAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, query, ctx) => read(name, state, query, ctx),
};
