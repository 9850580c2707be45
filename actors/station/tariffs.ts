// Prices of a station, from draft to force and back: checked when they are published, never before,
// so that a draft may be kept half-way.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { Tariff } from "../../wire/tariff.ts";
import type { TariffFinding } from "../../wire/tariff-desk.ts";
import { type Ctx, type Decision, refuse, type Refused, replied } from "../kit/mod.ts";
import { hasRole, inScope } from "../kit/who.ts";
import { checkTariff, confirmOf, type Ground } from "../tariff/mod.ts";
import { deskOf } from "./desk.ts";
import {
  bookOf,
  DRAFTS_MAX,
  earlierOf,
  type Of,
  type OpenState,
  type StationEvent,
  type StationState,
} from "./state.ts";

type Decided = Decision<StationEvent, StationState>;
export type StationCtx = Ctx<ChargingSettings>;

const MONTH_MS = 30 * 86_400_000;

export const mayPrice = ({ principal, self }: StationCtx): boolean =>
  hasRole(principal, "operator", "finance") && inScope(principal, self.id);

/** In force a month ago (past ones lie oldest first); of a younger station, the first one. */
function lastMonthOf(state: OpenState, at: number): Tariff {
  const { past } = bookOf(state);
  const then = past.find(({ untilAt, undone }) => !undone && untilAt > at - MONTH_MS);
  return then?.tariff ?? state.tariff;
}

/** Answered with the desk as it is then. */
const done = (events: readonly StationEvent[], { self }: StationCtx): Decided =>
  replied(events, (state, v) => state.status === "open" ? deskOf(state, self.id, v) : null);

const sameTariff = (a: Tariff, b: Tariff): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the checks say of a tariff at this station, now. */
export function findingsOf(state: OpenState, tariff: Tariff, ctx: StationCtx): TariffFinding[] {
  const ground: Ground = {
    zone: state.place.zone,
    currency: state.tariff.currency,
    used: state.versions,
    lastMonth: lastMonthOf(state, ctx.at),
  };
  return checkTariff(tariff, ground, ctx.settings);
}

const CODES = {
  "gap": "station.tariff-gap",
  "overlap": "station.tariff-overlap",
  "zone-unknown": "station.zone-unknown",
  "zone-other": "station.zone-unknown",
  "currency-other": "station.tariff-currency",
  "version-used": "station.version-used",
  "energy-price-high": "station.tariff-bounds",
  "service-price-high": "station.tariff-bounds",
  "fee-high": "station.tariff-bounds",
  "overstay-odd": "station.tariff-bounds",
  "free": "station.tariff-unconfirmed",
  "price-jump": "station.tariff-unconfirmed",
} as const satisfies Record<TariffFinding["code"], string>;

/** The first finding that stands in the way; null: none does. */
export function flawOf(findings: readonly TariffFinding[], confirm?: string): Refused | null {
  const wrong = findings.find(({ weight }) => weight === "error");
  if (wrong) return refuse(CODES[wrong.code], { finding: wrong.code, ...wrong.facts });
  const wanted = confirmOf(findings);
  if (wanted === null || wanted === confirm) return null;
  return refuse("station.tariff-unconfirmed", { confirm: wanted });
}

export function draftTariff(
  state: OpenState,
  { tariff }: Of<"DraftTariff">,
  ctx: StationCtx,
): Decided {
  if (!mayPrice(ctx)) return refuse("auth.forbidden");
  const { drafts } = bookOf(state);
  const known = drafts.find((draft) => draft.tariff.version === tariff.version);
  if (known && sameTariff(known.tariff, tariff)) return done([], ctx);
  if (state.versions.includes(tariff.version)) {
    return refuse("station.version-used", { version: tariff.version });
  }
  if (!known && drafts.length >= DRAFTS_MAX) {
    return refuse("station.drafts-full", { drafts: DRAFTS_MAX });
  }
  return done([{ type: "TariffDrafted", tariff, by: ctx.principal.id }], ctx);
}

export function dropDraft(
  state: OpenState,
  { version }: Of<"DropTariffDraft">,
  ctx: StationCtx,
): Decided {
  if (!mayPrice(ctx)) return refuse("auth.forbidden");
  const known = bookOf(state).drafts.some(({ tariff }) => tariff.version === version);
  const by = ctx.principal.id;
  return done(known ? [{ type: "TariffDraftDropped", version, by }] : [], ctx);
}

function changedSince(state: OpenState, ifRevision: number | undefined): Refused | null {
  const { revision } = bookOf(state);
  if (ifRevision === undefined || ifRevision === revision) return null;
  return refuse("station.tariffs-changed", { revision });
}

export function publishTariff(
  state: OpenState,
  { version, reason, confirm, ifRevision }: Of<"PublishTariff">,
  ctx: StationCtx,
): Decided {
  if (!mayPrice(ctx)) return refuse("auth.forbidden");
  const changed = changedSince(state, ifRevision);
  if (changed) return changed;
  const draft = bookOf(state).drafts.find(({ tariff }) => tariff.version === version);
  if (!draft) return refuse("station.draft-unknown", { version });
  const { tariff } = draft;
  const flaw = flawOf(findingsOf(state, tariff, ctx), confirm);
  if (flaw && !ctx.without.has("tariff.validated")) return flaw;
  const how = { why: "published" as const, reason, ...(confirm ? { confirmed: confirm } : {}) };
  const by = ctx.principal.id;
  return done([{ type: "TariffPutInForce", tariff, by, ...how }], ctx);
}

/** Prices that were in force before need no check: they were checked, and drivers knew them. */
export function rollBackTariff(
  state: OpenState,
  { reason, ifRevision }: Of<"RollBackTariff">,
  ctx: StationCtx,
): Decided {
  if (!mayPrice(ctx)) return refuse("auth.forbidden");
  const changed = changedSince(state, ifRevision);
  if (changed) return changed;
  const before = earlierOf(bookOf(state));
  if (!before) return refuse("station.no-earlier-tariff");
  const { tariff } = before;
  const by = ctx.principal.id;
  return done([{ type: "TariffPutInForce", tariff, by, why: "rolled-back", reason }], ctx);
}
