// A charge from tap to paid while the node that owns it is killed at any moment, while NATS restarts,
// while MongoDB is away: every order ends as paid or start-failed, holds 0, the book sums to 0.
import { afterAll, beforeAll, expect, test } from "vitest";
import { newKey, type Pile, seeded } from "../../sim/mod.ts";
import { openDatabase, settledBooks } from "../kit/audit.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { ask, orderIdOf, watchSilence } from "../kit/roving.ts";
import { startWorld, type World } from "../kit/world.ts";

const ROUNDS = 10;
const SEED = 20_261_123;
/** Tap to paid takes about this long here: the kill falls anywhere in it. */
const CHARGE_MS = 6_000;
const FINAL = ["paid", "start-failed"];

let world: World;
let servers: Program[];
let origins: string[];
let place: Place;
const piles = new Map<string, Pile>();
let people = 0;

beforeAll(async () => {
  world = await startWorld();
  servers = [
    await world.startServer({ node: "node-1" }),
    await world.startServer({ node: "node-2" }),
  ];
  origins = servers.map(({ url }) => url);
  place = await openPlace(origins[0]!, `${world.dir}/node-1`);
}, 120_000);

afterAll(async () => {
  await Promise.all([...piles.values()].map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
}, 60_000);

async function newCharge() {
  const n = people++;
  const made = await place.addPile(`KILL-${n}`, "native");
  const pile = await connectPile(world, origins[0]!, made, "native", { startMs: 800 });
  piles.set(made.id, pile);
  const driver = await richDriver(origins[0]!, n);
  const { tariffVersion } = await driver.quote(made.id);
  const key = newKey();
  const orderId = orderIdOf(driver, key);
  const pay = { by: "wallet", autoCapture: true };
  const body = { pileId: made.id, connector: 1, tariffVersion, pay, ageMs: 0 };
  return { pile, driver, key, orderId, body };
}
type Charge = Awaited<ReturnType<typeof newCharge>>;

/** Tap, charge for a while, stop, paid: repeated wherever it takes somebody to answer. */
async function run({ driver, key, orderId, body }: Charge): Promise<string> {
  const begun = performance.now();
  const started = await ask(origins, driver, "POST", "/v1/orders", { key, body });
  expect([202, 409, 503]).toContain(started.status);
  const charging = () => performance.now() - begun < CHARGE_MS / 2;
  while (charging()) await new Promise((done) => setTimeout(done, 100));
  await ask(origins, driver, "POST", `/v1/orders/${orderId}/stop`, { key: newKey(), body: {} });
  return await finalStatus(driver, orderId);
}

async function finalStatus(driver: Charge["driver"], orderId: string): Promise<string> {
  let status = "unknown";
  const until = performance.now() + 60_000;
  while (!FINAL.includes(status) && performance.now() < until) {
    const seen = await ask(origins, driver, "GET", `/v1/orders/${orderId}`, { withinMs: 10_000 });
    status = String(seen.body["status"]);
    await new Promise((done) => setTimeout(done, 100));
  }
  return status;
}

async function ownerOf(orderId: string): Promise<number> {
  const { node } = await place.ops.api.get<{ node: string }>(`/v1/ops/actors/order/${orderId}`);
  return node === "node-1" ? 0 : 1;
}

async function booksAreRight(): Promise<void> {
  await using opened = await openDatabase(world.mongo.url);
  const books = await settledBooks(opened.db);
  expect(books.broken).toEqual([]);
  expect(books.allFen).toBe(0);
  expect(books.holdsOpenFen).toBe(0);
  expect([...books.orders.values()].filter((status) => !FINAL.includes(status))).toEqual([]);
  expect([...books.holdsPlaced.values()].every((n) => n === 1)).toBe(true);
}

const startsOf = ({ pile }: Charge) => pile.log("charging").length;

test(`the owner is killed ${ROUNDS} times between tap and paid`, async () => {
  const random = seeded(SEED);
  const silences: number[] = [];
  const ends: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const charge = await newCharge();
    const victim = await ownerOf(charge.orderId);
    const other = origins[1 - victim]!;
    const afterMs = random.between(0, CHARGE_MS);
    const silence = watchSilence(other, charge.driver, charge.orderId);
    const killing = new Promise((done) => setTimeout(done, afterMs))
      .then(() => servers[victim]!.kill());
    const status = await run(charge);
    await killing;
    silences.push(await silence());
    ends.push(status);
    await servers[victim]!.restart();
    expect(FINAL, `round ${round}, killed after ${Math.round(afterMs)} ms`).toContain(status);
    expect(startsOf(charge)).toBe(status === "paid" ? 1 : startsOf(charge));
    expect(startsOf(charge)).toBeLessThanOrEqual(1);
  }
  await booksAreRight();
  console.log(`seed ${SEED}: ${ends.join(" ")}`);
  console.log(`silences ${silences.join(", ")} ms; longest ${Math.max(...silences)} ms`);
}, 400_000);

test("NATS restarts in the middle of a charge", async () => {
  const charge = await newCharge();
  const silence = watchSilence(origins[0]!, charge.driver, charge.orderId);
  const restarting = new Promise((done) => setTimeout(done, CHARGE_MS / 3))
    .then(() => world.nats.restart());
  const status = await run(charge);
  await restarting;
  console.log(`NATS restarted: silence ${await silence()} ms, order ${status}`);
  expect(status).toBe("paid");
  expect(startsOf(charge)).toBe(1);
  await booksAreRight();
}, 120_000);

test("MongoDB is away from before the tap until after payment", async () => {
  const charge = await newCharge();
  await world.mongo.kill();
  const status = await run(charge);
  expect(status).toBe("paid");
  expect(startsOf(charge)).toBe(1);
  await world.mongo.restart();
  await booksAreRight();
}, 120_000);
