// What a patrol task (巡查任务) is: which bay, why, who looks, and what they found.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { PatrolCause, PatrolCommand } from "../../wire/patrol.ts";
import type { PhotoFacts } from "../../wire/photo.ts";
import type { Instant } from "../../wire/units.ts";

export interface About {
  cause: PatrolCause;
  pileId: string;
  connector?: number;
  stationId?: string;
  orderId?: string;
  /** Who reported it. */
  userId?: string;
  text?: string;
  reportPhoto?: PhotoFacts;
}
export type KnownPatrol = About & {
  openedAt: Instant;
  takenAt?: Instant;
  takenBy?: string;
  endedAt?: Instant;
  status: "open" | "taken" | "done" | "withdrawn";
  note?: string;
  found?: string;
  photo?: PhotoFacts;
  why?: string;
};
export type PatrolState = { status: "absent" } | KnownPatrol;

export type PatrolEvent =
  | About & { type: "PatrolOpened" }
  | { type: "PatrolTaken"; by: string }
  | { type: "PatrolDone"; by: string; note: string; found: string; photo: PhotoFacts }
  | { type: "PatrolWithdrawn"; why: string }
  | IncidentRaised;
export type Of<T extends PatrolCommand["type"]> = Extract<PatrolCommand, { type: T }>;
