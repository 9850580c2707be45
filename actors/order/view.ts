// An order as its owner and ops see it: what it is, what it costs so far, what can be done now.
import { isoOf } from "../../wire/units.ts";
import type { OrderView } from "../../wire/order.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { Ctx } from "../kit/mod.ts";
import { isOf } from "../kit/who.ts";
import { costSoFar, energyOf } from "../tariff/mod.ts";
import { claimsOf } from "./claims.ts";
import {
  type Billed,
  type Charging,
  type Due,
  dueFenOf,
  type Kept,
  type Known,
  type Meter,
} from "./state.ts";
import { nextOfStay, stayDues, stayView } from "./stay-view.ts";

/** Whose order is it? Others are told that there is none. */
export const maySee = (state: Known, principal: Principal): boolean =>
  isOf(principal, {
    userId: state.userId,
    stationId: "stationId" in state ? state.stationId : undefined,
  });

export type Shown = Pick<Ctx<ChargingSettings>, "self" | "v" | "settings">;

export function viewOf(state: Known, { self: { id }, v, settings }: Shown): OrderView {
  const { userId, pileId, connector, limit, pay, card, reservationId, status } = state;
  return {
    id,
    v,
    status,
    userId,
    pileId,
    connector,
    limit,
    pay,
    card,
    ...(reservationId === undefined ? {} : { reservationId }),
    createdAt: isoOf(state.createdAt),
    ...agreed(state),
    ...progress(state),
    holdFen: holdFenOf(state),
    ...stayView(state, settings.bayWarnMs),
    dues: [...duesOf(state), ...stayDues(state)],
    ...claimed(state),
    next: [...nextOf(state), ...nextOfStay(state)],
  };
}

/** What was said about the bill afterwards. */
function claimed(state: Known): Part {
  const { refundedFen, appeals } = claimsOf(state);
  return {
    ...(refundedFen > 0 ? { refundedFen } : {}),
    ...(appeals.length > 0
      ? { appeals: appeals.map(({ at, ...appeal }) => ({ ...appeal, at: isoOf(at) })) }
      : {}),
  };
}

type Part = Partial<OrderView>;

function agreed(state: Known): Part {
  switch (state.status) {
    case "authorizing": {
      const { tariffVersion, kept } = state;
      return { tariffVersion, ...(kept ? { stationId: kept.stationId } : {}) };
    }
    case "declined":
      return { tariffVersion: state.tariffVersion, why: state.code };
    case "starting":
    case "charging":
    case "stopping":
    case "start-failed":
    case "bill-review":
    case "awaiting-payment":
    case "overdue":
    case "paid":
      return { stationId: state.stationId, tariffVersion: state.tariff.version };
  }
}

function progress(state: Known): Part {
  switch (state.status) {
    case "authorizing":
    case "declined":
      return {};
    case "starting":
      return state.waiting ? { waiting: "unplugged" } : {};
    case "start-failed":
      return { why: state.why, ...(state.cause ? { cause: state.cause } : {}) };
    case "charging":
    case "stopping": {
      const { started, meter } = state;
      return {
        ...(started ? { startedAt: isoOf(started.at) } : {}),
        ...(meter ? { live: liveOf(meter, state, started?.deviceAt ?? meter.deviceAt) } : {}),
        ...("lowFen" in state && state.lowFen === holdFenOf(state) ? { holdLow: true } : {}),
      };
    }
    case "bill-review":
    case "awaiting-payment":
    case "overdue":
    case "paid": {
      const { started, endedAt, ending, cause, bill } = state;
      return {
        ...(started ? { startedAt: isoOf(started.at) } : {}),
        endedAt: isoOf(endedAt),
        ...(state.status === "paid" ? { paidAt: isoOf(state.paidAt) } : {}),
        ending,
        ...(cause ? { cause } : {}),
        bill,
        ...correctionOf(state),
      };
    }
  }
}

function correctionOf({ correction }: { correction?: Billed["correction"] }): Part {
  if (!correction) return {};
  const { bill, fen, waivedFen, booked } = correction;
  const { totalFen: trueFen, energyWh } = bill;
  return { correction: { trueFen, energyWh, fen, waivedFen, booked } };
}

const liveOf = (
  { deviceAt, n, segments, powerW, socPct }: Meter,
  { tariff }: Kept,
  startAt: number,
): OrderView["live"] => ({
  t: isoOf(deviceAt),
  n,
  energyWh: energyOf(segments),
  powerW,
  socPct: socPct ?? null,
  costFen: costSoFar({ segments, startAt, stopAt: deviceAt }, tariff),
});

/** What is set aside for it at this moment. */
function holdFenOf(state: Known): number {
  switch (state.status) {
    case "authorizing":
    case "declined":
      return 0;
    case "starting":
    case "charging":
    case "stopping":
      return state.backing.by === "hold" ? state.backing.fen : 0;
    case "start-failed":
      return state.backing.by === "hold" && !state.proven ? state.backing.fen : 0;
    case "bill-review":
    case "awaiting-payment":
    case "overdue":
    case "paid":
      return state.holdOpen && state.backing.by === "hold" ? state.backing.fen : 0;
  }
}

function duesOf(state: Known): OrderView["dues"] {
  if (state.status === "paid") {
    return [{ purpose: "charge", fen: state.paidFen, status: "paid" }];
  }
  if (state.status !== "awaiting-payment" && state.status !== "overdue") return [];
  const payment = state.attempt && "paymentId" in state.attempt
    ? { paymentId: state.attempt.paymentId }
    : {};
  return [{ purpose: "charge", fen: dueFenOf(state), status: dueStatus(state), ...payment }];
}
function dueStatus({ status, attempt }: Due): "paying" | "overdue" | "open" {
  return attempt ? "paying" : status === "overdue" ? "overdue" : "open";
}

const mayTopUp = ({ backing, pay }: Charging): boolean =>
  backing.by === "hold" && pay.by !== "credit";

function nextOf(state: Known): OrderView["next"] {
  switch (state.status) {
    case "authorizing":
    case "starting":
      return ["stop", "help"];
    case "charging":
      return mayTopUp(state) ? ["stop", "top-up", "help"] : ["stop", "help"];
    case "stopping":
    case "bill-review":
      return ["help"];
    case "declined":
      return ["retry"];
    case "start-failed":
      return ["retry", "help"];
    case "awaiting-payment":
    case "overdue":
      return ["pay", "help", "appeal"];
    case "paid":
      return ["receipt", "appeal"];
  }
}
