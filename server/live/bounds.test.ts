import { expect, test } from "vitest";
import type { JournalRecord } from "../../wire/envelope.ts";
import { Connection, type LiveSocket } from "./connection.ts";
import { History } from "./history.ts";
import { liveLimits, type Viewer } from "./ports.ts";

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
