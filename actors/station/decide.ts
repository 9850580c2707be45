// Opening a station, adding piles, putting prices in force: only what covers the day in a real zone.
import { type Ctx, type Decision, nothing, refuse, type Refused } from "../kit/mod.ts";
import { hasRole, inScope } from "../kit/who.ts";
import { validateTariff } from "../tariff/mod.ts";
import type { StationCommand } from "../../wire/user.ts";
import type { Tariff } from "../../wire/tariff.ts";
import {
  FAILURES_MAX,
  type Of,
  type OpenState,
  PILES_MAX,
  type StationEvent,
  type StationState,
} from "./state.ts";

type Decided = Decision<StationEvent, StationState>;
const forbidden = refuse("auth.forbidden");

function flawOf(tariff: Tariff, zone: string): Refused | null {
  const flaw = validateTariff(tariff);
  if (flaw) return refuse(flaw.code, flaw.facts);
  // A tariff is local to its station: another zone would move its hours unseen.
  return tariff.zone === zone ? null : refuse("station.zone-unknown", { zone: tariff.zone });
}

function openStation(state: StationState, command: Of<"OpenStation">, ctx: Ctx): Decided {
  if (!hasRole(ctx.principal, "operator") || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  if (state.status === "open") return refuse("station.exists", { stationId: ctx.self.id });
  const { type: _type, tariff, ...place } = command;
  return flawOf(tariff, place.zone) ?? [{ type: "StationOpened", place, tariff }];
}

function addPile(state: OpenState, { pileId, ratedPowerW }: Of<"AddPile">, ctx: Ctx): Decided {
  if (!hasRole(ctx.principal, "operator") || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  if (state.piles.some((pile) => pile.pileId === pileId)) return nothing;
  if (state.piles.length >= PILES_MAX) return refuse("station.full", { piles: PILES_MAX });
  return [{ type: "PileAdded", pileId, ratedPowerW }];
}

function putInForce(state: OpenState, { tariff }: Of<"PutTariffInForce">, ctx: Ctx): Decided {
  const may = hasRole(ctx.principal, "operator", "finance");
  if (!may || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  const flaw = flawOf(tariff, state.place.zone);
  if (flaw) return flaw;
  if (JSON.stringify(tariff) === JSON.stringify(state.tariff)) return nothing;
  if (state.versions.includes(tariff.version)) {
    // Orders have frozen it by its name: two prices of one name could not be told apart.
    return refuse("station.version-used", { version: tariff.version });
  }
  return [{ type: "TariffPutInForce", tariff, by: ctx.principal.id }];
}

function setPhone(state: OpenState, { phone }: Of<"SetStationPhone">, ctx: Ctx): Decided {
  if (!hasRole(ctx.principal, "operator") || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  if (state.place.phone === phone) return nothing;
  return [{ type: "StationPhoneSet", phone, by: ctx.principal.id }];
}

/** A pile's answer to SetTariff: one about an older tariff says nothing about the one in force. */
function pileAnswered(state: OpenState, { ref, answer }: Of<"PileAnswered">): Decided {
  const pile = state.piles.find(({ pileId }) => pileId === ref.pileId);
  const { version: tariffVersion } = state.tariff;
  if (!pile || ref.version !== tariffVersion || pile.tariffVersion === tariffVersion) {
    return nothing;
  }
  const { pileId } = pile;
  if (answer.ok) return [{ type: "TariffConfirmed", pileId, tariffVersion }];
  return [{ type: "TariffMissed", pileId, tariffVersion, code: answer.refusal.code }];
}

/** Timer `again/<pile>`. */
function timerFired(state: OpenState, { name }: Of<"TimerFired">): Decided {
  const pile = state.piles.find(({ pileId }) => name === `again/${pileId}`);
  const { version: tariffVersion } = state.tariff;
  if (!pile || pile.tariffVersion === tariffVersion || pile.failures >= FAILURES_MAX) {
    return nothing;
  }
  return [{ type: "TariffSentAgain", pileId: pile.pileId, tariffVersion }];
}

export function decide(state: StationState, command: StationCommand, ctx: Ctx): Decided {
  if (command.type === "OpenStation") return openStation(state, command, ctx);
  if (state.status === "absent") {
    return command.type === "TimerFired" ? nothing : refuse("station.unknown");
  }
  switch (command.type) {
    case "AddPile":
      return addPile(state, command, ctx);
    case "PutTariffInForce":
      return putInForce(state, command, ctx);
    case "SetStationPhone":
      return setPhone(state, command, ctx);
    case "PileAnswered":
      return pileAnswered(state, command);
    case "TimerFired":
      return timerFired(state, command);
  }
}
