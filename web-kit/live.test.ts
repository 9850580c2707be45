// The live connection over a scripted socket: first watch, gaps, drops, drain, refusals, notices.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Notice } from "../wire/live.ts";
import { FakeSocket } from "./fake-socket.ts";
import { connectLive, type Live } from "./live.ts";

const room = "order:ord_0001";
const at = "2026-01-01T00:00:00Z";
const fact = (v: number) => ({
  room,
  v,
  at,
  type: "X",
  sv: 1,
  data: { events: [], view: `view ${v}` },
});
const snapshot = (v: number) => ({ rooms: [{ room, v, snapshot: `view ${v}` }], refused: [] });
const settle = () => vi.advanceTimersByTimeAsync(0);

let socket: FakeSocket;
let live: Live;
let notices: Notice[];
let seen: unknown[];
let refused: string[];
const ear = {
  changed: ({ view }: { view: unknown }) => seen.push(view),
  refused: (code: string) => refused.push(code),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [notices, seen, refused] = [[], [], []];
  socket = new FakeSocket();
  const token = () => Promise.resolve("t");
  live = connectLive({ namespace: "/driver", token, socket, notice: (n) => notices.push(n) });
});
afterEach(() => {
  live.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a room watched before the link is up is asked for once it is, without a v", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  live.watch(room, ear);
  expect(socket.of("watch")).toEqual([]);
  socket.come();
  await settle();
  expect(socket.of("watch")).toEqual([{ rooms: [{ room }] }]);
  expect(seen).toEqual(["view 4"]);
  expect(live.state.value).toBe("live");
});

test("facts in order are shown; a gap asks again with the v known here, once", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  live.watch(room, ear);
  socket.come();
  await settle();
  socket.say("fact", fact(5));
  socket.say("fact", fact(5));
  expect(seen).toEqual(["view 4", "view 5"]);
  socket.answer = () => Promise.resolve({ rooms: [{ room, v: 8, events: [6, 7, 8].map(fact) }] });
  socket.say("fact", fact(7));
  socket.say("fact", fact(8));
  await settle();
  expect(socket.of("watch").slice(1)).toEqual([{ rooms: [{ room, v: 5 }] }]);
  expect(seen.at(-1)).toBe("view 8");
});

test("a fact that comes while a room is being asked for is not lost", async () => {
  let give: (ack: unknown) => void = () => {};
  socket.answer = () => new Promise((done) => (give = done));
  live.watch(room, ear);
  socket.come();
  socket.say("fact", fact(6));
  socket.answer = () => Promise.resolve({ rooms: [{ room, v: 6, events: [fact(5), fact(6)] }] });
  give(snapshot(4));
  await vi.advanceTimersByTimeAsync(1000);
  expect(socket.of("watch")).toEqual([{ rooms: [{ room }] }, { rooms: [{ room, v: 4 }] }]);
  expect(seen.at(-1)).toBe("view 6");
});

test("after a drop every room is asked for again with its v", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  live.watch(room, ear);
  socket.come();
  await settle();
  socket.drop();
  expect(live.state.value).toBe("lost");
  socket.come();
  await settle();
  expect(socket.of("watch").at(-1)).toEqual({ rooms: [{ room, v: 4 }] });
});

test("a head beyond the copy asks again, an equal one does not", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  live.watch(room, ear);
  socket.come();
  await settle();
  socket.say("head", { [room]: 4 });
  await settle();
  expect(socket.of("watch")).toHaveLength(1);
  socket.say("head", { [room]: 5 });
  await settle();
  expect(socket.of("watch")).toHaveLength(2);
});

test("a watch without an answer is said again after a while", async () => {
  socket.answer = () => Promise.reject(new Error("timeout"));
  live.watch(room, ear);
  socket.come();
  await settle();
  socket.answer = () => Promise.resolve(snapshot(1));
  await vi.advanceTimersByTimeAsync(2000);
  expect(seen).toEqual(["view 1"]);
});

test("a refused or revoked room is told and kept no longer", async () => {
  socket.answer = () =>
    Promise.resolve({ rooms: [], refused: [{ room, code: "request.not-found" }] });
  live.watch(room, ear);
  socket.come();
  await settle();
  expect(refused).toEqual(["request.not-found"]);
  socket.answer = () => Promise.resolve(snapshot(1));
  live.watch(room, ear);
  await settle();
  socket.say("revoked", { room, code: "auth.forbidden" });
  socket.say("fact", fact(2));
  expect(refused).toEqual(["request.not-found", "auth.forbidden"]);
  expect(seen).toEqual(["view 1"]);
});

test("a session that ends keeps its rooms: they come back with the next link", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  live.watch(room, ear);
  socket.come();
  await settle();
  socket.say("revoked", { room, code: "auth.expired" });
  socket.drop("io server disconnect");
  await vi.advanceTimersByTimeAsync(3000);
  expect(socket.connects).toBe(1);
  socket.come();
  await settle();
  expect(refused).toEqual([]);
  expect(socket.of("watch").at(-1)).toEqual({ rooms: [{ room, v: 4 }] });
});

test("the last who leaves a room unwatches it, a second one gets what is known at once", async () => {
  socket.answer = () => Promise.resolve(snapshot(4));
  const leave = live.watch(room, ear);
  socket.come();
  await settle();
  const leaveToo = live.watch(room, { ...ear });
  expect(seen).toEqual(["view 4", "view 4"]);
  leave();
  expect(socket.of("unwatch")).toEqual([]);
  leaveToo();
  expect(socket.of("unwatch")).toEqual([{ rooms: [room] }]);
});

test("a drain leaves within its window and comes back", async () => {
  socket.come();
  socket.say("drain", { reconnectMs: 1000, jitterMs: 4000 });
  await vi.advanceTimersByTimeAsync(2900);
  expect(socket.connected).toBe(true);
  await vi.advanceTimersByTimeAsync(200);
  expect(socket.connected).toBe(false);
  expect(socket.connects).toBe(1);
});

test("thrown out by the server it comes back by itself; closed by us it does not", async () => {
  socket.come();
  socket.drop("io server disconnect");
  await vi.advanceTimersByTimeAsync(3000);
  expect(socket.connects).toBe(1);
  live.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(socket.connects).toBe(1);
});

test("a refused handshake is tried again later with a fresh token", async () => {
  socket.say("connect_error", Object.assign(new Error("auth.expired"), { data: {} }));
  expect(live.state.value).toBe("lost");
  await vi.advanceTimersByTimeAsync(5000);
  expect(socket.connects).toBe(1);
});

test("a notice is acknowledged and shown", () => {
  socket.come();
  socket.say("notice", { id: "n1", code: "charge.gun-pulled", facts: {} });
  expect(socket.of("notice-ack")).toEqual([{ id: "n1" }]);
  expect(notices.map(({ code }) => code)).toEqual(["charge.gun-pulled"]);
});

test("woken it tries at once; live already or closed it does nothing", () => {
  live.wake();
  expect(socket.connects).toBe(1);
  socket.come();
  live.wake();
  live.close();
  live.wake();
  expect(socket.connects).toBe(1);
});
