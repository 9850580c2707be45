// The reservation (预约): the saga of one promise. It asks user, pile and wallet; each step has a way back; it
// ends as fulfilled, cancelled, no-show or appealed, once.
import type { ChargingSettings } from "../../wire/settings.ts";
import { type ReservationCommand, reservationCommand } from "../../wire/reservation.ts";
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { ReservationEvent, ReservationState } from "./state.ts";

export type { ReservationEvent, ReservationState } from "./state.ts";

type Definition = ActorDefinition<
  ReservationState,
  ReservationCommand,
  ReservationEvent,
  null,
  ChargingSettings
>;

export const reservation: Definition = {
  kind: "reservation",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(reservationCommand),
  grants: {
    RequestReservation: ["driver"],
    CancelReservation: ["driver"],
    StartReserved: ["driver"],
    AppealReservation: ["driver"],
    DecideAppeal: ["ops"],
    SlotTroubled: ["actor"],
    SlotUsed: ["actor"],
    SlotRestored: ["actor"],
    SlotFreed: ["actor"],
    UserAnswered: ["system"],
    SlotAnswered: ["system"],
    DepositAnswered: ["system"],
    KeepAnswered: ["system"],
    StartAnswered: ["system"],
    ExpiryAnswered: ["system"],
    AppealCounted: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
  ended: (state) => {
    switch (state.status) {
      case "absent":
      case "awaiting-deposit":
      case "reserved":
        return false;
      case "fulfilled":
        return state.used || state.closed;
      case "cancelled":
      case "no-show":
        return true;
      case "appealed":
        return state.appeal === "granted" || state.appeal === "refused";
    }
  },
};
