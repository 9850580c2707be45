import { expect, test } from "vitest";
import { type LiveSocket, liveWorld, next } from "../../test/kit/live-world.ts";
import type { Fact, Watched } from "../../wire/live.ts";

const watch = (socket: LiveSocket, ...rooms: { room: string; v?: number }[]) =>
  socket.emitWithAck("watch", { rooms }) as Promise<Watched>;
const until = async (what: () => boolean) => {
  while (!what()) await new Promise((done) => setTimeout(done, 5));
};
const pile = (id: string, stationId = "stn_0001", more: object = {}) => ({
  id,
  stationId,
  code: "12345678",
  lane: "native",
  ratedPowerW: 120_000,
  presence: "online",
  disabled: false,
  linkEpoch: 3,
  gatewayId: "node-1-native",
  connectors: [{
    no: 1,
    plug: "gb-dc",
    ratedPowerW: 120_000,
    reservable: true,
    status: "charging",
    plugged: true,
    orderId: "ord_0001",
    powerW: 60_000,
  }],
  unattributedWh: 0,
  ...more,
});

test("a watcher gets the snapshot, then each fact once and in order", async () => {
  await using world = await liveWorld();
  const { socket, userId } = await world.driver();
  world.record("order", "ord_0001", { id: "ord_0001", userId, status: "starting" });
  const answer = await watch(socket, { room: "order:ord_0001" });
  expect(answer).toMatchObject({
    rooms: [{ room: "order:ord_0001", v: 1, snapshot: { status: "starting" } }],
    refused: [],
  });
  const facts: Fact[] = [];
  socket.on("fact", (fact) => facts.push(fact));
  world.record("order", "ord_0001", { id: "ord_0001", userId, status: "charging" }, ["A", "B"]);
  world.record("order", "ord_0001", { id: "ord_0001", userId, status: "charging" }, []);
  await until(() => facts.length === 2);
  expect(facts[0]).toMatchObject({
    v: 2,
    type: "B",
    data: { events: ["A", "B"], view: { status: "charging" } },
  });
  expect(facts[1]).toMatchObject({ v: 3, type: "Nothing", data: { events: [] } });
});

test("who comes back gets the missed facts, or a snapshot where they are gone", async () => {
  await using world = await liveWorld({ history: 5 });
  const { socket, userId } = await world.driver();
  const step = (n: number) => world.record("order", "ord_0001", { id: "ord_0001", userId, n });
  for (let n = 1; n <= 4; n++) step(n);
  const missed = await watch(socket, { room: "order:ord_0001", v: 2 });
  expect(missed.rooms[0]!.events!.map(({ v }) => v)).toEqual([3, 4]);
  expect(missed.rooms[0]).not.toHaveProperty("snapshot");
  const same = await watch(socket, { room: "order:ord_0001", v: 4 });
  expect(same.rooms[0]).toMatchObject({ v: 4, events: [] });
  for (let n = 5; n <= 12; n++) step(n);
  const gone = await watch(socket, { room: "order:ord_0001", v: 4 });
  expect(gone.rooms[0]).toMatchObject({ v: 12, snapshot: { n: 12 } });
  const ahead = await watch(socket, { room: "order:ord_0001", v: 99 });
  expect(ahead.rooms[0]).toMatchObject({ v: 12, snapshot: { n: 12 } });
});

test("nobody watches what is not theirs", async () => {
  await using world = await liveWorld();
  const { socket } = await world.driver();
  world.record("order", "ord_9999", { id: "ord_9999", userId: "usr_other" });
  const answer = await watch(
    socket,
    { room: "order:ord_9999" },
    { room: "order:ord_none" },
    { room: "wall:all" },
    { room: "alerts" },
    { room: "drill:x" },
  );
  expect(answer.rooms).toEqual([]);
  expect(answer.refused.map(({ code }) => code)).toEqual([
    "order.unknown",
    "order.unknown",
    "auth.forbidden",
    "auth.forbidden",
    "auth.forbidden",
  ]);
  const facts: Fact[] = [];
  socket.on("fact", (fact) => facts.push(fact));
  world.record("order", "ord_9999", { id: "ord_9999", userId: "usr_other" });
  world.record("pile", "P1", pile("P1"));
  await watch(socket, { room: "pile:P1" });
  expect(facts).toEqual([]);
});

test("a driver sees the public view of a pile, ops all of it", async () => {
  await using world = await liveWorld();
  world.record("pile", "P1", pile("P1"));
  const { socket } = await world.driver();
  const ops = await world.ops();
  const open = (await watch(socket, { room: "pile:P1" })).rooms[0]!.snapshot;
  const all = (await watch(ops, { room: "pile:P1" })).rooms[0]!.snapshot;
  expect(JSON.stringify(open)).not.toMatch(/ord_0001|gatewayId|linkEpoch/);
  expect(all).toMatchObject({ gatewayId: "node-1-native" });
  const [seen, told] = [next(socket, "fact"), next(ops, "fact")];
  world.record("pile", "P1", pile("P1"));
  expect(JSON.stringify(await seen)).not.toMatch(/ord_0001|gatewayId|linkEpoch/);
  expect(JSON.stringify(await told)).toMatch(/ord_0001/);
});

test("ticks reach the order's room, at most one a second, and the wall's power", async () => {
  await using world = await liveWorld({ wallMs: 20 });
  const { socket, userId } = await world.driver();
  world.record("order", "ord_0001", { id: "ord_0001", userId });
  world.record("pile", "P1", pile("P1"));
  await watch(socket, { room: "order:ord_0001" });
  const ops = await world.ops();
  const walls = await watch(ops, { room: "wall:all" });
  expect(walls.rooms[0]).toMatchObject({
    room: "wall:all",
    v: 0,
    snapshot: { rows: [["P1", "charging", 60_000, expect.any(Number)]] },
  });
  const ticks: unknown[] = [];
  socket.on("tick", (tick) => ticks.push(tick));
  const data = {
    n: 1,
    t: new Date().toISOString(),
    linkEpoch: 3,
    energyWh: 10,
    powerW: 70_000,
    socPct: null,
    costFen: 5,
    elapsedMs: 1_000,
  };
  const update = next(ops, "wall");
  for (let n = 1; n <= 3; n++) world.say("order", "ord_0001", { ...data, n });
  world.say("order", "ord_0001", { n: "not a tick" });
  expect(await update).toMatchObject({
    seq: 1,
    set: [["P1", "charging", 70_000, expect.any(Number)]],
  });
  await until(() => ticks.length > 0);
  expect(ticks).toEqual([{ ...data, room: "order:ord_0001" }]);
});

test("wall rows are gathered and numbered; alerts come as incidents are recorded", async () => {
  await using world = await liveWorld({ wallMs: 30 });
  const ops = await world.ops();
  await watch(ops, { room: "wall:stn_0001" }, { room: "alerts" });
  const first = next(ops, "wall");
  for (const id of ["P1", "P2", "P3"]) world.record("pile", id, pile(id));
  world.record("pile", "Q1", pile("Q1", "stn_0002"));
  const update = await first;
  expect(update.seq).toBe(1);
  expect(update.set!.map(([id]) => id)).toEqual(["P1", "P2", "P3"]);
  const alert = next(ops, "alert");
  const incident = {
    type: "IncidentRaised",
    sv: 1,
    row: "2.7",
    cause: "gun-pulled",
    actor: "pile/P1",
    words: "charge.gun-pulled",
    action: "stopped",
    outcome: "needs-person",
    facts: { connector: 1 },
  };
  world.record("pile", "P1", pile("P1"), [incident]);
  expect(await alert).toMatchObject({
    id: "pile/P1/2/0",
    severity: "critical",
    code: "charge.gun-pulled",
  });
  const late = await watch(ops, { room: "alerts" });
  expect(late.rooms[0]).toMatchObject({ snapshot: { items: [{ id: "pile/P1/2/0" }] } });
});

test("a pile that was taken down leaves the wall", async () => {
  await using world = await liveWorld({ wallMs: 30 });
  const ops = await world.ops();
  await watch(ops, { room: "wall:stn_0001" });
  for (const id of ["P1", "P2"]) world.record("pile", id, pile(id));
  await next(ops, "wall");
  world.record("pile", "P1", { ...pile("P1"), disabled: true, takenDown: true });
  expect(await next(ops, "wall")).toMatchObject({ gone: ["P1"], set: [] });
  const late = await watch(ops, { room: "wall:stn_0001" });
  expect(late.rooms[0]).toMatchObject({
    snapshot: { rows: [["P2", "charging", 60_000, expect.any(Number)]] },
  });
});

test("an ended session is told, gets nothing more, and is disconnected", async () => {
  await using world = await liveWorld();
  const { socket, userId } = await world.driver();
  world.record("order", "ord_0001", { id: "ord_0001", userId });
  await watch(socket, { room: "order:ord_0001" });
  const facts: Fact[] = [];
  socket.on("fact", (fact) => facts.push(fact));
  const [told, gone] = [
    next(socket, "revoked"),
    new Promise((done) => socket.on("disconnect", done)),
  ];
  const connectedSid = world.http.revoked.length;
  await world.http.call("DELETE", "/v1/auth/sessions/this", {
    headers: { authorization: `Bearer ${(socket.auth as { token: string }).token}` },
  });
  expect(world.http.revoked).toHaveLength(connectedSid + 1);
  world.say("revoked", world.http.revoked.at(-1)!, {});
  world.record("order", "ord_0001", { id: "ord_0001", userId });
  expect(await told).toEqual({ room: "order:ord_0001", code: "auth.required" });
  await gone;
  expect(facts.length).toBeLessThanOrEqual(1); // told before the word came, or not at all
});

test("a session that ended elsewhere is noticed within a round", async () => {
  await using world = await liveWorld({ headMs: 30 });
  const { socket } = await world.driver();
  const gone = new Promise((done) => socket.on("disconnect", done));
  await world.http.call("DELETE", "/v1/auth/sessions/this", {
    headers: { authorization: `Bearer ${(socket.auth as { token: string }).token}` },
  });
  await gone;
});

test("heads are said, and a token can be renewed for the same person only", async () => {
  await using world = await liveWorld({ headMs: 30 });
  const { socket, userId, refresh } = await world.driver();
  const other = await world.http.driver("13800000009");
  world.record("order", "ord_0001", { id: "ord_0001", userId });
  await watch(socket, { room: "order:ord_0001" });
  world.record("order", "ord_0001", { id: "ord_0001", userId });
  expect(await next(socket, "head")).toEqual({ "order:ord_0001": 2 });
  const answer = await world.http.call("POST", "/v1/auth/refresh", { body: { refresh } });
  const { token } = await answer.json();
  expect(await socket.emitWithAck("auth", { token })).toEqual({ ok: true });
  const foreign = other.headers.authorization!.slice("Bearer ".length);
  expect(await socket.emitWithAck("auth", { token: foreign })).toMatchObject({
    code: "auth.forbidden",
  });
});

test("notices come on arrival and at once, again until they are acknowledged", async () => {
  await using world = await liveWorld({ headMs: 20 });
  const { userId } = await world.http.driver();
  world.notices.set(userId, [{ id: "n1", code: "charge.fault", facts: {} }]);
  const { socket } = await world.driver();
  const heard: string[] = [];
  socket.on("notice", ({ id }) => heard.push(id));
  await until(() => heard.filter((id) => id === "n1").length >= 2);
  const taken = { type: "NoticeTaken", sv: 1, code: "charge.gun-pulled", facts: {}, targets: [] };
  world.record("inbox", userId, {}, [{ ...taken, id: "n2" }]);
  world.record("inbox", "usr_other001", {}, [{ ...taken, id: "n3" }]);
  world.record("inbox", userId, {}, [{ ...taken, id: "n4" }]);
  await until(() => heard.includes("n4"));
  expect(heard).toContain("n2");
  expect(heard).not.toContain("n3");
  await socket.emitWithAck("notice-ack", { id: "n1" });
  await socket.emitWithAck("notice-ack", { id: "n2" });
  // read elsewhere: said no more
  world.record("inbox", userId, {}, [{ type: "NoticesRead", sv: 1, ids: ["n4"] }]);
  world.record("inbox", userId, {}, [{ ...taken, id: "n5" }]);
  await until(() => heard.includes("n5"));
  const before = heard.length;
  await until(() => heard.length > before + 2);
  expect(new Set(heard.slice(before))).toEqual(new Set(["n5"]));
  expect(world.notices.get(userId)).toEqual([]);
});

test("bad handshakes are refused: no token, foreign page, cookie without a page, wrong door", async () => {
  await using world = await liveWorld();
  const { headers } = await world.http.driver();
  const token = headers.authorization!.slice("Bearer ".length);
  const { cookie } = await world.http.console();
  expect(await world.connect("driver", {})).toBe("auth.required");
  expect(await world.connect("driver", { token: "x" })).toBe("auth.required");
  expect(await world.connect("driver", { token: 5 })).toBe("auth.required");
  expect(await world.connect("ops", { token })).toBe("auth.required");
  expect(await world.connect("driver", { token }, { origin: "https://evil.test" }))
    .toBe("no-connection");
  expect(await world.connect("ops", {}, { cookie: cookie!, origin: "https://evil.test" }))
    .toBe("no-connection");
  expect(await world.connect("ops", {}, { cookie: cookie! })).toBe("no-connection");
  expect(typeof await world.connect("driver", { token })).toBe("object");
});

test("nonsense is refused by shape, and too much of it ends the connection", async () => {
  await using world = await liveWorld({ messagesAtOnce: 1_000 });
  const { socket } = await world.driver();
  const raw = socket as unknown as { emitWithAck(...given: unknown[]): Promise<unknown> };
  for (
    const bad of [null, 5, [], { rooms: [] }, { rooms: [{ room: "x" }] }, { rooms: [], more: 1 }]
  ) expect(await raw.emitWithAck("watch", bad)).toMatchObject({ code: "request.malformed" });
  const gone = new Promise((done) => socket.on("disconnect", done));
  for (let i = 0; i < 60; i++) (socket as unknown as { emit(name: string): void }).emit("what");
  await gone;
});

test("a talkative socket is slowed down", async () => {
  await using world = await liveWorld({ messagesAtOnce: 3, messagesPerS: 0 });
  const { socket } = await world.driver();
  const answers: unknown[] = [];
  for (let i = 0; i < 4; i++) answers.push(await watch(socket, { room: "order:ord_none" }));
  expect(answers[3]).toMatchObject({ code: "request.rate-limited" });
});
