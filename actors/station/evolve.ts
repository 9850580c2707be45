// Folds what happened at a station.
import { assert } from "../kit/assert.ts";
import {
  bookOf,
  earlierOf,
  type OpenState,
  PAST_MAX,
  type PastTariff,
  type StationEvent,
  type StationPile,
  type StationState,
  type TariffDraft,
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

type Event<T extends StationEvent["type"]> = Extract<StationEvent, { type: T }>;

const without = (drafts: readonly TariffDraft[], version: string) =>
  drafts.filter(({ tariff }) => tariff.version !== version);

/** What was in force is past; what comes back is past no more. */
function putInForce(
  state: OpenState,
  { tariff, by, why }: Event<"TariffPutInForce">,
  at: number,
): OpenState {
  const piles = state.piles.map((pile) => ({ ...pile, failures: 0 }));
  if (why === undefined) { // from before there were drafts: folded as it was then (J6)
    const versions = [...state.versions, tariff.version].slice(-VERSIONS_MAX);
    return { ...state, tariff, versions, piles };
  }
  const book = bookOf(state);
  const { revision, sinceAt, drafts, past } = book;
  const ended: PastTariff = { tariff: state.tariff, fromAt: sinceAt, untilAt: at, by };
  const earlier = earlierOf(book);
  const kept = why === "rolled-back"
    ? [...past.filter((one) => one !== earlier), { ...ended, undone: true as const }]
    : [...past, ended];
  const known = state.versions.includes(tariff.version);
  return {
    ...state,
    tariff,
    versions: known ? state.versions : [...state.versions, tariff.version].slice(-VERSIONS_MAX),
    piles,
    book: {
      revision: revision + 1,
      sinceAt: at,
      drafts: without(drafts, tariff.version),
      past: kept.slice(-PAST_MAX),
    },
  };
}

export function evolve(
  state: StationState,
  event: StationEvent,
  { at }: { at: number },
): StationState {
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
    case "TariffDrafted": {
      const { tariff, by } = event;
      const book = bookOf(state);
      const drafts = [...without(book.drafts, tariff.version), { tariff, by, at }];
      return { ...state, book: { ...book, revision: book.revision + 1, drafts } };
    }
    case "StationPhoneSet":
      return { ...state, place: { ...state.place, phone: event.phone } };
    case "ReserveRuleSet": {
      const { rule, by, reason } = event;
      const revision = (state.reserving?.revision ?? 0) + 1;
      return { ...state, reserving: { revision, rule, by, at, reason } };
    }
    case "TariffDraftDropped": {
      const book = bookOf(state);
      const drafts = without(book.drafts, event.version);
      return { ...state, book: { ...book, revision: book.revision + 1, drafts } };
    }
    case "TariffPutInForce":
      return putInForce(state, event, at);
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
