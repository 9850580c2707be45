// What a station tells its piles: the tariff in force and the phone number, until each has taken it.
import { CancelTimer, type Effect, onEvent, StartTimer, Tell } from "../kit/mod.ts";
import { AGAIN_MS, type StationEvent, type StationState } from "./state.ts";

function setTariff(state: StationState, pileId: string): Effect[] {
  if (state.status === "absent") return [];
  const { tariff, place } = state;
  const body = { tariff, stationPhone: place.phone };
  const back = { onReply: "PileAnswered", ref: { pileId, version: tariff.version } };
  return [Tell({ kind: "pile", id: pileId }, "SetTariff", body, back)];
}

export const react = onEvent<StationEvent, StationState>({
  PileAdded: ({ pileId }, state) => setTariff(state, pileId),
  TariffPutInForce: (_event, state) =>
    state.status === "absent" ? [] : state.piles.flatMap(({ pileId }) => setTariff(state, pileId)),
  StationPhoneSet: (_event, state) =>
    state.status === "absent" ? [] : state.piles.flatMap(({ pileId }) => setTariff(state, pileId)),
  TariffMissed: ({ pileId }, _state, ctx) => [StartTimer(`again/${pileId}`, ctx.at + AGAIN_MS)],
  TariffConfirmed: ({ pileId }) => [CancelTimer(`again/${pileId}`)],
  TariffSentAgain: ({ pileId }, state) => setTariff(state, pileId),
});
