// A station as pages see it.
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import type { StationView } from "../../wire/user.ts";
import type { StationState } from "./state.ts";

export function read(name: string, state: StationState, ctx: Ctx): { body: unknown } | Refused {
  if (state.status === "absent") return refuse("station.unknown");
  if (name !== "show") return refuse("request.not-found", { read: name });
  const { place, tariff, piles } = state;
  const body: StationView = {
    id: ctx.self.id,
    v: ctx.v,
    ...place,
    tariff,
    piles: piles.map(({ pileId }) => pileId),
  };
  return { body };
}
