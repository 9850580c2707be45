// What a station tells its piles: the tariff in force, the phone number and the rules of reservations, until
// each has taken them.
import { CancelTimer, type Effect, onEvent, StartTimer, Tell } from "../kit/mod.ts";
import { AGAIN_MS, type StationEvent, type StationState } from "./state.ts";

function setTariff(state: StationState, pileId: string): Effect[] {
  if (state.status === "absent") return [];
  const { tariff, place, reserving } = state;
  const own = reserving?.rule ? { reserving: reserving.rule } : {};
  const body = { tariff, stationPhone: place.phone, ...own };
  const back = { onReply: "PileAnswered", ref: { pileId, version: tariff.version } };
  return [Tell({ kind: "pile", id: pileId }, "SetTariff", body, back)];
}

const everyPile = (_event: unknown, state: StationState): Effect[] =>
  state.status === "absent" ? [] : state.piles.flatMap(({ pileId }) => setTariff(state, pileId));

export const react = onEvent<StationEvent, StationState>({
  PileAdded: ({ pileId }, state) => setTariff(state, pileId),
  TariffPutInForce: everyPile,
  StationPhoneSet: everyPile,
  ReserveRuleSet: everyPile,
  TariffMissed: ({ pileId }, _state, ctx) => [StartTimer(`again/${pileId}`, ctx.at + AGAIN_MS)],
  TariffConfirmed: ({ pileId }) => [CancelTimer(`again/${pileId}`)],
  TariffSentAgain: ({ pileId }, state) => setTariff(state, pileId),
});
