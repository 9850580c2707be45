// A reservation as its owner and ops see it, and what can be done with it now.
import type { Principal } from "../../wire/envelope.ts";
import type { ReservationView } from "../../wire/reservation.ts";
import { isoOf } from "../../wire/units.ts";
import { isOf } from "../kit/who.ts";
import { type Appealed, type Known, lockFromOf } from "./state.ts";

/** Whose is it? Others are told that there is none. */
export const maySee = ({ userId, stationId }: Known, principal: Principal): boolean =>
  isOf(principal, { userId, stationId: stationId ?? undefined });

export function viewOf(state: Known, id: string, v: number): ReservationView {
  const { status, userId, pileId, connector, stationId, from, until, rules } = state;
  return {
    id,
    v,
    status,
    userId,
    pileId,
    connector,
    ...(stationId === null ? {} : { stationId }),
    createdAt: isoOf(state.createdAt),
    from: isoOf(from),
    until: isoOf(until),
    lockFrom: isoOf(lockFromOf(state)),
    freeUntil: isoOf(until - rules.freeMs),
    depositFen: rules.depositFen,
    rules,
    ...progress(state),
    next: nextOf(state),
  };
}

function progress(state: Known): Partial<ReservationView> {
  switch (state.status) {
    case "awaiting-deposit":
      return {};
    case "reserved": {
      const { trouble, starting } = state;
      return {
        ...(trouble === null ? {} : { trouble }),
        ...(starting ? { orderId: starting.orderId, starting: true as const } : {}),
      };
    }
    case "fulfilled": {
      const { orderId, used, closed, lockUntil, starting } = state;
      return {
        orderId: starting?.orderId ?? orderId,
        feeFen: 0,
        refundFen: state.rules.depositFen,
        ...(starting ? { starting: true as const } : {}),
        ...(used || closed ? {} : { lockUntil: isoOf(lockUntil) }),
      };
    }
    case "cancelled": {
      const { feeFen, refundFen, why, trouble } = state;
      return { feeFen, refundFen, why, ...(trouble === null ? {} : { trouble }) };
    }
    case "no-show":
      return { feeFen: state.feeFen, refundFen: state.refundFen };
    case "appealed":
      return { feeFen: state.feeFen, refundFen: state.refundFen, ...appealOf(state) };
  }
}

function appealOf({ ticketId, appeal, reason }: Appealed): Partial<ReservationView> {
  const status = appeal === "counting" ? "waiting" : appeal;
  return { appeal: { ticketId, status, ...(reason === null ? {} : { reason }) } };
}

function nextOf(state: Known): ReservationView["next"] {
  switch (state.status) {
    case "reserved":
      if (state.expiring || state.starting || state.used !== null) return ["help"];
      return ["start", "cancel", "appeal", "help"];
    case "fulfilled":
      return state.used || state.closed || state.starting ? ["help"] : ["start", "help"];
    case "awaiting-deposit":
    case "cancelled":
    case "no-show":
    case "appealed":
      return ["help"];
  }
}
