// All of a station's tariffs, as those see them who set prices.
import type { TariffDesk } from "../../wire/tariff-desk.ts";
import { isoOf } from "../../wire/units.ts";
import { bookOf, earlierOf, type OpenState } from "./state.ts";

const whenOf = (at: number | null) => at === null ? null : isoOf(at);

export function deskOf(state: OpenState, stationId: string, v: number): TariffDesk {
  const book = bookOf(state);
  const { revision, sinceAt, drafts, past } = book;
  const { tariff, piles } = state;
  return {
    stationId,
    v,
    revision,
    inForce: { tariff, sinceAt: whenOf(sinceAt) },
    pilesBehind: piles.filter(({ tariffVersion }) => tariffVersion !== tariff.version).length,
    drafts: drafts.map(({ at, ...draft }) => ({ ...draft, at: isoOf(at) })),
    past: past.toReversed().map(({ fromAt, untilAt, ...rest }) => ({
      ...rest,
      fromAt: whenOf(fromAt),
      untilAt: isoOf(untilAt),
    })),
    earlier: earlierOf(book)?.tariff.version ?? null,
  };
}
