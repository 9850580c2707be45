// The stage of one fault: engines, server nodes, piles, drivers with money, and networks that can
// fail where the fault wants them. All of it new, so that what one fault broke cannot hide in the next.
import { type FaultProxy, startFaultProxy } from "../../sim/fault-proxy.ts";
import { type Random, seeded } from "../../sim/mod.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { type ServerOptions, startWorld, type World } from "../kit/world.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { remembered } from "./leftovers.ts";
import { Phones } from "./phone.ts";
import type { Seat } from "./traffic.ts";

export interface ScenePlan {
  readonly seed: number;
  readonly nodes: number;
  readonly seats: number;
  /** The last node reaches NATS through a network that can fail. */
  readonly natsProxy?: boolean;
  /** Every node reaches MongoDB through a network that can fail. */
  readonly mongoProxy?: boolean;
  readonly natsDir?: string;
  /** Another program than the platform's own, with what it needs. */
  readonly server?: Pick<ServerOptions, "script" | "flags" | "env">;
  /** Another price than the usual. */
  readonly tariff?: Tariff;
}

export interface Scene extends AsyncDisposable {
  readonly world: World;
  readonly nodes: Program[];
  readonly place: Place;
  readonly seats: Seat[];
  readonly phones: Phones;
  readonly random: Random;
  /** In front of the last node's NATS, of everybody's MongoDB; null where not planned. */
  readonly natsProxy: FaultProxy | null;
  readonly mongoProxy: FaultProxy | null;
}

/** Enough for a scene's charges; each takes a hold of some 20 yuan for a moment. */
const MONEY_FEN = 50_000;
const MADE_AT_ONCE = 6;

export const nodeName = (n: number): string => `node-${n + 1}`;

export async function openScene(plan: ScenePlan): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const dispose = remembered(() => stack.disposeAsync());
  try {
    return { ...await build(plan, stack), [Symbol.asyncDispose]: dispose };
  } catch (cause) {
    await dispose();
    throw cause;
  }
}

async function build(
  plan: ScenePlan,
  stack: AsyncDisposableStack,
): Promise<Omit<Scene, typeof Symbol.asyncDispose>> {
  const random = seeded(plan.seed);
  const world = stack.use(
    await startWorld(plan.natsDir === undefined ? {} : { natsDir: plan.natsDir }),
  );
  const proxyTo = async (wanted: boolean | undefined, port: number) =>
    wanted ? stack.use(await startFaultProxy({ host: "127.0.0.1", port, random })) : null;
  const natsProxy = await proxyTo(plan.natsProxy, world.nats.port);
  const mongoProxy = await proxyTo(plan.mongoProxy, world.mongo.port);
  const nodes: Program[] = [];
  for (let n = 0; n < plan.nodes; n++) {
    const far = natsProxy !== null && n === plan.nodes - 1;
    nodes.push(
      await world.startServer({
        ...plan.server,
        node: nodeName(n),
        ...(far ? { natsUrl: `nats://127.0.0.1:${natsProxy.port}` } : {}),
        ...(mongoProxy === null ? {} : { mongoUrl: atPort(world.mongo.url, mongoProxy.port) }),
      }),
    );
  }
  const origins = nodes.map(({ url }) => url);
  const place = await openPlace(origins[0]!, `${world.dir}/${nodeName(0)}`, plan.tariff);
  const seats = await inParts(plan.seats, (n) => makeSeat(world, origins, place, n, stack));
  return {
    world,
    nodes,
    place,
    seats,
    phones: new Phones(origins),
    random,
    natsProxy,
    mongoProxy,
  };
}

async function makeSeat(
  world: World,
  origins: readonly string[],
  place: Place,
  n: number,
  stack: AsyncDisposableStack,
): Promise<Seat> {
  const origin = origins[n % origins.length]!;
  const made = await place.addPile(`FAULT-${n + 1}`, "native");
  const pile = await connectPile(world, origin, made, "native", { startMs: 600, stopMs: 200 });
  stack.defer(() => pile.stop());
  const driver = await richDriver(origin, 70_000 + n, MONEY_FEN);
  const { tariffVersion } = await driver.quote(made.id);
  return { driver, pile, tariffVersion, paidInFen: MONEY_FEN };
}

async function inParts<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let from = 0; from < count; from += MADE_AT_ONCE) {
    const part = Array.from({ length: Math.min(MADE_AT_ONCE, count - from) }, (_, i) => from + i);
    made.push(...await Promise.all(part.map(make)));
  }
  return made;
}

function atPort(url: string, port: number): string {
  return url.replace(/:\d+\//, `:${port}/`);
}
