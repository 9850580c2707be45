// Folds what happened to the promises of a pile (slots.ts and slot-fate.ts decide it).
import { assert } from "../kit/assert.ts";
import type { EventOf, PileEvent } from "./events.ts";
import type { Registered, Slot } from "./state.ts";

export const slotsOf = ({ slots = [] }: Registered): readonly Slot[] => slots;
export const slotOf = (state: Registered, reservationId: string): Slot | undefined =>
  slotsOf(state).find((slot) => slot.reservationId === reservationId);

type Evolver<T extends PileEvent["type"]> = (state: Registered, event: EventOf<T>) => Registered;

const changed = <T extends PileEvent & { reservationId: string }>(
  change: (slot: Slot, event: T) => Slot,
) =>
(state: Registered, event: T): Registered => {
  const { reservationId } = event;
  assert(slotOf(state, reservationId) !== undefined, "no such promise", { reservationId });
  const slots = slotsOf(state).map((slot) =>
    slot.reservationId === reservationId ? change(slot, event) : slot
  );
  return { ...state, slots };
};

const gone = (state: Registered, { reservationId }: { reservationId: string }): Registered => ({
  ...state,
  slots: slotsOf(state).filter((slot) => slot.reservationId !== reservationId),
});

const reserved: Evolver<"SlotReserved"> = (state, { type: _type, ...slot }) => ({
  ...state,
  slots: [...slotsOf(state), { ...slot, orderId: null, trouble: null, used: null }],
});

export const evolveSlots = {
  SlotReserved: reserved,
  SlotLocked: changed<EventOf<"SlotLocked">>((slot) => ({ ...slot, locked: true })),
  SlotTroubled: changed<EventOf<"SlotTroubled">>((slot, { why }) => ({ ...slot, trouble: why })),
  SlotTaken: changed<EventOf<"SlotTaken">>((slot, { orderId }) => ({ ...slot, orderId })),
  SlotOpened: changed<EventOf<"SlotOpened">>((slot) => ({ ...slot, orderId: null })),
  SlotRestored: changed<EventOf<"SlotRestored">>((slot, { until }) => ({
    ...slot,
    orderId: null,
    until,
    restored: true,
  })),
  SlotUsed: changed<EventOf<"SlotUsed">>((slot, { orderId }) => ({
    ...slot,
    orderId,
    used: orderId,
  })),
  SlotFreed: gone,
  SlotReleased: gone,
} satisfies { [T in PileEvent["type"]]?: Evolver<T> };
