// What a run begins with: a station with two piles, drivers with wallets, bound accounts. Made once by
// the real actors without any fault, then laid into the journal of every run.
import { actorKinds } from "../../server/roles/actors.ts";
import {
  type Ask,
  createNode,
  type Journal,
  type Marks,
  type Place,
  placeOf,
} from "../../server/runtime/mod.ts";
import { memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import { chargingSettings } from "../../wire/settings.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { everyShard } from "../race/every-shard.ts";
import { TENANT } from "./gateway.ts";
import { appending } from "./ports.ts";
import { Process } from "./process.ts";
import { Time } from "./time.ts";

/** Moment at which runs begin: the town was made before. */
export const BEGINS_MS = 60_000;
export const PILES = ["P0001", "P0002"];
export const CONNECTORS = 2;
/** Drivers and what they own: the last has too little for a hold. */
export const USERS: readonly (readonly [id: string, fen: number])[] = [
  ["usr_anna0001", 40_000],
  ["usr_boris001", 15_000],
  ["usr_chen0001", 60_000],
  ["usr_dana0001", 1_000],
];
/** Each driver has so many coupons of it. */
export const CAMPAIGN = "cmp_spring01";
export const COUPONS = 4;
export const settings = chargingSettings.parse({
  startMs: 45_000,
  plugInMs: 20_000,
  payLimitMs: 60_000,
  creditOrdersMin: 0,
  payRemindMs: [5_000, 20_000],
  paymentOpenMs: 90_000,
  lostMs: 4_000,
  // a minute of the rule for staying is half a second here
  overstayMinuteMs: 500,
  bayWarnMs: 3_000,
  overstayWindowMs: 60_000,
  overstayBarMs: 15_000,
  // a minute of a window is a second here
  reserveMinuteMs: 1_000,
  reserveBufferMs: 2_000,
  reserveAheadMs: 30_000,
  reserveFreeMs: 5_000,
  reserveLinkMs: 2_000,
  reserveRestoreMs: 10_000,
  noShowSpanMs: 60_000,
  reserveBarMs: 10_000,
  appealsFree: 1,
});
const period = (from: number, to: number, kind: "flat" | "peak" | "valley", fen: number) => ({
  fromMinute: from,
  toMinute: to,
  kind,
  energyMilliFenPerKwh: fen * 1_000,
  serviceMilliFenPerKwh: 40_000,
});
/** The price changes two minutes after the beginning: charges lie on both sides. */
const tariff: Tariff = {
  version: "tv_1",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [
    period(0, 420, "valley", 30),
    period(420, 602, "flat", 70),
    period(602, 840, "peak", 110),
    period(840, 1440, "flat", 70),
  ],
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
};
class TownNotMade extends Error {
  override readonly name = "TownNotMade";
}
const ops: Principal = { kind: "ops", id: "ops_0001", roles: ["admin"] };
const system: Principal = { kind: "system", id: "http" };
const STATION = "stn_north";

const to = (kind: string, id: string) => ({ tenant: TENANT, kind, id });
type Founding = Omit<Ask, "id">;

function stationOpens(): Founding {
  const words = { zh: "北", en: "North" };
  const place = { name: words, address: words, lat: 31, lon: 121, zone: "Asia/Shanghai" };
  const body = { ...place, phone: "400 800", tariff };
  return { to: to("station", STATION), type: "OpenStation", body, principal: ops };
}

function pileComes(id: string, i: number): Founding[] {
  const spec = { plug: "gb-dc", ratedPowerW: 120_000, reservable: true };
  const connectors = Array.from({ length: CONNECTORS }, (_, n) => ({ no: n + 1, ...spec }));
  const about = { stationId: STATION, code: `10000${i}`, lane: "native", ratedPowerW: 240_000 };
  const added = { pileId: id, ratedPowerW: 240_000 };
  return [
    { to: to("pile", id), type: "RegisterPile", body: { ...about, connectors }, principal: ops },
    { to: to("station", STATION), type: "AddPile", body: added, principal: ops },
  ];
}

function driverComes(id: string, fen: number): Founding[] {
  const paymentId = `pay_first-${id.slice(4)}`;
  const principal: Principal = { kind: "actor", id: `payment/${paymentId}` };
  const split = { energyFen: 0, serviceFen: 0 };
  const paid = { paymentId, purpose: "recharge", by: "wechat", fen, ...split };
  return [
    {
      to: to("user", id),
      type: "RegisterUser",
      body: { agreementVersion: "1" },
      principal: system,
    },
    { to: to("wallet", id), type: "BookPayment", body: paid, principal },
    ...(["wechat", "alipay"] as const).map((by) => ({
      to: to("user", id),
      type: "AddBinding",
      body: { bindingId: `bnd_${by}-${id.slice(4)}`, by, contract: `C-${by}-${id}` },
      principal,
    })),
  ];
}

function couponsCome(): Founding[] {
  const campaign = to("campaign", CAMPAIGN);
  const terms = {
    off: { kind: "percent", percent: 50, maxFen: 30 },
    thresholdFen: 1,
    validFrom: 0,
    validUntil: Date.UTC(2100, 0, 1),
    currency: "CNY",
  };
  const plan = { name: "Spring", terms, budgetFen: 10_000, perUser: COUPONS };
  const userIds = USERS.flatMap(([id]) => Array.from({ length: COUPONS }, () => id));
  return [
    { to: campaign, type: "OpenCampaign", body: plan, principal: ops },
    { to: campaign, type: "GrantCoupons", body: { userIds }, principal: ops },
  ];
}

const founding = (): Founding[] => [
  stationOpens(),
  ...PILES.flatMap(pileComes),
  ...USERS.flatMap(([id, fen]) => driverComes(id, fen)),
  ...couponsCome(),
];

interface Laid extends Marks {
  place: Place;
  bytes: Uint8Array;
}

let made: readonly Laid[] | null = null;
/** Every record of the town, in the order in which it was stored. */
function town(): readonly Laid[] {
  return made ??= make();
}

function make(): Laid[] {
  const time = new Time();
  const process = new Process("town", time);
  const laid: Laid[] = [];
  const twin = memoryJournal({ clock: process.clock });
  const journal = appending(twin, async (place, bytes, marks) => {
    const stored = await twin.append(place, bytes, marks);
    laid.push({ ...marks, place, bytes });
    return stored;
  });
  let ids = 0;
  const node = createNode({
    node: "town",
    actors: actorKinds,
    journal,
    network: memoryNetwork({ clock: process.clock, random: () => 0 }).port("town"),
    clock: process.clock,
    random: () => 0.5,
    freshId: () => `town-${ids++}`,
    settings: () => settings,
    placement: everyShard("town"),
  });
  void node.start();
  time.settle();
  let n = 0;
  for (const ask of founding()) {
    void node.ask({ id: `first-${n++}`, ...ask }).then((reply) => {
      if (!reply.ok) throw new TownNotMade(`${ask.type}: ${JSON.stringify(reply)}`);
    });
    const until = time.tick + 1_000;
    while (time.tick < until) time.step();
  }
  node.kill();
  return laid;
}

/** Lays the town into an empty journal. */
export function lay(journal: Journal, time: Time): void {
  for (const { place, bytes, ...marks } of town()) {
    void journal.append(placeOf(place.address), bytes, marks);
  }
  while (time.step());
}
