// `sim fleet`: many piles in one process, some of them charging, counted each few seconds.
import { createDriver } from "../driver/mod.ts";
import { heapStore, type Pile, startNativePile, startOcppPile } from "../pile/mod.ts";
import { ocppUrl } from "../city/mod.ts";
import { wordsOf } from "../fault.ts";
import { type FleetKey, fleetKeys, type FleetLane } from "./fleet-keys.ts";
import {
  type Env,
  type Options,
  readOptions,
  type Say,
  speaker,
  untilAsked,
  UsageFault,
} from "./options.ts";

export const FLEET_OPTIONS = {
  piles: { type: "string" },
  lane: { type: "string" },
  url: { type: "string" },
  "nats-url": { type: "string", default: "nats://127.0.0.1:4222" },
  demo: { type: "string", default: ".data/demo.json" },
  keys: { type: "string", default: "fleet.json" },
  prefix: { type: "string", default: "FLEET-" },
  tenant: { type: "string", default: "main" },
  charging: { type: "string", default: "0" },
  rate: { type: "string", default: "100" },
  seconds: { type: "string", default: "0" },
  json: { type: "boolean" },
} as const;

/** Links are made this far apart: a thousand piles do not come back in one moment. */
const LINK_GAP_MS = 5;
const COUNT_MS = 5_000;
const DRIVERS_AT_ONCE = 4;
const RECHARGE_FEN = 100_000;
const STOP_MS_MAX = 20_000;
/** Fleet drivers: numbers nobody else of the simulator uses, others for each lane. */
const PHONE_FROM = { native: 15_900_000_000, ocpp: 15_910_000_000 } as const;

export function laneOf(options: Options): FleetLane {
  const lane = options.text("lane");
  if (lane !== "native" && lane !== "ocpp") throw new UsageFault("--lane is native or ocpp");
  return lane;
}

export async function runFleet(args: string[], env: Env): Promise<number> {
  const options = readOptions(args, FLEET_OPTIONS);
  const say = speaker(options.flag("json"));
  const lane = laneOf(options);
  const keys = await fleetKeys(options, lane, { count: options.number("piles"), say, env });
  const piles: Pile[] = [];
  for (const key of keys) {
    piles.push(startOne(key, lane, options));
    await new Promise((done) => setTimeout(done, LINK_GAP_MS));
  }
  const counting = setInterval(() => say("count", countOf(piles)), COUNT_MS);
  await Promise.all(piles.map((pile) => pile.linked()));
  say("linked", countOf(piles));
  const end = untilAsked(options.number("seconds"));
  const charging = Math.min(piles.length, options.number("charging"));
  const running: (() => Promise<unknown>)[] = [];
  void startAll(piles.slice(0, charging), { options, lane, running, say });
  await end;
  clearInterval(counting);
  say("count", countOf(piles));
  await Promise.allSettled(running.map((stop) => stop())); // the next fleet finds its drivers free
  await Promise.all(piles.map((pile) => pile.stop()));
  return 0;
}

function startOne(key: FleetKey, lane: FleetLane, options: Options): Pile {
  const { id, secret, platformKey } = key;
  const registerWh = Math.floor(Date.now() / 1_000); // memory is not kept: it must only rise
  const common = { id, secret, store: heapStore(), registerWh };
  const tenant = options.text("tenant");
  if (lane === "native") {
    return startNativePile({ ...common, platformKey, tenant, url: options.text("nats-url") });
  }
  return startOcppPile({ ...common, url: ocppUrl({ baseUrl: options.text("url"), tenant }) });
}

function countOf(piles: readonly Pile[]): Record<string, number> {
  const of = (fits: (pile: Pile) => boolean) => piles.filter(fits).length;
  return {
    piles: piles.length,
    linked: of((pile) => pile.link().linked),
    charging: of((pile) => pile.status().status === "charging"),
    queued: piles.reduce((sum, pile) => sum + pile.link().queued, 0),
  };
}

async function startAll(
  piles: Pile[],
  { options, lane, running, say }: {
    options: Options;
    lane: FleetLane;
    running: (() => Promise<unknown>)[];
    say: Say;
  },
): Promise<void> {
  let next = 0;
  const startNext = async (i: number, pile: Pile) => {
    pile.plug();
    const phone = String(PHONE_FROM[lane] + i);
    const driver = createDriver({ baseUrl: options.text("url"), phone, device: "sim fleet" });
    await driver.signIn();
    if ((await driver.wallet()).balanceFen < RECHARGE_FEN / 2) await driver.recharge(RECHARGE_FEN);
    const { id } = await driver.start({ pileId: pile.id, autoCapture: true });
    running.push(async () => {
      await driver.stop(id);
      await driver.until(id, ["paid", "awaiting-payment", "start-failed"], STOP_MS_MAX);
    });
  };
  const worker = async () => {
    for (let i = next++; i < piles.length; i = next++) {
      const pile = piles[i]!;
      await startNext(i, pile).catch((error) => {
        say("error", { pile: pile.id, words: wordsOf(error) });
      });
    }
  };
  await Promise.all(Array.from({ length: DRIVERS_AT_ONCE }, worker));
}
