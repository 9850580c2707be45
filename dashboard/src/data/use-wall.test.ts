// The wall's rows: a full picture, then what changed; a gap asks again, nothing is counted twice.
import { flushPromises } from "@vue/test-utils";
import { connectLive } from "@chargeward/web-kit/mod.ts";
import { FakeSocket } from "@chargeward/web-kit/fake-socket.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { computed, createApp, type EffectScope, effectScope } from "vue";
import type { Wall, WallRow } from "../../../wire/http-ops.ts";
import { type Platform, platformKey } from "../platform.ts";
import { useWall } from "./use-wall.ts";

const room = "wall:all";
const row = (n: number, status: WallRow[1] = "free", powerW = 0): WallRow => [
  `CW-${n}`,
  status,
  powerW,
  0,
];
const wall: Wall = {
  asOf: "2026-01-01T00:00:00Z",
  lagMs: 0,
  rows: [row(1), row(2)],
  stations: [{ id: "stn_0001", name: { zh: "站", en: "Station" }, piles: ["CW-1", "CW-2"] }],
};
let socket: FakeSocket;
let scope: EffectScope;
let asked: number;

function open() {
  socket = new FakeSocket();
  const token = () => Promise.resolve("t");
  const link = connectLive({ namespace: "/ops", token, socket });
  const platform = {
    calls: {
      wall: () => {
        asked++;
        return Promise.resolve({ ok: true, body: wall, status: 200, replay: false });
      },
    },
    live: () => link,
    linkState: computed(() => link.state.value),
  } as unknown as Platform;
  const app = createApp({});
  app.provide(platformKey, platform);
  scope = effectScope();
  return app.runWithContext(() => scope.run(() => useWall())!);
}
const shown = ({ piles }: ReturnType<typeof useWall>) =>
  [...piles.value.values()].map(({ id, status, powerW }) => [id, status, powerW]);

beforeEach(() => {
  asked = 0;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

test("without a live link the list comes by HTTP, and again every few seconds", async () => {
  const data = open();
  await flushPromises();
  expect(shown(data)).toEqual([["CW-1", "free", 0], ["CW-2", "free", 0]]);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(asked).toBe(3);
});

test("changes are set one by one, what is gone goes, a gap asks for a new picture", async () => {
  const data = open();
  socket.answer = () =>
    Promise.resolve({ rooms: [{ room, v: 7, snapshot: { rows: wall.rows } }], refused: [] });
  socket.come();
  await flushPromises();
  socket.say("wall", { room, seq: 8, set: [row(1, "charging", 52_000)] });
  socket.say("wall", { room, seq: 8, set: [row(1, "free")] });
  expect(shown(data)[0]).toEqual(["CW-1", "charging", 52_000]);
  socket.say("wall", { room, seq: 9, gone: ["CW-2"] });
  expect(shown(data)).toHaveLength(1);
  socket.say("wall", { room, seq: 12, set: [row(1, "faulted")] });
  await flushPromises();
  expect(socket.of("watch")).toEqual([{ rooms: [{ room }] }, { rooms: [{ room, v: 9 }] }]);
  expect(shown(data)).toEqual([["CW-1", "free", 0], ["CW-2", "free", 0]]);
});

test("silence grows while nothing is heard and ends with the next word", async () => {
  const data = open();
  socket.answer = () =>
    Promise.resolve({ rooms: [{ room, v: 1, snapshot: { rows: [] } }], refused: [] });
  socket.come();
  await flushPromises();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(data.silentMs.value).toBeGreaterThanOrEqual(19_000);
  socket.say("wall", { room, seq: 2, set: [row(1)] });
  await vi.advanceTimersByTimeAsync(1000);
  expect(data.silentMs.value).toBeLessThanOrEqual(1000);
});
