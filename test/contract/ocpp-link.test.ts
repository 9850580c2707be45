// The link of an OCPP pile over real sockets: who gets in, what is served before the actor knows, what a
// second connection, silence and the end of the gateway come to.
import { expect, test } from "vitest";
import { faulty, refusedWith } from "./gateway-world.ts";
import { GATEWAY, ocppWorld } from "./ocpp-world.ts";

test("a pile with its secret gets in, on the short and on the long path", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  await world.addPile("CP1", "north");
  const short = await world.connect("CP1");
  expect(short.socket.protocol).toBe("ocpp1.6");
  const long = await world.connect("CP1", { tenant: "north" });
  await long.call("Heartbeat", {});
  const opened = world.asks.filter(({ type }) => type === "OpenLink");
  expect(opened.map(({ to }) => `${to.tenant}/${to.id}`)).toEqual(["main/CP1", "north/CP1"]);
  expect(opened[0]!.principal).toEqual({ kind: "device", id: "CP1" });
  expect(opened[0]!.body).toMatchObject({ gatewayId: GATEWAY, lane: "ocpp1.6" });
});

test("who has no secret, a wrong one, another's name or no pile is refused at the upgrade", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  await world.addPile("CP2");
  expect(await world.knock("/ocpp/CP1", { secret: null })).toEqual({ status: 401 });
  expect(await world.knock("/ocpp/CP1", { secret: "wrong-secret-wrong" })).toEqual({ status: 401 });
  expect(await world.knock("/ocpp/CP1", { user: "CP2" })).toEqual({ status: 401 });
  expect(await world.knock("/ocpp/CP9")).toEqual({ status: 404 });
  expect(await world.knock("/ocpp/north/CP1")).toEqual({ status: 404 });
  expect(await world.knock("/ocpp/")).toEqual({ status: 404 });
  expect(await world.knock("/ocpp/main/CP1/more")).toEqual({ status: 404 });
  expect(world.asks).toEqual([]);
});

test("guessing a secret is slowed down, the right pile elsewhere is not", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  await world.addPile("CP2");
  for (let i = 0; i < 10; i++) await world.knock("/ocpp/CP1", { secret: `guess-number-000${i}` });
  expect(await world.knock("/ocpp/CP1", { secret: "one-guess-more-00" })).toEqual({ status: 429 });
  const other = await world.connect("CP2");
  expect(await other.call("Heartbeat", {})).toBeTruthy();
});

test("a blocked pile and one of another lane are refused", async () => {
  await using world = await ocppWorld();
  const auths = await world.directory.bucket("pile-auth");
  await world.addPile("CP1");
  const row = await auths.get("main/CP1");
  await auths.put("main/CP1", { ...row!.value as object, blocked: true });
  await auths.put("main/N1", { lane: "native", nkey: "UABC" });
  expect(await world.knock("/ocpp/CP1")).toEqual({ status: 403 });
  expect(await world.knock("/ocpp/N1")).toEqual({ status: 404 });
});

test("without the subprotocol the handshake is finished and the socket closed", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  expect(await world.knock("/ocpp/CP1", { protocols: [] })).toEqual({ opened: "", closed: 1002 });
  expect(world.asks).toEqual([]);
  const both = await world.connect("CP1", { protocols: ["ocpp2.0.1", "ocpp1.6"] });
  expect(both.socket.protocol).toBe("ocpp1.6");
});

test("nothing is served before the actor has opened the link, and then in order", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  let tries = 0;
  world.answer = (ask) =>
    ask.type === "OpenLink" && ++tries < 3 ? faulty("unavailable") : undefined;
  const pile = await world.connect("CP1");
  const boot = pile.call("BootNotification", { chargePointModel: "M", chargePointVendor: "V" });
  const status = pile.call("StatusNotification", {
    connectorId: 1,
    errorCode: "NoError",
    status: "Available",
  });
  expect(world.asks.filter(({ type }) => type !== "OpenLink")).toEqual([]);
  expect((await boot)?.[2]).toMatchObject({ status: "Accepted", interval: 30 });
  expect((await status)?.[0]).toBe(3);
  const types = world.asks.map(({ type }) => type);
  expect(types.slice(0, 4)).toEqual(["OpenLink", "OpenLink", "OpenLink", "ReportBoot"]);
  expect(new Set(world.asks.filter((a) => a.type === "OpenLink").map((a) => a.id)).size).toBe(1);
});

test("a pile that its actor does not know is closed", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  world.answer = () => refusedWith("pile.unknown");
  const pile = await world.connect("CP1");
  await world.until(() => pile.closed !== null, "closed");
  expect(pile.closed).toEqual({ code: 1008, reason: "pile.unknown" });
});

test("the second connection of a pile wins; no loss is told for the first", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  const first = await world.connect("CP1");
  await first.call("Heartbeat", {});
  const second = await world.connect("CP1");
  expect(await second.call("Heartbeat", {})).toBeTruthy();
  await world.until(() => first.closed !== null, "first closed");
  expect(first.closed!.code).toBe(4001);
  expect(world.asks.filter(({ type }) => type === "LoseLink")).toEqual([]);
  expect(world.lines.some(({ facts }) => facts["alarm"] === "pile.second-connection")).toBe(true);
  await second.close();
  const lost = await world.told("LoseLink");
  expect(lost.body).toMatchObject({ linkEpoch: 2, why: "closed" });
});

test("a pile that answers no ping is cut and told as silent", async () => {
  await using world = await ocppWorld({ pingMs: 300 });
  await world.addPile("CP1");
  const pile = await world.connect("CP1");
  await pile.call("Heartbeat", {});
  pile.socket.pause();
  const lost = await world.told("LoseLink");
  expect(lost.body).toMatchObject({ why: "silent", linkEpoch: 1 });
});

test("the gateway's stop closes every link and tells the actors", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  await world.addPile("CP2");
  const piles = [await world.connect("CP1"), await world.connect("CP2")];
  for (const pile of piles) await pile.call("Heartbeat", {});
  await world.ocpp.stop();
  expect(world.asks.filter(({ type }) => type === "LoseLink").map(({ to }) => to.id).sort())
    .toEqual(["CP1", "CP2"]);
  await world.until(() => piles.every(({ closed }) => closed?.code === 1001), "closed 1001");
  expect(await (await world.directory.bucket("links")).entries()).toEqual([]);
});

test("what a gateway of the same name left behind is told as gone", async () => {
  const { gatewayWorld } = await import("./gateway-world.ts");
  const { createOcpp } = await import("../../server/ocpp/mod.ts");
  const world = gatewayWorld();
  const links = await world.directory.bucket("links");
  await links.put(`${GATEWAY}/main/CP7`, { linkEpoch: 9 });
  await links.put(`another-ocpp/main/CP8`, { linkEpoch: 3 });
  const ocpp = createOcpp({ ...world, gatewayId: GATEWAY });
  const lost = await world.told("LoseLink");
  expect(lost).toMatchObject({ to: { id: "CP7" }, body: { linkEpoch: 9, why: "gateway-gone" } });
  await ocpp.stop();
  expect((await links.entries()).map(({ key }) => key)).toEqual(["another-ocpp/main/CP8"]);
});

test("a pile blocked while connected is closed at the next ping", async () => {
  await using world = await ocppWorld({ pingMs: 300 });
  await world.addPile("CP1");
  const pile = await world.connect("CP1");
  await pile.call("Heartbeat", {});
  const auths = await world.directory.bucket<{ blocked?: boolean }>("pile-auth");
  const row = await auths.get("main/CP1");
  await auths.put("main/CP1", { ...row!.value, blocked: true });
  await world.until(() => pile.closed !== null, "closed");
  expect(pile.closed!.code).toBe(1008);
});

test("a pile that connects all the time is held back", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  const answers = [];
  for (let i = 0; i < 31; i++) answers.push(await world.knock("/ocpp/CP1", { protocols: [] }));
  expect(answers.slice(0, 30)).toEqual(
    Array.from({ length: 30 }, () => ({ opened: "", closed: 1002 })),
  );
  expect(answers[30]).toEqual({ status: 429 });
});

test("a directory that fails refuses with 503, throws nobody out and recovers", async () => {
  await using world = await ocppWorld({ pingMs: 300 });
  await world.addPile("CP1");
  await world.addPile("CP2");
  const pile = await world.connect("CP1");
  await pile.call("Heartbeat", {});
  const { bucket } = world.directory;
  world.directory.bucket = () => Promise.reject(new RangeError("no directory"));
  expect(await world.knock("/ocpp/CP2")).toEqual({ status: 503 });
  const start = {
    connectorId: 1,
    idTag: "CARD1",
    meterStart: 0,
    timestamp: "2026-11-20T08:00:00Z",
  };
  expect((await pile.call("Authorize", { idTag: "CARD1" }))?.[2]).toBe("InternalError");
  await new Promise((pinged) => pile.socket.once("ping", pinged)); // the door looks again with it
  expect(pile.closed).toBeNull();
  expect(await pile.call("StartTransaction", start)).toBeNull();
  expect(pile.closed).toMatchObject({ code: 1013 });
  world.directory.bucket = bucket;
  const again = await world.connect("CP1");
  expect((await again.call("StartTransaction", start))?.[0]).toBe(3);
});
