import { expect, test } from "vitest";
import type { JournalRecord } from "../../wire/envelope.ts";
import { Connection, type LiveSocket } from "./connection.ts";
import { quiet, uncounted } from "../../test/kit/http-world.ts";
import { realClock } from "../observe.ts";
import { createBoard } from "../views/mod.ts";
import { History } from "./history.ts";
import { Hub } from "./hub.ts";
import { type LiveDeps, liveLimits, type Viewer } from "./ports.ts";

const viewer: Viewer = { kind: "driver", tenant: "main", userId: "u", sid: "s", expiresAt: 0 };

test("a slow reader loses ticks first, and is cut off when it stays full or gets far behind", () => {
  let [now, buffered] = [0, 0];
  const conn = {
    transport: {
      socket: {
        get bufferedAmount() {
          return buffered;
        },
      },
    },
    writeBuffer: [{ data: "x".repeat(10) }, {}],
  };
  const socket = { conn } as unknown as LiveSocket;
  const connection = new Connection(socket, viewer, liveLimits, () => now);
  expect([connection.unsentBytes(), connection.isBehind()]).toEqual([10, false]);
  buffered = liveLimits.tickBytes;
  expect([connection.isBehind(), connection.isCrowded()]).toEqual([true, false]);
  buffered = liveLimits.bufferBytes;
  expect([connection.isCrowded(), connection.isHopeless()]).toEqual([true, false]);
  now += liveLimits.headMs - 1;
  expect(connection.isHopeless()).toBe(false);
  buffered = 0; // it has caught up: patience starts anew
  expect(connection.isHopeless()).toBe(false);
  buffered = liveLimits.bufferBytes;
  expect(connection.isHopeless()).toBe(false);
  now += liveLimits.headMs;
  expect(connection.isHopeless()).toBe(true);
  buffered = liveLimits.bufferBytesMax;
  now = 0;
  const fresh = new Connection(socket, viewer, liveLimits, () => now);
  expect(fresh.isHopeless()).toBe(true);
});

test("ticks of one moment all go to a socket that is still writing, none to one far behind", () => {
  let buffered = 1_000;
  const sent: unknown[] = [];
  const socket = {
    emit: (name: string, { room }: { room: string }) => sent.push([name, room]),
    volatile: { emit: () => false }, // socket.io's: left out while a write is under way
    conn: {
      transport: {
        writable: false,
        socket: {
          get bufferedAmount() {
            return buffered;
          },
        },
      },
    },
  } as unknown as LiveSocket;
  const viewOf = (_kind: string, state: unknown) => state;
  const board = createBoard({ clock: realClock, viewOf });
  const deps = { viewOf, board, clock: realClock, log: quiet, metrics: uncounted };
  const hub = new Hub(deps as unknown as LiveDeps, liveLimits);
  const connection = new Connection(socket, viewer, liveLimits, () => 0);
  const numbers = { linkEpoch: 1, energyWh: 1, powerW: 1, socPct: null, costFen: 1, elapsedMs: 1 };
  for (const id of ["ord_1", "ord_2", "ord_3"]) {
    const target = { room: `order:${id}`, kind: "actor", actor: { kind: "order", id } } as const;
    hub.join(connection, { target, waiting: null, v: 0, tickedAt: 0 });
    if (id === "ord_3") buffered = liveLimits.tickBytes + 1;
    hub.onLive(`live.main.order.${id}`, { n: 1, t: "2026-03-02T04:00:00Z", ...numbers });
  }
  expect(sent).toEqual([["tick", "order:ord_1"], ["tick", "order:ord_2"]]);
});

test("the history is bounded per actor and in all; the one that spoke last stays", () => {
  const history = new History((_kind, state) => state, { history: 3, historyAll: 6 });
  const at = (id: string) => ({ tenant: "main", kind: "order", id });
  const say = (id: string, v: number) =>
    history.take(at(id), { v, at: 0, sv: 1, events: [], state: {} } as unknown as JournalRecord);
  for (let v = 1; v <= 5; v++) say("a", v);
  expect(history.since(at("a"), 2, 5)!.map(({ v }) => v)).toEqual([3, 4, 5]);
  expect(history.since(at("a"), 1, 5)).toBeNull();
  for (const id of ["b", "c"]) for (let v = 1; v <= 3; v++) say(id, v);
  expect([history.head(at("a")), history.head(at("b")), history.head(at("c"))]).toEqual([
    null,
    3,
    3,
  ]);
  expect(say("c", 3)).toBeNull(); // told before
  say("c", 9); // a gap: what lies before it is worth nothing
  expect(history.since(at("c"), 2, 9)).toBeNull();
  expect(history.since(at("c"), 8, 9)!.map(({ v }) => v)).toEqual([9]);
  expect(say("x", 1)).not.toBeNull();
  expect(history.take({ ...at("x"), kind: "wallet" }, {} as JournalRecord)).toBeNull();
});
