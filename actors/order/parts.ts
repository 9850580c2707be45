// The parts of a state that live on in the next one, taken out by name.
import { assert } from "../kit/assert.ts";
import type { Billed, Frozen, Known, Terms } from "./state.ts";

export function termsOf(state: Terms): Terms {
  const { userId, pileId, connector, limit, pay, card, reservationId, createdAt } = state;
  const promise = reservationId === undefined ? {} : { reservationId };
  return { userId, pileId, connector, limit, pay, card, ...promise, createdAt };
}

export function frozenOf(state: Known): Frozen {
  assert("backing" in state, "a charge without its terms", { status: state.status });
  const { stationId, tariff, ratedPowerW, backing } = state;
  return { ...termsOf(state), stationId, tariff, ratedPowerW, backing };
}

export function billedOf(state: Known): Billed {
  assert("bill" in state, "a charge without its bill", { status: state.status });
  const {
    started,
    endedAt,
    ending,
    cause,
    end,
    bill,
    holdOpen,
    awaitsMeter,
    correction,
    claims,
    stay,
  } = state;
  const more = {
    ...(cause ? { cause } : {}),
    ...(awaitsMeter ? { awaitsMeter } : {}),
    ...(correction ? { correction } : {}),
    ...(claims ? { claims } : {}),
    ...(stay ? { stay } : {}),
  };
  return { ...frozenOf(state), started, endedAt, ending, ...more, end, bill, holdOpen };
}
