// Its time is over: the pile lets the slot go and says whether it could be used at all. A no-show is
// whoever could have come; nobody is one where the pile was at fault, or where a charge began.
import { nothing } from "../kit/mod.ts";
import { slotEnd } from "../../wire/reservation.ts";
import { expiry } from "./due.ts";
import type { Known, Of, ReservationEvent } from "./state.ts";
import { used } from "./start.ts";
import { type Decided, incident, type ReserveCtx } from "./turn.ts";

export function expireTimeout(state: Known, ctx: ReserveCtx): Decided {
  if (state.status !== "reserved" && state.status !== "fulfilled") return nothing;
  return expiry(state, ctx);
}

export function expiryAnswered(
  state: Known,
  { answer }: Of<"ExpiryAnswered">,
  ctx: ReserveCtx,
): Decided {
  if (state.status !== "reserved" || !state.expiring) return nothing;
  const end = slotEnd.safeParse(answer.ok ? answer.body : null);
  const { trouble, used: orderId } = end.success ? end.data : { trouble: null, used: null };
  if (orderId !== null) return used(state, orderId, true);
  const why = state.trouble ?? trouble;
  const { rules, pileId, connector } = state;
  if (why !== null && !ctx.without.has("reserve.trouble-never-no-show")) {
    const told: ReservationEvent[] = state.trouble === null ? [{ type: "TroubleTold", why }] : [];
    const back = { feeFen: 0, refundFen: rules.depositFen };
    return [...told, { type: "ReservationCancelled", why, by: "platform", ...back }];
  }
  const feeFen = ctx.without.has("noshow.fee") ? 0 : rules.noShowFeeFen;
  return [
    { type: "NoShowRecorded", feeFen, refundFen: rules.depositFen - feeFen },
    incident(ctx, {
      row: "1.5",
      cause: "no-show",
      words: "reservation.no-show",
      action: "fee-taken",
      outcome: "handled",
      facts: { userId: state.userId, pileId, connector, feeFen },
    }),
  ];
}

/** The pile tells of trouble: once, and it stays. */
export function slotTroubled(state: Known, { why }: Of<"SlotTroubled">): ReservationEvent[] {
  if (state.status !== "reserved") {
    return [{ type: "FactNoted", fact: "trouble-after-its-end", facts: { why } }];
  }
  return state.trouble === null ? [{ type: "TroubleTold", why }] : [];
}
