// The standing auditor over the archive of a whole platform: what drivers and ops did agrees with it, and
// whatever is changed behind the platform's back is named.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ops, type Pile } from "../../sim/mod.ts";
import { Auditor, DrilledPeople } from "../../server/audit/mod.ts";
import { openDatabase } from "../kit/audit.ts";
import { accountOf, connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const NODE = "node-1";
let world: World;
let server: Program;
let place: Place;
let opened: Awaited<ReturnType<typeof openDatabase>>;
const piles: Pile[] = [];

beforeAll(async () => {
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  place = await openPlace(server.url, `${world.dir}/${NODE}`);
  opened = await openDatabase(world.mongo.url);
}, 120_000);
afterAll(async () => {
  await Promise.all(piles.map((pile) => pile.stop()));
  await opened?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const differences = async () => {
  const { rows, differences: found } = await new Auditor(opened.db, 0).look(Date.now());
  return { rows, found: found.map(({ rule, where }) => `${rule} ${where}`) };
};

/** A charge from the wallet, some seconds long, paid. */
async function paidCharge(n: number): Promise<{ orderId: string; userId: string }> {
  const made = await place.addPile(`AUD-${n}`, "native");
  const pile = await connectPile(world, server.url, made, "native");
  piles.push(pile);
  const driver = await richDriver(server.url, n);
  await expect.poll(async () => (await driver.quote(made.id)).startable).toBe(true);
  const order = await driver.start({ pileId: made.id, autoCapture: true });
  await driver.until(order.id, ["charging"], 15_000);
  const { registerWh } = pile.status();
  await expect.poll(() => pile.status().registerWh, { timeout: 20_000 })
    .toBeGreaterThan(registerWh + 40);
  await driver.stop(order.id);
  await driver.until(order.id, ["paid"], 20_000);
  return { orderId: order.id, userId: driver.userId };
}

test(
  "charges, recharges by both providers and an adjustment agree; tampering is named",
  async () => {
    const paid = [await paidCharge(1), await paidCharge(2)];
    await (await richDriver(server.url, 3, 0)).recharge(1_234, "alipay");
    const service = await Ops.signIn(
      server.url,
      await accountOf(`${world.dir}/${NODE}`, "service"),
    );
    const { orderId, userId } = paid[0]!;
    await service.api.post(`/v1/ops/orders/${orderId}/adjustments`, { fen: 1, reason: "goodwill" });
    await expect.poll(differences, { timeout: 20_000 }).toMatchObject({ found: [] });
    expect((await differences()).rows).toBeGreaterThan(30);

    const lines = opened.db.collection("wallet-lines");
    await lines.updateOne({ userId }, { $inc: { "view.balanceFen": 1 } });
    expect((await differences()).found).toMatchObject([
      expect.stringMatching(`^balance-shown .*${userId}`),
    ]);
    await lines.updateOne({ userId }, { $inc: { "view.balanceFen": -1 } });

    const archive = opened.db.collection("archive");
    const ended = { kind: "order", id: orderId, "events.type": "ChargeEnded" };
    const priced = { $inc: { "events.$.bill.totalFen": 1 } };
    expect((await archive.updateOne(ended, priced)).modifiedCount).toBe(1);
    expect((await differences()).found.join("\n")).toContain(orderId);

    // somebody of a drill: named while the run lasts, left out afterwards, nobody else is
    const people = new DrilledPeople(opened.db, "main");
    const asked = async () => {
      const auditor = new Auditor(opened.db, 0, { people, off: () => false });
      return (await auditor.look(Date.now())).differences.map(({ where }) => where).join();
    };
    await people.keep("drl_0001", ["P-1", paid[1]!.userId], Date.now() - 1);
    await people.keep("drl_0002", [userId], Date.now() + 60_000);
    expect(await asked()).toContain(orderId);
    await people.end("drl_0002", Date.now());
    expect(await asked()).toBe("");
  },
  120_000,
);

test("a campaign is in the list once it is opened, with what it granted", async () => {
  const { api } = await Ops.signIn(server.url, await accountOf(`${world.dir}/${NODE}`, "finance"));
  const terms = {
    off: { kind: "amount", fen: 100 },
    thresholdFen: 0,
    validFrom: 0,
    validUntil: 4_000_000_000_000,
    currency: "CNY",
  };
  const plan = { name: "Flow", terms, budgetFen: 100, perUser: 1 };
  const { id } = await api.post<{ id: string }>("/v1/ops/campaigns", plan);
  const { userId } = await richDriver(server.url, 9, 0);
  await api.post(`/v1/ops/campaigns/${id}/grants`, { userIds: [userId] });
  const list = async () => (await api.get<{ items: unknown[] }>("/v1/ops/campaigns")).items;
  await expect.poll(list, { timeout: 10_000 })
    .toMatchObject([{ id, name: "Flow", granted: 1, grantedFen: 100 }]);
}, 60_000);
