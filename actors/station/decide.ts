// Opening a station, adding piles, putting prices in force: only what covers the day in a real zone.
import { type Decision, nothing, refuse } from "../kit/mod.ts";
import { hasRole, inScope } from "../kit/who.ts";
import { checkTariff } from "../tariff/mod.ts";
import type { StationCommand } from "../../wire/user.ts";
import { setReserveRule } from "./reserving.ts";
import {
  draftTariff,
  dropDraft,
  flawOf,
  publishTariff,
  rollBackTariff,
  type StationCtx,
} from "./tariffs.ts";
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

function openStation(state: StationState, command: Of<"OpenStation">, ctx: StationCtx): Decided {
  if (!hasRole(ctx.principal, "operator") || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  if (state.status === "open") return refuse("station.exists", { stationId: ctx.self.id });
  const { type: _type, tariff, ...place } = command;
  const ground = { zone: place.zone, currency: null, used: [], lastMonth: null };
  const found = checkTariff(tariff, ground, ctx.settings);
  // There is no month before it, and who opens a free station means it.
  return flawOf(found.filter(({ weight }) => weight === "error")) ??
    [{ type: "StationOpened", place, tariff }];
}

function addPile(
  state: OpenState,
  { pileId, ratedPowerW }: Of<"AddPile">,
  ctx: StationCtx,
): Decided {
  if (!hasRole(ctx.principal, "operator") || !inScope(ctx.principal, ctx.self.id)) return forbidden;
  if (state.piles.some((pile) => pile.pileId === pileId)) return nothing;
  if (state.piles.length >= PILES_MAX) return refuse("station.full", { piles: PILES_MAX });
  return [{ type: "PileAdded", pileId, ratedPowerW }];
}

function setPhone(state: OpenState, { phone }: Of<"SetStationPhone">, ctx: StationCtx): Decided {
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

export function decide(state: StationState, command: StationCommand, ctx: StationCtx): Decided {
  if (command.type === "OpenStation") return openStation(state, command, ctx);
  if (state.status === "absent") {
    return command.type === "TimerFired" ? nothing : refuse("station.unknown");
  }
  switch (command.type) {
    case "AddPile":
      return addPile(state, command, ctx);
    case "SetStationPhone":
      return setPhone(state, command, ctx);
    case "SetReserveRule":
      return setReserveRule(state, command, ctx);
    case "DraftTariff":
      return draftTariff(state, command, ctx);
    case "DropTariffDraft":
      return dropDraft(state, command, ctx);
    case "PublishTariff":
      return publishTariff(state, command, ctx);
    case "RollBackTariff":
      return rollBackTariff(state, command, ctx);
    case "PileAnswered":
      return pileAnswered(state, command);
    case "TimerFired":
      return timerFired(state, command);
  }
}
