// Reservations over two nodes as phones and console see them: reserve, start, cancel, the race for the last
// connector, a no-show; every answer against its published shape. A minute of a window is 0.3 s here.
import { afterAll, beforeAll, expect, test } from "vitest";
import { join } from "node:path";
import { type Driver, newKey, type Pile, Refused } from "../../sim/mod.ts";
import type { Fact, Notice } from "../../wire/live.ts";
import * as http from "../../wire/http.ts";
import * as shapes from "../../wire/http-reserve.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const MINUTE_MS = 300;
let world: World;
let nodes: Program[];
let place: Place;
const piles: Pile[] = [];
beforeAll(async () => {
  const settings = JSON.stringify({ reserveMinuteMs: MINUTE_MS, reserveFreeMs: 0 });
  world = await startWorld({ sync: "100ms", env: { CHARGEWARD_SETTINGS: settings } });
  nodes = [];
  for (const node of ["node-1", "node-2"]) nodes.push(await world.startServer({ node }));
  place = await openPlace(nodes[0]!.url, join(world.dir, "node-1"));
}, 120_000);
afterAll(async () => {
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
}, 60_000);

async function pile(id: string) {
  const made = await place.addPile(id, "native");
  piles.push(await connectPile(world, nodes[0]!.url, made, "native", { startMs: 600 }));
  const driver = await richDriver(nodes[0]!.url, piles.length, 0);
  const why = async () => (await driver.quote(id)).why ?? null;
  await expect.poll(why, { timeout: 15_000 }).toBeNull();
  return id;
}
const refusal = (asked: Promise<unknown>): Promise<Refused> =>
  asked.then(() => expect.fail("it was not refused"), (error: unknown) => {
    if (error instanceof Refused) return error;
    throw error;
  });
const untilStatus = (driver: Driver, id: string, status: string) =>
  expect.poll(async () => (await driver.reservation(id)).status, { timeout: 20_000 }).toBe(status);

test("rules, reserve, another pile, start: one promise becomes one charge", async () => {
  const pileId = await pile("RSV-1");
  const [driver, other] = [
    await richDriver(nodes[1]!.url, 11),
    await richDriver(nodes[0]!.url, 12),
  ];
  const notices: Notice[] = [];
  const facts: Fact[] = [];
  const live = driver.live({
    notice: (one) => notices.push(one),
    fact: (one) => facts.push(one),
  });
  const rules = shapes.reservationRulesAnswer.parse(await driver.rules(pileId));
  expect(rules).toMatchObject({ connectors: [1], taken: [], rules: { depositFen: 2_000 } });
  expect(await refusal(driver.reserve({ pileId, rulesVersion: "old" })))
    .toMatchObject({ code: "rules.changed", facts: { rulesVersion: rules.rules.rulesVersion } });

  const key = newKey();
  const reserved = shapes.reservationAnswer.parse(
    await driver.reserve({ pileId, minutes: 60, key }),
  );
  expect(reserved).toMatchObject({ status: "reserved", pileId, connector: 1 });
  await live.watch(`reservation:${reserved.id}`);
  expect((await driver.api.get<{ deposits: unknown }>("/v1/wallet")).deposits)
    .toEqual([{ reservationId: reserved.id, fen: 2_000 }]);
  const active = http.active.parse(await driver.active());
  expect(active.reservations.map(({ id }) => id)).toEqual([reserved.id]);
  const shown = http.publicPile.parse(await other.api.get(`/v1/piles/${pileId}`));
  expect(shown.status).toBe("reserved");
  expect((await other.quote(pileId)).why).toBe("pile.reserved");
  expect((await driver.quote(pileId)).startable).toBe(true);
  expect(await refusal(other.start({ pileId }))).toMatchObject({ code: "pile.reserved" });
  expect(await refusal(driver.start({ pileId })))
    .toMatchObject({ code: "pile.reserved", facts: { reservationId: reserved.id } });
  const { tariffVersion } = await driver.quote(pileId);
  expect(await refusal(driver.startReserved(reserved.id, { pileId: "RSV-0", tariffVersion })))
    .toMatchObject({ code: "reservation.other-pile", facts: { pileId } });
  expect(await refusal(other.reservation(reserved.id)))
    .toMatchObject({ code: "reservation.unknown" });

  const started = shapes.startedAnswer.parse(
    await driver.startReserved(reserved.id, { pileId, autoCapture: true }),
  );
  expect(started).toMatchObject({
    reservation: { status: "fulfilled", orderId: started.order.id },
    order: { status: "starting", reservationId: reserved.id },
  });
  await driver.until(started.order.id, ["charging"], 15_000);
  await driver.stop(started.order.id);
  await driver.until(started.order.id, ["paid"], 15_000);
  expect((await driver.active()).reservations).toEqual([]);
  const { items } = http.walletLines.parse(await settledLines(driver));
  expect(items.map(({ cause }) => cause).slice(1)) // whatever came of the hold stands above
    .toEqual(["hold", "deposit-return", "deposit", "recharge"]);
  await expect.poll(() => notices.map(({ code }) => code)).toContain("reservation.confirmed");
  await expect.poll(() => facts.map(({ type }) => type)).toContain("PromiseUsed");
  live.close();
}, 90_000);

/** The list follows the journal a moment later. */
async function settledLines(driver: Driver) {
  const lines = () => driver.api.get<{ items: unknown[] }>("/v1/wallet/lines");
  await expect.poll(async () => (await lines()).items.length, { timeout: 15_000 }).toBe(5);
  return await lines();
}

test("a dozen race for the last connector: one has it, nobody else's money is held", async () => {
  const [last, free] = [await pile("RSV-2"), await pile("RSV-3")];
  const many = await Promise.all(
    Array.from({ length: 12 }, (_, i) => richDriver(nodes[i % 2]!.url, 20 + i)),
  );
  const answers = await Promise.allSettled(many.map((one) => one.reserve({ pileId: last })));
  const won = answers.filter(({ status }) => status === "fulfilled");
  expect(won).toHaveLength(1);
  for (const [i, answer] of answers.entries()) {
    if (answer.status === "fulfilled") continue;
    const { code, facts } = answer.reason as Refused;
    expect(code).toBe("slot.taken");
    expect(facts["alternatives"]).toContainEqual({ pileId: free, connector: 1 });
    const purse = () => many[i]!.api.get<{ balanceFen: number; deposits: unknown[] }>("/v1/wallet");
    await expect.poll(purse).toMatchObject({ balanceFen: 50_000, deposits: [] });
  }
}, 90_000);

test("cancelled at the cost shown; another one missed; ops see both", async () => {
  const pileId = await pile("RSV-4");
  const driver = await richDriver(nodes[0]!.url, 40);
  const first = await driver.reserve({ pileId, inMs: 3_600_000 });
  const cost = await driver.api.get(`/v1/reservations/${first.id}/cancel-cost`);
  expect(shapes.cancelCostAnswer.parse(cost)).toMatchObject({ feeFen: 0, refundFen: 2_000 });
  const other = driver.api.post(`/v1/reservations/${first.id}/cancel`, { costVersion: "9-9" });
  expect(await refusal(other)).toMatchObject({ code: "reservation.cost-changed" });
  expect(await driver.cancel(first.id)).toMatchObject({ status: "cancelled", refundFen: 2_000 });
  expect((await driver.wallet()).balanceFen).toBe(50_000);

  const missed = await driver.reserve({ pileId, minutes: 15 });
  await untilStatus(driver, missed.id, "no-show");
  expect((await driver.wallet()).balanceFen).toBe(48_000);
  expect((await driver.quote(pileId)).startable).toBe(true);
  const { api } = place.ops;
  const listed = async (path: string) =>
    shapes.reservationList.parse(await api.get(path)).items.map(({ status }) => status);
  const all = expect.arrayContaining(["no-show", "cancelled"]);
  await expect.poll(() => listed(`/v1/ops/piles/${pileId}/reservations`), { timeout: 15_000 })
    .toEqual(all);
  const station = `/v1/ops/stations/${place.stationId}/reservations?status=no-show`;
  expect(new Set(await listed(station))).toEqual(new Set(["no-show"]));
  const mine = await driver.api.get<{ items: { id: string }[] }>("/v1/reservations");
  expect(mine.items.map(({ id }) => id).toSorted()).toEqual([first.id, missed.id].toSorted());
  const incidents = await api.get<{ items: { cause: string }[] }>("/v1/ops/incidents?row=1.5");
  expect(incidents.items.map(({ cause }) => cause)).toContain("no-show");
}, 90_000);
