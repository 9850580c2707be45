// A driver asks for help, ops take it and close it. Each asking rings the console.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { TicketCommand } from "../../wire/ticket.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole, inScope, isActor } from "../kit/who.ts";
import type { KnownTicket, Of, TicketEvent, TicketState } from "./state.ts";

type About = Pick<KnownTicket, "orderId" | "pileId" | "stationId">;
type Decided = Decision<TicketEvent, TicketState>;

export function decide(state: TicketState, command: TicketCommand, ctx: Ctx): Decided {
  if (command.type === "AskHelp") return askHelp(state, command, ctx);
  if (command.type === "OpenMatter") return openMatter(state, command, ctx);
  if (command.type === "CloseMatter") return closeMatter(state, command, ctx);
  if (command.type === "OpenAppeal") return openAppeal(state, command, ctx);
  if (state.status === "absent") return refuse("ticket.unknown");
  if (!inScope(ctx.principal, state.stationId)) return refuse("ticket.unknown");
  if (!hasRole(ctx.principal, "service", "operator")) return refuse("auth.forbidden");
  return command.type === "TakeTicket" ? take(state, ctx) : close(state, command, ctx);
}

/** One ticket for one matter: asked again, what is new is added, and it rings again. */
function askHelp(state: TicketState, command: Of<"AskHelp">, ctx: Ctx): Decided {
  const { type: _type, text, ...about } = command;
  const userId = ctx.principal.id;
  if (state.status === "absent") {
    return answered([{ type: "HelpAsked", userId, text, ...about }, ...ringing(about, ctx)]);
  }
  if (state.userId !== userId) return refuse("ticket.unknown");
  return answered([{ type: "HelpAskedAgain", text }, ...ringing(state, ctx)]);
}

/** An order says that its driver does not agree: a ticket as if they had asked for help. */
function openMatter(state: TicketState, command: Of<"OpenMatter">, ctx: Ctx): Decided {
  const { type: _type, ...asked } = command;
  if (!isActor(ctx.principal, "order", asked.orderId)) return refuse("auth.forbidden");
  if (state.status !== "absent") return nothing;
  return [{ type: "HelpAsked", ...asked }, ...ringing(asked, ctx)];
}
/** The order has the decision of ops: nothing is left to be done here. */
function closeMatter(state: TicketState, { note }: Of<"CloseMatter">, ctx: Ctx): Decided {
  if (state.status === "absent" || state.status === "closed") return nothing;
  if (!isActor(ctx.principal, "order", state.orderId ?? "")) return refuse("auth.forbidden");
  return [{ type: "TicketClosed", by: ctx.principal.id, note }];
}
/** A reservation's driver could not come to the pile; told twice, opened once. */
function openAppeal(state: TicketState, command: Of<"OpenAppeal">, ctx: Ctx): Decided {
  const { type: _type, ...about } = command;
  if (!isActor(ctx.principal, "reservation", about.reservationId)) return refuse("auth.forbidden");
  return state.status === "absent" ? [{ type: "AppealBrought", ...about }] : nothing;
}

const answered = (events: TicketEvent[]): Decided => replied(events, (_state, v) => ({ v }));

function ringing({ orderId, pileId, stationId }: About, { self, without }: Ctx): IncidentRaised[] {
  if (without.has("help.rings-console")) return [];
  return [{
    type: "IncidentRaised",
    row: "1.7",
    cause: "help-asked",
    actor: `ticket/${self.id}`,
    words: "help.wanted",
    action: "console-rung",
    outcome: "needs-person",
    facts: {
      ticketId: self.id,
      ...(orderId === undefined ? {} : { orderId }),
      ...(pileId === undefined ? {} : { pileId }),
      ...(stationId === undefined ? {} : { stationId }),
    },
  }];
}

/** Whoever takes it last has it: a colleague may take over. */
function take(state: KnownTicket, { principal }: Ctx): Decided {
  if (state.status === "closed") return refuse("ticket.closed", { closedAt: state.closedAt });
  if (state.status === "taken" && state.takenBy === principal.id) return nothing;
  return [{ type: "TicketTaken", by: principal.id }];
}

function close(state: KnownTicket, { note }: Of<"CloseTicket">, { principal }: Ctx): Decided {
  if (state.status === "closed") return refuse("ticket.closed", { closedAt: state.closedAt });
  return [{ type: "TicketClosed", by: principal.id, note }];
}
