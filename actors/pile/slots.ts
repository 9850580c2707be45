// Slots (预约时段): connectors promised to one user for a time. A promise locks its connector a little before
// its window; two of one connector never overlap (R1). What happens at the pile means something for them.
import { nothing, refuse, type Refused, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import { slotOf, slotsOf } from "./evolve-slots.ts";
import type { Of, PileDecision } from "./fact.ts";
import { forbidden, hindrance } from "./keep.ts";
import type { FailedStart, Registered, Slot } from "./state.ts";
import { connectorOf, hasConnector, type PileCtx } from "./turn.ts";

/** Promises of one pile at most: two hours of windows at a handful of connectors. */
export const SLOTS_MAX = 64;

type Wanted = Of<"AskSlot" | "ReserveConnector">;

/** Whoever asks first finds out before any money moves; nothing is kept yet. */
export function askSlot(state: Registered, command: Of<"AskSlot">, ctx: PileCtx): PileDecision {
  if (!isActor(ctx.principal, "reservation", command.reservationId)) return forbidden();
  return whyTaken(state, command, ctx) ??
    replied(nothing, () => ({ stationId: state.stationId }));
}

export function reserveConnector(
  state: Registered,
  command: Of<"ReserveConnector">,
  ctx: PileCtx,
): PileDecision {
  const { type: _type, ...slot } = command;
  if (!isActor(ctx.principal, "reservation", slot.reservationId)) return forbidden();
  const body = () => ({ stationId: state.stationId });
  if (slotOf(state, slot.reservationId)) return replied(nothing, body);
  const taken = whyTaken(state, command, ctx);
  if (taken) return taken;
  const lockFrom = slot.from - ctx.settings.reserveBufferMs;
  return replied([{ type: "SlotReserved", ...slot, lockFrom, locked: lockFrom <= ctx.at }], body);
}

function whyTaken(state: Registered, wanted: Wanted, ctx: PileCtx): Refused | null {
  const { connector: no, userId, from, until, reservationId } = wanted;
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const guarded = !ctx.without.has("reserve.free-only");
  if (guarded && !connectorOf(state, no).reservable) {
    return refuse("slot.not-reservable", { connector: no });
  }
  const hindered = guarded ? hindrance(state, no, userId, ctx.without)?.refused : undefined;
  if (hindered?.code === "pile.occupied") {
    return refuse("slot.taken", { connector: no, why: hindered.code });
  }
  if (hindered && hindered.code !== "pile.unplugged") return { refused: hindered };
  const { reserveBufferMs: bufferMs } = ctx.settings;
  const other = slotsOf(state).find((slot) =>
    slot.connector === no && slot.used === null && slot.reservationId !== reservationId &&
    from < slot.until + bufferMs && slot.from < until + bufferMs
  );
  if (other && !ctx.without.has("reserve.no-overlap")) {
    return refuse("slot.taken", { connector: no, why: "pile.reserved" });
  }
  if (slotsOf(state).length >= SLOTS_MAX) return refuse("overloaded", { slots: SLOTS_MAX });
  return null;
}

/** Let go, and what became of it; told twice, the second time there is nothing to say. */
export function releaseSlot(
  state: Registered,
  { reservationId }: Of<"ReleaseSlot">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "reservation", reservationId)) return forbidden();
  const slot = slotOf(state, reservationId);
  const body = { trouble: slot?.trouble ?? null, used: slot?.used ?? null };
  return replied(
    slot ? [{ type: "SlotReleased", reservationId, connector: slot.connector }] : [],
    () => body,
  );
}

/** Since so long the link is surely away. */
export const missedAt = ({ link }: Registered, { reserveLinkMs }: PileCtx["settings"]): number =>
  link.since + reserveLinkMs;

/** Why the promised user could not charge there now; a gun that is not in is their own matter, and a link
 * that has just gone may be back before anybody misses it. */
export function troubleAt(state: Registered, slot: Slot, ctx: PileCtx): string | null {
  const code = hindrance(state, slot.connector, slot.userId, ctx.without)?.refused.code;
  if (code === undefined || code === "pile.unplugged") return null;
  return code === "pile.offline" && ctx.at < missedAt(state, ctx.settings) ? null : code;
}

/** The end of a lock that is given back: the window and, once, a while; never into the next promise. */
export function restoredUntil(state: Registered, slot: Slot, ctx: PileCtx): number {
  if (slot.restored) return slot.until;
  const next = slotsOf(state)
    .filter((one) => one.connector === slot.connector && one.from >= slot.until)
    .reduce((first, { lockFrom }) => Math.min(first, lockFrom), Infinity);
  return Math.min(slot.until + ctx.settings.reserveRestoreMs, next);
}

/** Did the pile fail, or its driver (who never plugged in, or stopped it)? */
export function isPilesFault(why: FailedStart["why"]): boolean {
  switch (why) {
    case "device-refused":
    case "device-silent":
    case "late-start":
    case "link-lost":
    case "fault":
      return true;
    case "unplugged":
    case "stopped":
      return false;
  }
}
