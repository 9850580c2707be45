// Where else to go: free connectors that may be reserved, at the same station first, then by distance.
import type { Alternative } from "../../wire/http-reserve.ts";
import type { PileView } from "../../wire/pile.ts";
import type { StationView } from "../../wire/user.ts";
import type { Board } from "../views/mod.ts";
import { distanceM } from "./geo.ts";

/** As many as a phone shows without scrolling. */
const SHOWN = 3;

export function alternativesTo(board: Board, tenant: string, pileId: string): Alternative[] {
  const here = board.pile(tenant, pileId)?.view.stationId;
  const from = here === undefined ? undefined : board.station(tenant, here);
  const metres = ({ stationId }: PileView): number => {
    const to = board.station(tenant, stationId);
    return from && to ? distanceM(place(from), place(to)) : Infinity;
  };
  return board.piles(tenant)
    .filter(({ view }) => view.id !== pileId && view.presence === "online" && !view.disabled)
    .map(({ view }) => ({ view, metres: metres(view) }))
    .toSorted((a, b) => a.metres - b.metres || (a.view.id < b.view.id ? -1 : 1))
    .flatMap(({ view }) =>
      view.connectors.filter(({ reservable, status }) => reservable && isFree(status))
        .map(({ no }) => ({ pileId: view.id, connector: no }))
    )
    .slice(0, SHOWN);
}

const place = ({ lat, lon }: StationView) => ({ lat, lon });
const isFree = (status: string): boolean => status === "free" || status === "plugged";
