// A station as pages see it, and its tariffs as those see them who set prices.
import { confirmOf } from "../tariff/mod.ts";
import { refuse, type Refused } from "../kit/mod.ts";
import type { TariffChecked } from "../../wire/tariff-desk.ts";
import type { StationView } from "../../wire/user.ts";
import { deskOf } from "./desk.ts";
import { reserveDeskOf } from "./reserving.ts";
import { bookOf, type OpenState, type StationState } from "./state.ts";
import { findingsOf, type StationCtx } from "./tariffs.ts";

export function read(
  name: string,
  state: StationState,
  query: Record<string, unknown>,
  ctx: StationCtx,
): { body: unknown } | Refused {
  if (state.status === "absent") return refuse("station.unknown");
  switch (name) {
    case "show":
      return { body: shown(state, ctx) };
    case "tariffs":
      return { body: deskOf(state, ctx.self.id, ctx.v) };
    case "reserve-rule":
      return { body: reserveDeskOf(state, ctx, ctx.v) };
    case "check":
      return checked(state, String(query["version"]), ctx);
    default: // names come over the wire
      return refuse("request.not-found", { read: name });
  }
}

function shown({ place, tariff, piles }: OpenState, ctx: StationCtx): StationView {
  const { self: { id }, v } = ctx;
  return { id, v, ...place, tariff, piles: piles.map(({ pileId }) => pileId) };
}

function checked(state: OpenState, version: string, ctx: StationCtx) {
  const { drafts, revision } = bookOf(state);
  const draft = drafts.find(({ tariff }) => tariff.version === version);
  if (!draft) return refuse("station.draft-unknown", { version });
  const findings = findingsOf(state, draft.tariff, ctx);
  const confirm = confirmOf(findings);
  const body: TariffChecked = {
    stationId: ctx.self.id,
    version,
    revision,
    findings,
    ...(confirm === null ? {} : { confirm }),
  };
  return { body };
}
