// What ops and the station say to a pile: that it exists, its prices, whether it is in service.
import { nothing, refuse, type Refused } from "../kit/mod.ts";
import { hasRole, inScope, isActor } from "../kit/who.ts";
import { validateTariff } from "../tariff/mod.ts";
import type { Of, PileDecision } from "./fact.ts";
import { forbidden } from "./keep.ts";
import type { Registered } from "./state.ts";
import { openTurn, type PileCtx } from "./turn.ts";

const mayServe = ({ principal }: PileCtx, stationId: string): boolean =>
  hasRole(principal, "operator") && inScope(principal, stationId);

export function registerPile(command: Of<"RegisterPile">, ctx: PileCtx): PileDecision {
  const { stationId, code, lane, ratedPowerW, connectors } = command;
  if (!mayServe(ctx, stationId)) return forbidden();
  const numbers = new Set(connectors.map(({ no }) => no));
  if (numbers.size < connectors.length) return doubled;
  return [{ type: "PileRegistered", stationId, code, lane, ratedPowerW, connectors }];
}
const doubled: Refused = refuse("command.malformed", { why: "connectors: two of one number" });

export function setTariff(state: Registered, command: Of<"SetTariff">, ctx: PileCtx): PileDecision {
  const { tariff, stationPhone, reserving } = command;
  if (!isActor(ctx.principal, "station", state.stationId)) return forbidden();
  const flaw = validateTariff(tariff);
  if (flaw) return refuse(flaw.code, flaw.facts);
  return [{ type: "TariffSet", tariff, stationPhone, ...(reserving ? { reserving } : {}) }];
}

export function disablePile(
  state: Registered,
  { reason }: Of<"DisablePile">,
  ctx: PileCtx,
): PileDecision {
  if (!mayServe(ctx, state.stationId)) return forbidden();
  return state.disabled ? nothing : [{ type: "PileDisabled", reason, by: ctx.principal.id }];
}

/** Back in service, inspected: what the pile has reported as broken is over. */
export function enablePile(
  state: Registered,
  { reason }: Of<"EnablePile">,
  ctx: PileCtx,
): PileDecision {
  if (!mayServe(ctx, state.stationId)) return forbidden();
  const turn = openTurn(state, ctx);
  if (state.disabled) turn.add({ type: "PileEnabled", reason, by: ctx.principal.id });
  if (state.fault) turn.add({ type: "FaultCleared", connector: null, by: "ops" });
  for (const { no, fault } of state.connectors) {
    if (fault) turn.add({ type: "FaultCleared", connector: no, by: "ops" });
  }
  return turn.events;
}
