// What the world must do about promises of connectors: words to their reservations, timers.
import { CancelTimer, type Effect, StartTimer, Tell } from "../kit/mod.ts";
import type { EventOf, PileEvent } from "./events.ts";
import { slotsOf } from "./evolve-slots.ts";
import { slotTimer } from "./names.ts";
import { isOpen } from "./slot-fate.ts";
import { missedAt } from "./slots.ts";
import type { PileState } from "./state.ts";
import type { PileCtx } from "./turn.ts";

const reservation = (id: string) => ({ kind: "reservation", id });

/** A link that is away while a connector is locked for somebody: looked at again once it surely is. */
export function missed(state: PileState, ctx: PileCtx): Effect[] {
  if (state.status === "unregistered" || state.link.presence === "online") return [];
  const at = missedAt(state, ctx.settings);
  return slotsOf(state).filter((slot) => slot.locked && isOpen(slot) && slot.trouble === null)
    .map(({ reservationId }) => StartTimer(slotTimer(reservationId), at));
}

type Reaction<T extends PileEvent["type"]> = (
  event: EventOf<T>,
  state: PileState,
  ctx: PileCtx,
) => Effect[];

export const slotHandlers: { [T in PileEvent["type"] & `Slot${string}`]?: Reaction<T> } = {
  SlotReserved: ({ reservationId, lockFrom, locked }) =>
    locked ? [] : [StartTimer(slotTimer(reservationId), lockFrom)],
  SlotLocked: (_event, state, ctx) => missed(state, ctx),
  SlotOpened: (_event, state, ctx) => missed(state, ctx),
  SlotReleased: ({ reservationId }) => [CancelTimer(slotTimer(reservationId))],
  SlotTroubled: ({ reservationId, why }) => [
    Tell(reservation(reservationId), "SlotTroubled", { why }),
  ],
  SlotUsed: ({ reservationId, orderId }) => [
    Tell(reservation(reservationId), "SlotUsed", { orderId }),
  ],
  SlotRestored: ({ reservationId, orderId, until }) => [
    Tell(reservation(reservationId), "SlotRestored", { orderId, until }),
  ],
  SlotFreed: ({ reservationId, orderId }) => [
    CancelTimer(slotTimer(reservationId)),
    Tell(reservation(reservationId), "SlotFreed", { orderId }),
  ],
};
