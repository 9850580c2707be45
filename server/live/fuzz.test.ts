// Socket messages of any form: refused by their shape, answered, and the connection's state stays sound.
import fc from "fast-check";
import { expect, test } from "vitest";
import { printed, revalued } from "../../test/kit/fuzz.ts";
import { quiet, uncounted } from "../../test/kit/http-world.ts";
import { FakeClient } from "../../test/kit/fake-client.ts";
import { realClock } from "../observe.ts";
import { createBoard } from "../views/mod.ts";
import { Connection, type LiveSocket } from "./connection.ts";
import { handle } from "./handlers.ts";
import { Hub } from "./hub.ts";
import { type LiveDeps, liveLimits, type Viewer } from "./ports.ts";
import { createWatching } from "./watching.ts";

const RUNS = 10_000;
const viewOf = (_kind: string, state: unknown) => state;
const viewer: Viewer = {
  kind: "driver",
  tenant: "main",
  userId: "usr_0001",
  sid: "s",
  expiresAt: Number.MAX_SAFE_INTEGER,
};
const good: [string, unknown][] = [
  ["watch", { rooms: [{ room: "order:ord_0001", v: 3 }, { room: "user:me" }, { room: "alerts" }] }],
  ["unwatch", { rooms: ["order:ord_0001"] }],
  ["auth", { token: "a".repeat(40) }],
  ["notice-ack", { id: "n1" }],
];

/** A socket that only remembers its handlers. */
function fakeSocket() {
  const handlers = new Map<string, (...given: unknown[]) => void>();
  const socket = {
    on: (name: string, handler: (...given: unknown[]) => void) => void handlers.set(name, handler),
    onAny: () => {},
    emit: () => true,
    disconnect: () => {},
    volatile: { emit: () => true },
    conn: {},
  };
  return { handlers, socket: socket as unknown as LiveSocket };
}

test("spoilt messages are answered once, by a code or an answer", async () => {
  const deps: LiveDeps = {
    client: new FakeClient(),
    bus: { publish() {}, request: () => Promise.resolve(null), subscribe: () => ({ stop() {} }) },
    board: createBoard({ clock: realClock, viewOf }),
    clock: realClock,
    log: quiet,
    metrics: uncounted,
    identity: {
      driverOf: () => Promise.resolve({ refusal: { code: "auth.required" } }),
      opsOf: () => Promise.resolve({ refusal: { code: "auth.required" } }),
      again: () => Promise.resolve(viewer),
    },
    notices: { pending: () => Promise.resolve([]), ack: () => Promise.resolve() },
    viewOf,
    publicUrl: "http://charge.test",
  };
  const limits = { ...liveLimits, messagesAtOnce: Number.MAX_SAFE_INTEGER };
  const hub = new Hub(deps, limits);
  const { handlers, socket } = fakeSocket();
  const connection = new Connection(socket, viewer, limits, () => 0);
  handle(deps, hub, createWatching(deps, hub, limits), connection);
  const messages = fc.constantFrom(...good).chain(([name, body]) =>
    fc.oneof(revalued([body]), fc.anything()).map((message) => ({ name, message }))
  );
  await fc.assert(
    fc.asyncProperty(messages, fc.boolean(), async ({ name, message }, withAck) => {
      if (!withAck) return handlers.get(name)!(message);
      const answer = await new Promise<Record<string, unknown>>((ack) =>
        handlers.get(name)!(message, ack)
      );
      const isRefusal = typeof answer.code === "string" && typeof answer.facts === "object";
      expect(isRefusal || answer.ok === true || Array.isArray(answer.rooms)).toBe(true);
      expect(connection.rooms.size).toBeLessThanOrEqual(limits.rooms);
    }),
    printed(RUNS),
  );
}, 60_000);

test("lossy messages of any form never break the hub", () => {
  const { socket } = fakeSocket();
  const deps = { viewOf, board: createBoard({ clock: realClock, viewOf }), clock: realClock };
  const hub = new Hub({ ...deps, metrics: uncounted } as unknown as LiveDeps, liveLimits);
  hub.connections.add(new Connection(socket, viewer, liveLimits, () => 0));
  const tick = {
    n: 1,
    t: "2026-03-02T04:00:00Z",
    linkEpoch: 1,
    energyWh: 1,
    powerW: 1,
    socPct: null,
    costFen: 0,
    elapsedMs: 0,
  };
  const notice = { id: "n", code: "c", facts: {} };
  const subject = fc.constantFrom("order.ord_1", "pile.P1", "notice.usr_0001", "x.y", "revoked.q");
  fc.assert(
    fc.property(subject, fc.oneof(revalued([tick, notice]), fc.anything()), (to, data) => {
      hub.onLive(`live.main.${to}`, data);
    }),
    printed(RUNS),
  );
});
