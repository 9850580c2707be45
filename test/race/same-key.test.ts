// Fifty parallel starts with one key on each of many piles, over two servers that both serve every
// shard while acknowledgements get lost: one order, one hold, one device start, one answer each.
import { expect, test } from "vitest";
import { newKey } from "../../sim/mod.ts";
import { openDatabase, settledBooks } from "../kit/audit.ts";
import { connectPile, openPlace, richDriver } from "../kit/place.ts";
import { distinct, inTurns, tapManyTimes } from "../kit/same-key.ts";
import { startWorld, type World } from "../kit/world.ts";

const COPIES = 50;
const AT_ONCE = 8; // piles under attack at the same time: enough to keep two cores busy

interface Outcome {
  statuses: number[];
  unequal: number;
  starts: number[];
  orders: number;
  holds: number[];
  broken: string[];
  allFen: number;
}

async function race(piles: number, unfenced: boolean): Promise<Outcome> {
  await using world = await startWorld({ sync: "1s" });
  const servers = await twoServers(world, unfenced);
  const origins = servers.map(({ url }) => url);
  const place = await openPlace(origins[0]!, `${world.dir}/node-1`);
  const { tariffVersion, taps, connected } = await crowd(world, origins, place, piles);
  const answers = await inTurns(
    taps.map(({ driver, pileId }) => async () => {
      const pay = { by: "wallet", autoCapture: true };
      const body = { pileId, connector: 1, tariffVersion, pay, ageMs: 0 };
      return await tapManyTimes(origins, driver, { key: newKey(), body }, COPIES);
    }),
    AT_ONCE,
  );
  await Promise.allSettled(taps.map(async ({ driver }, i) => {
    const id = String(answers[i]![0]!.body["id"]);
    await driver.until(id, ["charging"], 20_000);
  }));
  await using opened = await openDatabase(world.mongo.url);
  const books = await settledBooks(opened.db);
  const starts = connected.map((pile) => pile.log("charging").length);
  await Promise.all(connected.map((pile) => pile.stop()));
  return {
    statuses: answers.flat().map(({ status }) => status),
    unequal: answers.filter((all) => distinct(all) !== 1).length,
    starts,
    orders: books.orders.size,
    holds: [...books.holdsPlaced.values()],
    broken: books.broken,
    allFen: books.allFen,
  };
}

function twoServers(world: World, unfenced: boolean) {
  return Promise.all([1, 2].map((n) =>
    world.startServer({
      node: `node-${n}`,
      script: "test/kit/faulty-server.ts",
      env: {
        CHARGEWARD_TEST_FAULTS: JSON.stringify({
          swallow: 0.05,
          everyShard: true,
          unfenced,
          seed: 40 + n,
        }),
      },
    })
  ));
}

async function crowd(
  world: World,
  origins: readonly string[],
  place: Awaited<ReturnType<typeof openPlace>>,
  piles: number,
) {
  const made = await inTurns(
    Array.from({ length: piles }, (_, i) => () => place.addPile(`RACE-${i}`, "native")),
    4,
  );
  const connected = await inTurns(
    made.map((one, i) => () => connectPile(world, origins[i % 2]!, one, "native")),
    10,
  );
  const drivers = await inTurns(
    made.map((_, i) => () => richDriver(origins[i % 2]!, i)),
    10,
  );
  const quote = await drivers[0]!.quote(made[0]!.id);
  const taps = made.map(({ id }, i) => ({ pileId: id, driver: drivers[i]! }));
  return { tariffVersion: quote.tariffVersion, taps, connected };
}

test("one order, one hold, one start and one answer, on each of 100 piles", async () => {
  const outcome = await race(100, false);
  expect(outcome.unequal).toBe(0);
  expect(new Set(outcome.statuses)).toEqual(new Set([202]));
  expect(outcome.broken).toEqual([]);
  expect(outcome.orders).toBe(100);
  expect(outcome.holds).toEqual(Array.from({ length: 100 }, () => 1));
  expect(outcome.starts).toEqual(Array.from({ length: 100 }, () => 1));
  expect(outcome.allFen).toBe(0);
}, 300_000);

test("without the expected sequence the same race breaks", async () => {
  const outcome = await race(8, true);
  const doubled = outcome.holds.some((n) => n !== 1) || outcome.starts.some((n) => n !== 1);
  expect(outcome.broken.length > 0 || outcome.unequal > 0 || doubled).toBe(true);
}, 180_000);
