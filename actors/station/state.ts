// What a station (场站) is: a place, its prices in force, and its piles.
import type { StationCommand } from "../../wire/user.ts";
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
export type StationState =
  | { status: "absent" }
  | { status: "open"; place: Place; tariff: Tariff; versions: string[]; piles: StationPile[] };
export type OpenState = Extract<StationState, { status: "open" }>;

export type StationEvent =
  | { type: "StationOpened"; place: Place; tariff: Tariff }
  | { type: "PileAdded"; pileId: string; ratedPowerW: number }
  | { type: "TariffPutInForce"; tariff: Tariff; by: string }
  | { type: "StationPhoneSet"; phone: string; by: string }
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

export type Of<T extends StationCommand["type"]> = Extract<StationCommand, { type: T }>;
