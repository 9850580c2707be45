// What every page of the saga takes and gives.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import { type Ctx, type Decision, replied } from "../kit/mod.ts";
import type { ReservationEvent, ReservationState } from "./state.ts";
import { viewOf } from "./view.ts";

export type ReserveCtx = Ctx<ChargingSettings>;
export type Decided = Decision<ReservationEvent, ReservationState>;

/** Answers with the reservation as it is after the events. */
export function shown(events: readonly ReservationEvent[], { self }: ReserveCtx): Decided {
  return replied(
    events,
    (after: ReservationState, v) => after.status === "absent" ? null : viewOf(after, self.id, v),
  );
}

export function incident(
  { self }: ReserveCtx,
  about: Omit<IncidentRaised, "type" | "actor" | "facts"> & { facts?: Record<string, unknown> },
): IncidentRaised {
  const { facts = {}, ...told } = about;
  return { type: "IncidentRaised", actor: `reservation/${self.id}`, ...told, facts };
}
