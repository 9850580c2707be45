import { expect, test } from "vitest";
import type { Reading } from "../ports.ts";
import { noMetrics } from "../runtime/mod.ts";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { TelemetryOverloaded, teleWriter } from "./tele-writer.ts";

const reading = (n: number, tenant = "main"): Reading => ({
  tenant,
  pileId: `P-${n}`,
  connector: 1,
  t: n,
  at: n,
  linkEpoch: 1,
});

function world(batchMax = 1_000) {
  const clock = virtualClock();
  const stored: { subject: string; readings: Reading[]; done(): void; fail(): void }[] = [];
  const writer = teleWriter({
    gatewayId: "gw",
    clock,
    metrics: noMetrics,
    batchMax,
    store: (subject, bytes) =>
      new Promise((done, fail) => {
        const readings = JSON.parse(new TextDecoder().decode(bytes)) as Reading[];
        stored.push({ subject, readings, done, fail: () => fail(new TelemetryOverloaded("disk")) });
      }),
  });
  return { clock, stored, writer };
}

test("readings that come together are stored together, and answered when they are", async () => {
  const { clock, stored, writer } = world();
  let answered = 0;
  for (let n = 0; n < 30; n++) void writer.append([reading(n)]).then(() => answered++);
  await clock.advance(4);
  expect(stored).toHaveLength(0);
  await clock.advance(2);
  expect(stored).toHaveLength(1);
  expect(stored[0]).toMatchObject({ subject: "tele.main.gw" });
  expect(stored[0]!.readings).toHaveLength(30);
  expect(answered).toBe(0);
  stored[0]!.done();
  await clock.advance(1);
  expect(answered).toBe(30);
});

test("many that came while the batch before was stored go when it is, few wait for the clock", async () => {
  const { clock, stored, writer } = world();
  const put = (from: number, count: number) => {
    for (let n = from; n < from + count; n++) void writer.append([reading(n)]);
  };
  put(0, 1);
  await clock.advance(6);
  put(100, 32);
  stored[0]!.done();
  await clock.advance(0);
  expect(stored.map(({ readings }) => readings.length)).toEqual([1, 32]);
  put(200, 31);
  stored[1]!.done();
  await clock.advance(0);
  expect(stored).toHaveLength(2);
  await clock.advance(6);
  expect(stored.map(({ readings }) => readings.length)).toEqual([1, 32, 31]);
});

test("many do not wait for more while nothing else is being stored", async () => {
  const { clock, stored, writer } = world();
  for (let n = 0; n < 300; n++) void writer.append([reading(n)]);
  await clock.advance(1);
  expect(stored.map(({ readings }) => readings.length)).toEqual([300]);
});

test("a full batch does not wait, tenants do not share one", async () => {
  const { clock, stored, writer } = world(3);
  const all = [reading(1), reading(2), reading(3), reading(4), reading(5, "other")];
  const answered = writer.append(all);
  await clock.advance(0);
  expect(stored.map(({ readings }) => readings.length)).toEqual([3]);
  await clock.advance(6);
  expect(stored.map(({ subject, readings }) => [subject, readings.length])).toEqual([
    ["tele.main.gw", 3],
    ["tele.main.gw", 1],
    ["tele.other.gw", 1],
  ]);
  for (const one of stored) one.done();
  await answered;
});

test("what could not be stored is not answered as stored", async () => {
  const { clock, stored, writer } = world();
  const first = writer.append([reading(1)]);
  const outcome = first.then(() => "stored", () => "failed");
  await clock.advance(6);
  stored[0]!.fail();
  expect(await outcome).toBe("failed");
  const second = writer.append([reading(2)]);
  await clock.advance(6);
  stored[1]!.done();
  await second;
});

test("more than memory should hold is turned away", async () => {
  const { writer } = world();
  const many = Array.from({ length: 50_001 }, (_, n) => reading(n));
  await expect(writer.append(many)).rejects.toThrow(TelemetryOverloaded);
});
