// What the benches of the whole platform stand on: engines, one server, a station with piles, drivers
// with money; all of it made over the public API and gone afterwards.
import { join } from "node:path";
import { freePort } from "../server/engines/mod.ts";
import type { Driver, PileMade } from "../sim/mod.ts";
import { openPlace, type Place, type PlaceLane, richDriver } from "../test/kit/place.ts";
import type { Program } from "../test/kit/processes.ts";
import { startWorld, type World } from "../test/kit/world.ts";
import { inspect, type Inspector } from "./inspect.ts";
import { each } from "./numbers.ts";

export interface Ground extends AsyncDisposable {
  world: World;
  server: Program;
  place: Place;
  inspector: Inspector;
  /** Piles of the station, not linked. */
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

export async function openGround(options: GroundOptions = {}): Promise<Ground> {
  const { sync = "always", ordersPerUser = 1 } = options;
  const stack = new AsyncDisposableStack();
  try {
    const settings = JSON.stringify({ ordersPerUser });
    const world = stack.use(await startWorld({ sync, env: { CHARGEWARD_SETTINGS: settings } }));
    const port = freePort();
    const server = await world.startServer({ flags: [`--inspect=127.0.0.1:${port}`] });
    const inspector = stack.use(await inspect(port));
    const place = await openPlace(server.url, join(world.dir, "node-1"));
    const { nats, mongo } = world;
    const words = `nats-server ${nats.version} (sync ${sync}), ${mongo.kind} ${mongo.version}`;
    return {
      world,
      server,
      place,
      inspector,
      words,
      piles: (count, lane) =>
        each(numbered(count), MADE_AT_ONCE, (n) => place.addPile(`BENCH-${n + 1}`, lane)),
      drivers: (count, fen) =>
        each(numbered(count), MADE_AT_ONCE, (n) => richDriver(server.url, PHONE_FROM + n, fen)),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (cause) {
    await stack.disposeAsync();
    throw cause;
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => n);
