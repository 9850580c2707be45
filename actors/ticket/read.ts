// A ticket as its driver sees it, and the console.
import type { TicketView } from "../../wire/ticket.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { inScope } from "../kit/who.ts";
import type { KnownTicket, TicketState } from "./state.ts";

export function read(name: string, state: TicketState, ctx: Ctx): { body: unknown } | Refused {
  const { principal, self, v } = ctx;
  if (state.status === "absent" || !maySee(state, ctx)) return refuse("ticket.unknown");
  if (name !== "show") return refuse("request.not-found", { read: name });
  return { body: viewOf(state, self.id, v, principal.kind !== "driver") };
}

function maySee(state: KnownTicket, { principal }: Ctx): boolean {
  switch (principal.kind) {
    case "driver":
      return principal.id === state.userId;
    case "ops":
      return inScope(principal, state.stationId);
    case "system":
      return true;
    case "actor":
    case "device":
    case "provider":
      return false;
  }
}

function viewOf(state: KnownTicket, id: string, v: number, isInner: boolean): TicketView {
  const { status, userId, orderId, pileId, stationId, openedAt, lines } = state;
  const { reservationId, photoId } = state;
  return {
    id,
    v,
    status,
    userId,
    ...(orderId === undefined ? {} : { orderId }),
    ...(pileId === undefined ? {} : { pileId }),
    ...(stationId === undefined ? {} : { stationId }),
    ...(reservationId === undefined ? {} : { reservationId }),
    ...(photoId === undefined ? {} : { photoId }),
    openedAt: isoOf(openedAt),
    ...("takenAt" in state && state.takenAt !== undefined ? { takenAt: isoOf(state.takenAt) } : {}),
    ...(isInner && "takenBy" in state && state.takenBy !== undefined
      ? { takenBy: state.takenBy }
      : {}),
    ...(state.status === "closed" ? { closedAt: isoOf(state.closedAt) } : {}),
    lines: lines.map(({ at, ...line }) => ({ at: isoOf(at), ...line })),
  };
}
