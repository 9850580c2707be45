// A station with piles and drivers with money, made over the public API of a running platform.
import {
  cityTariff,
  createDriver,
  type Driver,
  Ops,
  type OpsAccount,
  type Pile,
  type PileMade,
  type PileOptions,
  startNativePile,
  startOcppPile,
} from "../../sim/mod.ts";
import type { Tariff } from "../../wire/tariff.ts";
import type { World } from "./world.ts";

export type PlaceLane = "native" | "ocpp1.6";
export interface Place {
  ops: Ops;
  stationId: string;
  /** Registers a pile; its secret comes back once. */
  addPile(id: string, lane: PlaceLane): Promise<PileMade>;
}

/** One price all day: what a charge costs can be said without a clock. */
export function flatTariff(energyMilliFenPerKwh: number, serviceMilliFenPerKwh: number): Tariff {
  const prices = { energyMilliFenPerKwh, serviceMilliFenPerKwh };
  return {
    ...cityTariff("flat"),
    periods: [{ fromMinute: 0, toMinute: 1440, kind: "flat", ...prices }],
  };
}

/** Signs in as the demo's admin and opens one station. `dataDir`: of the first server. */
export async function openPlace(
  origin: string,
  dataDir: string,
  tariff: Tariff = cityTariff("test"),
): Promise<Place> {
  const ops = await Ops.signIn(origin, await adminOf(dataDir));
  const station = await ops.openStation({
    name: { zh: "测试站", en: "Test station" },
    address: { zh: "测试路 1 号", en: "1 Test Road" },
    lat: 31.2,
    lon: 121.4,
    zone: "Asia/Shanghai",
    phone: "021-55500100",
    tariff,
  });
  return {
    ops,
    stationId: station.id,
    addPile: (id, lane) =>
      ops.registerPile({
        id,
        stationId: station.id,
        lane,
        ratedPowerW: 60_000,
        connectors: [{ no: 1, plug: "gb-dc", ratedPowerW: 60_000, reservable: true }],
      }),
  };
}

export const adminOf = (dataDir: string): Promise<OpsAccount> => accountOf(dataDir, "admin");

/** A console account of the demo; each one-time code is good once, so several are at hand. */
export async function accountOf(dataDir: string, wanted: string): Promise<OpsAccount> {
  const demo = JSON.parse(await Deno.readTextFile(`${dataDir}/demo.json`)) as {
    ops: (OpsAccount & { roles: string[] })[];
  };
  return demo.ops.find(({ roles }) => roles.includes(wanted))!;
}

/** A simulated pile of the place, connected; with a car plugged in unless told otherwise. */
export async function connectPile(
  world: World,
  origin: string,
  made: PileMade,
  lane: PlaceLane,
  more: Partial<PileOptions> & { unplugged?: boolean } = {},
): Promise<Pile> {
  const { unplugged = false, ...rest } = more;
  const options = { id: made.id, secret: made.secret, ...rest };
  const ocpp = `${origin.replace(/^http/, "ws")}/ocpp`;
  const pile = lane === "native"
    ? startNativePile({ ...options, url: world.nats.url, platformKey: made.platformKey })
    : startOcppPile({ ...options, url: ocpp, sampleSeconds: 1 });
  await pile.linked();
  if (!unplugged) pile.plug();
  return pile;
}

/** A signed-in driver with that much money. */
export async function richDriver(baseUrl: string, n: number, fen = 50_000): Promise<Driver> {
  const driver = createDriver({ baseUrl, phone: `139${String(n).padStart(8, "0")}` });
  await driver.signIn();
  if (fen > 0) await driver.recharge(fen);
  return driver;
}
