// What a help ticket is: whose, about what, who looks after it, and what was said.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { TicketCommand } from "../../wire/ticket.ts";
import type { Instant } from "../../wire/units.ts";

export interface Line {
  at: Instant;
  by: "driver" | "ops";
  text: string;
}
interface About {
  userId: string;
  orderId?: string;
  pileId?: string;
  stationId?: string;
  reservationId?: string;
  photoId?: string;
}
interface Known extends About {
  openedAt: Instant;
  lines: Line[];
}
export type TicketState =
  | { status: "absent" }
  | Known & { status: "open" }
  | Known & { status: "taken"; takenAt: Instant; takenBy: string }
  | Known & { status: "closed"; takenAt?: Instant; takenBy?: string; closedAt: Instant };
export type KnownTicket = Exclude<TicketState, { status: "absent" }>;

export type TicketEvent =
  | About & { type: "HelpAsked"; text: string }
  | { type: "HelpAskedAgain"; text: string }
  | About & { type: "AppealBrought"; text: string; reservationId: string }
  | { type: "TicketTaken"; by: string }
  | { type: "TicketClosed"; by: string; note: string }
  | IncidentRaised;

export type Of<T extends TicketCommand["type"]> = Extract<TicketCommand, { type: T }>;

/** What a person reads; older lines give way, the archive has them. */
export const LINES_MAX = 40;
