// What a parking system is told of a stay, where there is one, and what it is asked.
import type { ParkingEvent } from "../../wire/parking.ts";
import { isoOf } from "../../wire/units.ts";
import { Call, type Effect } from "../kit/mod.ts";
import type { Known } from "./state.ts";
import { feeFrom, graceUntil, stayOf } from "./stay.ts";
import type { OrderCtx } from "./turn.ts";

export function toParking(state: Known, { self, at, settings, without }: OrderCtx) {
  const { pileId, connector } = state;
  const lane = `${pileId}/${connector}`;
  const stay = settings.parking && !without.has("bay.parking") ? stayOf(state) : null;
  const station = "stationId" in state ? { stationId: state.stationId } : {};
  const tell = (event: ParkingEvent["event"]): Effect[] => {
    const id = `${self.id}/${event.kind}`; // said again it is the same
    const about = { id, pileId, connector, ...station, orderId: self.id, at: isoOf(at) };
    return [Call("parking", lane, { op: "tell", event: { ...about, event } })];
  };
  return {
    ended(): Effect[] {
      if (stay === null) return [];
      const { fenPerMinute, capFen } = stay.rule;
      const until = isoOf(graceUntil(stay));
      return tell({ kind: "charge-ended", graceUntil: until, fenPerMinute, capFen });
    },
    feeStarted(): Effect[] {
      if (stay === null) return [];
      return tell({ kind: "fee-started", from: isoOf(feeFrom(stay) ?? at) });
    },
    unplugged: (): Effect[] => stay === null ? [] : tell({ kind: "unplugged" }),
    ask: (): Effect[] =>
      stay === null ? [] : [
        Call("parking", `${lane}/ask`, { op: "ask", pileId, connector }, {
          onReply: "ParkingAnswered",
          ref: {},
        }),
      ],
  };
}
