// A pile as anybody may see it: without its link, its ledger and other people's orders.
import type { PublicPile } from "../../wire/http.ts";
import type { PileView } from "../../wire/pile.ts";
import { statusOf } from "./board.ts";

export function publicPileOf(view: PileView): PublicPile {
  const { id, v, stationId, code, lane, ratedPowerW, presence, disabled } = view;
  const { tariffVersion, stationPhone } = view;
  return {
    id,
    v,
    stationId,
    code,
    lane,
    ratedPowerW,
    presence,
    disabled,
    ...(tariffVersion === undefined ? {} : { tariffVersion }),
    ...(stationPhone === undefined ? {} : { stationPhone }),
    status: statusOf(view),
    connectors: view.connectors.map(({ orderId: _order, registerWh: _register, ...rest }) => rest),
  };
}
