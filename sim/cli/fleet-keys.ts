// Piles of a fleet on the platform: made once through the console's API, their secrets kept in a file.
import { cityTariff, type Ops, opsDoor, readJson, writePrivate } from "../city/mod.ts";
import { Refused } from "../driver/mod.ts";
import type { Env, Options, Say } from "./options.ts";

export interface FleetKey {
  readonly id: string;
  readonly secret: string;
  readonly platformKey: string;
}
interface KeyFile {
  stationId?: string;
  keys: Record<string, FleetKey>;
}

export type FleetLane = "native" | "ocpp";

const RATED_W = 60_000;
/** So many are made at once: the console's API is not what a load test measures. */
const AT_ONCE = 8;
/** The file is written this often while piles are made: a broken start goes on from there. */
const SAVE_EACH = 50;

const FLEET_STATION = {
  name: { zh: "压测场站", en: "Load test station" },
  address: { zh: "仿真", en: "Simulated" },
  lat: 31.1,
  lon: 121.1,
  zone: "Asia/Shanghai",
  phone: "021-55500199",
  tariff: cityTariff("fleet"),
};

/** Keys of the first `count` piles; those that are missing are made. */
export async function fleetKeys(
  options: Options,
  lane: FleetLane,
  { count, say, env }: { count: number; say: Say; env: Env },
): Promise<FleetKey[]> {
  const path = options.text("keys");
  const file = (readJson(path) ?? { keys: {} }) as KeyFile;
  const ids = Array.from({ length: count }, (_, i) => {
    return `${options.text("prefix")}${lane === "native" ? "N" : "O"}${i + 1}`;
  });
  const missing = ids.filter((id) => file.keys[id] === undefined);
  if (missing.length > 0) {
    const ops = await opsDoor(options.text("url"), options.text("demo"), env)();
    file.stationId ??= (await ops.openStation(FLEET_STATION)).id;
    writePrivate(path, file);
    say("registering", { piles: missing.length });
    await make(ops, { file, path, missing, lane });
    writePrivate(path, file);
  }
  return ids.map((id) => file.keys[id]!);
}

async function make(
  ops: Ops,
  { file, path, missing, lane }: {
    file: KeyFile;
    path: string;
    missing: string[];
    lane: FleetLane;
  },
): Promise<void> {
  const connectors = [{ no: 1, plug: "gb-dc", ratedPowerW: RATED_W, reservable: false } as const];
  const worker = async () => {
    for (let id = missing.shift(); id !== undefined; id = missing.shift()) {
      const made = await ops.registerPile({
        id,
        stationId: file.stationId!,
        lane: lane === "native" ? "native" : "ocpp1.6",
        ratedPowerW: RATED_W,
        connectors,
      }).catch(async (error) => {
        if (!(error instanceof Refused && error.code === "pile.exists")) throw error;
        return await ops.rotateSecret(id);
      });
      file.keys[id] = { id, secret: made.secret, platformKey: made.platformKey };
      if (Object.keys(file.keys).length % SAVE_EACH === 0) writePrivate(path, file);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
