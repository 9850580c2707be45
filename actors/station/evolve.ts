// Folds what happened at a station.
import { assert } from "../kit/assert.ts";
import {
  type OpenState,
  type StationEvent,
  type StationPile,
  type StationState,
  VERSIONS_MAX,
} from "./state.ts";

const onPile = (
  state: OpenState,
  id: string,
  change: (pile: StationPile) => StationPile,
): OpenState => ({
  ...state,
  piles: state.piles.map((pile) => pile.pileId === id ? change(pile) : pile),
});

export function evolve(state: StationState, event: StationEvent): StationState {
  if (event.type === "StationOpened") {
    const { place, tariff } = event;
    return { status: "open", place, tariff, versions: [tariff.version], piles: [] };
  }
  assert(state.status === "open", "nothing happens at an unknown station", { event: event.type });
  switch (event.type) {
    case "PileAdded": {
      const { pileId, ratedPowerW } = event;
      const pile = { pileId, ratedPowerW, tariffVersion: null, failures: 0 };
      return { ...state, piles: [...state.piles, pile] };
    }
    case "TariffPutInForce": {
      const { tariff } = event;
      const versions = [...state.versions, tariff.version].slice(-VERSIONS_MAX);
      const piles = state.piles.map((pile) => ({ ...pile, failures: 0 }));
      return { ...state, tariff, versions, piles };
    }
    case "StationPhoneSet":
      return { ...state, place: { ...state.place, phone: event.phone } };
    case "TariffConfirmed": {
      const { tariffVersion } = event;
      return onPile(state, event.pileId, (pile) => ({ ...pile, tariffVersion, failures: 0 }));
    }
    case "TariffMissed":
      return onPile(state, event.pileId, (pile) => ({ ...pile, failures: pile.failures + 1 }));
    case "TariffSentAgain":
      return state;
  }
}
