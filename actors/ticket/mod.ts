// A help ticket (求助工单): one-tap help with the order attached, until ops have closed it.
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { type TicketCommand, ticketCommand } from "../../wire/ticket.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import type { TicketEvent, TicketState } from "./state.ts";

export type { TicketEvent, TicketState } from "./state.ts";

export const ticket: ActorDefinition<TicketState, TicketCommand, TicketEvent> = {
  kind: "ticket",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(ticketCommand),
  grants: {
    AskHelp: ["driver"],
    OpenAppeal: ["actor"],
    OpenMatter: ["actor"],
    CloseMatter: ["actor"],
    TakeTicket: ["ops"],
    CloseTicket: ["ops"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
