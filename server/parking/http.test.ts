// The parking port against the small parking system over a real socket: told once, asked, signed, and
// quickly given up where it is not there.
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ParkingSystem, serveParking } from "../../sim/parking/mod.ts";
import { quiet, uncounted } from "../../test/kit/http-world.ts";
import type { ParkingEvent } from "../../wire/parking.ts";
import { parkingPort } from "./mod.ts";

const KEY = "parking-key-of-a-test";
const clock = { now: () => Date.now() };
const system = new ParkingSystem(KEY, clock.now);
const server = createServer((request, response) => void serveParking(system, request, response));
let url = "";
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}/parking/`;
});
afterAll(async () => {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections(); // a client's idle one would keep it open
  await closed;
});

const deps = (key = KEY, to = url) => ({ url: to, key, clock, log: quiet, metrics: uncounted });
const call = (body: Record<string, unknown>, from: ReturnType<typeof deps> | null = deps()) =>
  parkingPort(from)({ body } as Parameters<ReturnType<typeof parkingPort>>[0]);
const event: ParkingEvent = {
  id: "ord_0001/fee-started",
  pileId: "P100",
  connector: 1,
  orderId: "ord_0001",
  at: "2026-03-02T02:00:00.000Z",
  event: { kind: "fee-started", from: "2026-03-02T02:00:00.000Z" },
};
const away = { ok: false, refusal: { code: "parking.away" } };

test("told twice, known once; asked, it says what its sensor sees", async () => {
  expect(await call({ op: "tell", event })).toEqual({ ok: true, body: {} });
  await call({ op: "tell", event });
  expect(system.look("P100/1").events).toEqual([event]);
  const ask = { op: "ask", pileId: "P100", connector: 1 };
  expect(await call(ask)).toEqual({ ok: true, body: { state: "unknown" } });
  system.put("P100/1", "taken");
  expect(await call(ask)).toEqual({ ok: true, body: { state: "taken" } });
});

test("a wrong key is believed nowhere, nothing is there, or nobody is connected: away", async () => {
  const before = system.refused;
  expect(await call({ op: "tell", event }, deps("another-key-of-a-test"))).toMatchObject(away);
  expect(system.refused).toBeGreaterThan(before);
  expect(await call({ op: "tell", event }, deps(KEY, "http://127.0.0.1:1/"))).toMatchObject(away);
  expect(await call({ op: "tell", event }, null)).toMatchObject(away);
  expect(await call({ op: "sing" })).toMatchObject(away);
});
