// Rules and fees of reservations at a station: its own within the platform's bounds, or the platform's.
import type { ReserveDesk } from "../../wire/user.ts";
import { isoOf } from "../../wire/units.ts";
import { type Decision, refuse, replied } from "../kit/mod.ts";
import { platformRule, ruleFlaw } from "../tariff/mod.ts";
import type { Of, OpenState, StationEvent, StationState } from "./state.ts";
import { mayPrice, type StationCtx } from "./tariffs.ts";

type Decided = Decision<StationEvent, StationState>;

export function reserveDeskOf(
  { reserving }: OpenState,
  { self, settings }: Pick<StationCtx, "self" | "settings">,
  v: number,
): ReserveDesk {
  const { revision = 0, rule = null } = reserving ?? {};
  return {
    stationId: self.id,
    v,
    revision,
    rule,
    platform: platformRule(settings),
    ...(reserving
      ? { set: { by: reserving.by, at: isoOf(reserving.at), reason: reserving.reason } }
      : {}),
  };
}

export function setReserveRule(
  state: OpenState,
  { rule, reason, ifRevision }: Of<"SetReserveRule">,
  ctx: StationCtx,
): Decided {
  if (!mayPrice(ctx)) return refuse("auth.forbidden");
  const { revision, rule: known } = reserveDeskOf(state, ctx, ctx.v);
  if (ifRevision !== revision) return refuse("station.reserve-rule-changed", { revision });
  const flaw = rule && ruleFlaw(rule, ctx.settings);
  if (flaw) return refuse("station.reserve-rule-bounds", flaw);
  const isSame = JSON.stringify(rule) === JSON.stringify(known);
  const by = ctx.principal.id;
  return replied(
    isSame ? [] : [{ type: "ReserveRuleSet", rule, by, reason }],
    (after, v) => after.status === "open" ? reserveDeskOf(after, ctx, v) : null,
  );
}
