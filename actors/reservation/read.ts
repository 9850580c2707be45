// Reads of a reservation for display: answered from memory, to those who may know that it exists.
import { refuse, type Refused } from "../kit/mod.ts";
import { costOf } from "./cancel.ts";
import type { ReservationState } from "./state.ts";
import type { ReserveCtx } from "./turn.ts";
import { maySee, viewOf } from "./view.ts";

export function read(
  name: string,
  state: ReservationState,
  ctx: ReserveCtx,
): { body: unknown } | Refused {
  const { id: reservationId } = ctx.self;
  if (state.status === "absent" || !maySee(state, ctx.principal)) {
    return refuse("reservation.unknown", { reservationId });
  }
  if (name === "show") return { body: viewOf(state, reservationId, ctx.v) };
  if (name !== "cancel-cost") return refuse("request.not-found", { read: name });
  if (state.status !== "reserved" || state.expiring) {
    return refuse("reservation.over", { reservationId, status: state.status });
  }
  return { body: costOf(state, ctx) };
}
