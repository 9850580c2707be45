// What the benches of the whole platform stand on: engines, one server, a station with piles, drivers
// with money; all of it made over the public API and gone afterwards.
import { join } from "node:path";
import { freePort } from "../server/engines/mod.ts";
import { cityTariff, type Driver, Ops, type PileMade } from "../sim/mod.ts";
import { adminOf, type PlaceLane, richDriver } from "../test/kit/place.ts";
import type { Program } from "../test/kit/processes.ts";
import { startWorld, type World } from "../test/kit/world.ts";
import { inspect, type Inspector } from "./inspect.ts";
import { each } from "./numbers.ts";

export interface Ground extends AsyncDisposable {
  world: World;
  server: Program;
  ops: Ops;
  inspector: Inspector;
  /** Piles of a few stations, not linked. */
  piles(count: number, lane: PlaceLane): Promise<PileMade[]>;
  /** Signed in, each with so much money. */
  drivers(count: number, fen: number): Promise<Driver[]>;
  /** Engines and their settings, for the notes. */
  words: string;
}

export interface GroundOptions {
  sync?: string;
  /** Orders that one driver may have at once. */
  ordersPerUser?: number;
}

const MADE_AT_ONCE = 8;
const PHONE_FROM = 20_000;
/** A station remembers 256 answered commands of a day, then it takes no more. */
const PILES_EACH = 100;

export async function openGround(options: GroundOptions = {}): Promise<Ground> {
  const { sync = "always", ordersPerUser = 1 } = options;
  const stack = new AsyncDisposableStack();
  try {
    const settings = JSON.stringify({ ordersPerUser });
    const world = stack.use(await startWorld({ sync, env: { CHARGEWARD_SETTINGS: settings } }));
    const port = freePort();
    const server = await world.startServer({ flags: [`--inspect=127.0.0.1:${port}`] });
    const inspector = stack.use(await inspect(port));
    const ops = await Ops.signIn(server.url, await adminOf(join(world.dir, "node-1")));
    const { nats, mongo } = world;
    const words = `nats-server ${nats.version} (sync ${sync}), ${mongo.kind} ${mongo.version}`;
    return {
      world,
      server,
      ops,
      inspector,
      words,
      piles: (count, lane) => makePiles(ops, count, lane),
      drivers: (count, fen) =>
        each(numbered(count), MADE_AT_ONCE, (n) => richDriver(server.url, PHONE_FROM + n, fen)),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

async function makePiles(ops: Ops, count: number, lane: PlaceLane): Promise<PileMade[]> {
  const stations = await each(numbered(Math.ceil(count / PILES_EACH)), 1, (n) => {
    const name = `Bench ${n + 1}`;
    return ops.openStation({
      name: { zh: name, en: name },
      address: { zh: name, en: name },
      lat: 31.2,
      lon: 121.4,
      zone: "Asia/Shanghai",
      phone: "021-55500100",
      tariff: cityTariff("bench"),
    });
  });
  return await each(numbered(count), MADE_AT_ONCE, (n) => {
    const power = { ratedPowerW: 60_000 };
    return ops.registerPile({
      id: `BENCH-${n + 1}`,
      stationId: stations[n % stations.length]!.id,
      lane,
      ...power,
      connectors: [{ no: 1, plug: "gb-dc", ...power, reservable: true }],
    });
  });
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => n);
