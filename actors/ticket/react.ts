// What a ticket makes happen: its driver hears that somebody took it, and that it is closed.
import { Call, type Ctx, type Effect, onEvent } from "../kit/mod.ts";
import type { HelpNotice } from "../../wire/notice.ts";
import type { TicketEvent, TicketState } from "./state.ts";

function tell(state: TicketState, code: HelpNotice, { tenant, self }: Ctx): Effect[] {
  if (state.status === "absent") return [];
  const { userId, orderId, pileId } = state;
  const facts = {
    ticketId: self.id,
    ...(orderId === undefined ? {} : { orderId }),
    ...(pileId === undefined ? {} : { pileId }),
  };
  return [Call("notify", userId, { tenant, userId, code, facts })];
}

export const react = onEvent<TicketEvent, TicketState>({
  TicketTaken: (_event, state, ctx) => tell(state, "help.taken", ctx),
  TicketClosed: (_event, state, ctx) => tell(state, "help.closed", ctx),
});
