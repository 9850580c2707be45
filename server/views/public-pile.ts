// A pile as anybody may see it: without its link, its ledger and other people's orders.
import type { PublicPile } from "../../wire/http.ts";
import type { PileView } from "../../wire/pile.ts";
import { statusOf } from "../views/mod.ts";

export function publicPileOf(view: PileView): PublicPile {
  const { id, v, stationId, code, lane, ratedPowerW, presence, disabled, tariffVersion } = view;
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
    status: statusOf(view),
    connectors: view.connectors.map(({ orderId: _order, registerWh: _register, ...rest }) => rest),
  };
}
