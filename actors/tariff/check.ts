// What is wrong with a tariff before it may be published: all of it, in the order of the day.
import type { ChargingSettings } from "../../wire/settings.ts";
import type { Tariff } from "../../wire/tariff.ts";
import type { TariffFinding } from "../../wire/tariff-desk.ts";
import { coverageFlaws, priceOf } from "./periods.ts";
import { isZone } from "./zone.ts";

export type TariffLimits = Pick<
  ChargingSettings,
  "tariffEnergyMax" | "tariffServiceMax" | "tariffFeeFenMax" | "tariffJumpPct"
>;
/** What the station knows beside the tariff itself. */
export interface Ground {
  zone: string;
  /** Of its tariffs so far: wallets and holds have it too. */
  currency: string | null;
  /** Versions that stand for other prices already. */
  used: readonly string[];
  /** In force a month ago, or the first one where the station is younger. */
  lastMonth: Tariff | null;
}

const MINUTES_PER_DAY = 1440;
/** More than tenfold is shown as this. */
const JUMP_PCT_MAX = 999;

const error = (code: TariffFinding["code"], facts: TariffFinding["facts"]): TariffFinding => ({
  code,
  weight: "error",
  facts,
});

/** Everything that speaks against publishing it; an empty list is a sound tariff. */
export function checkTariff(tariff: Tariff, ground: Ground, limits: TariffLimits): TariffFinding[] {
  const { zone, version, currency } = tariff;
  const covered = coverageFlaws(tariff);
  return [
    ...(isZone(zone) ? [] : [error("zone-unknown", { zone })]),
    // A tariff is local to its station: another zone would move its hours unseen.
    ...(zone === ground.zone ? [] : [error("zone-other", { zone, stationZone: ground.zone })]),
    ...(ground.currency === null || ground.currency === currency
      ? []
      : [error("currency-other", { currency, stationCurrency: ground.currency })]),
    // Orders have frozen it by its name: two prices of one name could not be told apart.
    ...(ground.used.includes(version) ? [error("version-used", { version })] : []),
    ...covered.map(({ code, facts }) =>
      error(code === "station.tariff-gap" ? "gap" : "overlap", facts)
    ),
    ...bounds(tariff, limits),
    ...(covered.length === 0 ? sanity(tariff, ground.lastMonth, limits) : []),
  ];
}

function bounds({ periods, fees, overstay }: Tariff, limits: TariffLimits): TariffFinding[] {
  const { tariffEnergyMax, tariffServiceMax, tariffFeeFenMax } = limits;
  const found: TariffFinding[] = [];
  for (const { fromMinute, toMinute, ...rate } of periods) {
    const where = { fromMinute, toMinute };
    const { energyMilliFenPerKwh: energy, serviceMilliFenPerKwh: service } = rate;
    if (energy > tariffEnergyMax) {
      found.push(error("energy-price-high", { ...where, price: energy, most: tariffEnergyMax }));
    }
    if (service > tariffServiceMax) {
      found.push(error("service-price-high", { ...where, price: service, most: tariffServiceMax }));
    }
  }
  const named = {
    session: fees?.sessionFen ?? 0,
    parking: fees?.parking?.fenPerHour ?? 0,
    minimum: fees?.minimumFen ?? 0,
    overstay: overstay.fenPerMinute * 10,
  };
  for (const [fee, fen] of Object.entries(named)) {
    if (fen > tariffFeeFenMax) found.push(error("fee-high", { fee, fen, most: tariffFeeFenMax }));
  }
  if (overstay.capFen < overstay.fenPerMinute) {
    const { capFen, fenPerMinute } = overstay;
    found.push(error("overstay-odd", { capFen, fenPerMinute }));
  }
  return found;
}

/** Prices at each minute of a day, by the clock on the wall. */
function byMinute({ periods }: Tariff): number[] {
  const prices = Array.from({ length: MINUTES_PER_DAY }, () => 0);
  for (const period of periods) {
    prices.fill(priceOf(period), period.fromMinute, period.toMinute);
  }
  return prices;
}

function changePct(before: number, after: number): number {
  if (before === after) return 0;
  if (before === 0) return JUMP_PCT_MAX;
  return Math.min(Math.floor(Math.abs(after - before) * 100 / before), JUMP_PCT_MAX);
}

/** Median change over the minutes of the day against last month's, and hours that cost nothing. */
function sanity(tariff: Tariff, last: Tariff | null, { tariffJumpPct }: TariffLimits) {
  const found: TariffFinding[] = [];
  const now = byMinute(tariff);
  const freeMinutes = now.filter((price) => price === 0).length;
  if (freeMinutes > 0) found.push({ code: "free", weight: "confirm", facts: { freeMinutes } });
  if (last === null) return found;
  const before = byMinute(last);
  const changes = now.map((price, minute) => changePct(before[minute]!, price));
  const sorted = changes.sort((a, b) => a - b);
  const medianPct = sorted[MINUTES_PER_DAY / 2]!;
  if (medianPct > tariffJumpPct) {
    const facts = { medianPct, maxPct: sorted.at(-1)!, sharePct: tariffJumpPct };
    found.push({ code: "price-jump", weight: "confirm", facts: { ...facts, than: last.version } });
  }
  return found;
}

/** What a second look must repeat: it names all that was found, so it holds for nothing else. */
export function confirmOf(findings: readonly TariffFinding[]): string | null {
  const open = findings.filter(({ weight }) => weight === "confirm");
  return open.length === 0
    ? null
    : open.map(({ code, facts }) => `${code} ${Object.values(facts).join("/")}`).join(", ");
}
