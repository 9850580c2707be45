// What a station (场站) is: a place, its prices in force, and its piles.
import type { StationCommand } from "../../wire/user.ts";
import type { ReserveRule } from "../../wire/slot.ts";
import type { Tariff } from "../../wire/tariff.ts";

export interface Place {
  name: { zh: string; en: string };
  address: { zh: string; en: string };
  lat: number;
  lon: number;
  zone: string;
  phone: string;
}
export interface StationPile {
  pileId: string;
  ratedPowerW: number;
  /** Tariff that it has confirmed; null: none yet. */
  tariffVersion: string | null;
  /** Tries in vain to give it the tariff in force. */
  failures: number;
}
export interface TariffDraft {
  tariff: Tariff;
  by: string;
  at: number;
}
/** A tariff that was in force; `fromAt` null: since the station was opened, before this was kept. */
export interface PastTariff {
  tariff: Tariff;
  fromAt: number | null;
  untilAt: number;
  /** Who ended it. */
  by: string;
  /** It was taken back: going back once more goes past it. */
  undone?: true;
}
export interface TariffBook {
  /** Counts every change of drafts and prices: what If-Match is about. */
  revision: number;
  sinceAt: number | null;
  drafts: TariffDraft[];
  /** Oldest first. */
  past: PastTariff[];
}
/** Rules of reservations; `rule` null: the platform's settings again. */
export interface Reserving {
  revision: number;
  rule: ReserveRule | null;
  by: string;
  at: number;
  reason: string;
}
export type StationState =
  | { status: "absent" }
  | {
    status: "open";
    place: Place;
    tariff: Tariff;
    versions: string[];
    piles: StationPile[];
    /** Absent in states from before there were drafts. */
    book?: TariffBook;
    /** Absent: its reservations go by the platform's settings, and always did. */
    reserving?: Reserving;
  };
export type OpenState = Extract<StationState, { status: "open" }>;

export type StationEvent =
  | { type: "StationOpened"; place: Place; tariff: Tariff }
  | { type: "PileAdded"; pileId: string; ratedPowerW: number }
  | { type: "StationPhoneSet"; phone: string; by: string }
  | { type: "ReserveRuleSet"; rule: ReserveRule | null; by: string; reason: string }
  | { type: "TariffDrafted"; tariff: Tariff; by: string }
  | { type: "TariffDraftDropped"; version: string; by: string }
  | {
    type: "TariffPutInForce";
    tariff: Tariff;
    by: string;
    /** Absent in events from before there were drafts. */
    why?: "published" | "rolled-back";
    reason?: string;
    /** What was looked at twice. */
    confirmed?: string;
  }
  | { type: "TariffConfirmed"; pileId: string; tariffVersion: string }
  | { type: "TariffMissed"; pileId: string; tariffVersion: string; code: string }
  | { type: "TariffSentAgain"; pileId: string; tariffVersion: string };

/** A station's tariff goes to each pile by itself: more piles than this are several stations. */
export const PILES_MAX = 500;
/** Versions that may not be used again for other prices: years of monthly tariffs. */
export const VERSIONS_MAX = 256;
/** A pile that does not take its tariff is asked again this often, then ops puts it right. */
export const FAILURES_MAX = 20;
export const AGAIN_MS = 30_000;

/** Drafts at once, and past tariffs that can be looked at: the record holds them all. */
export const DRAFTS_MAX = 5;
export const PAST_MAX = 12;

const EMPTY: TariffBook = { revision: 0, sinceAt: null, drafts: [], past: [] };
/** What going back would bring into force; null: nothing. */
export const earlierOf = ({ past }: TariffBook): PastTariff | null =>
  past.findLast(({ undone }) => !undone) ?? null;
export const bookOf = ({ book }: OpenState): TariffBook => book ?? EMPTY;

export type Of<T extends StationCommand["type"]> = Extract<StationCommand, { type: T }>;
