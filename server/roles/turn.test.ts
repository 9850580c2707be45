// One process at a time: it keeps its turn while it lives, another takes it soon after its silence.
import { expect, test } from "vitest";
import { memoryDirectory } from "../store/memory-directory.ts";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import type { Config } from "../config.ts";
import { turnOf } from "./turn.ts";

function rig() {
  const clock = virtualClock();
  const directory = memoryDirectory(clock);
  const silent = { ...directory, bucket: () => Promise.reject(new TypeError("NATS is away")) };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const away = new Set<string>();
  const of = (node: string) =>
    turnOf({
      clock,
      log,
      directory: {
        bucket: (name, options) =>
          away.has(node) ? silent.bucket() : directory.bucket(name, options),
      },
      config: { CHARGEWARD_NODE: node } as Config,
    }, "work");
  return { clock, of, away };
}

test("whoever asked first has it for as long as it lives", async () => {
  const { clock, of } = rig();
  const [a, b] = [of("a"), of("b")];
  expect(await a.mine()).toBe(true);
  for (let minute = 0; minute < 10; minute++) {
    expect([await a.mine(), await b.mine()]).toEqual([true, false]);
    await clock.advance(60_000);
  }
});

test("let go, it is another's at once", async () => {
  const { of } = rig();
  const [a, b] = [of("a"), of("b")];
  await a.mine();
  await a.stop();
  expect(await b.mine()).toBe(true);
  expect(await a.mine()).toBe(false);
});

test("one that cannot renew it does not believe to have it when another may", async () => {
  const { clock, of, away } = rig();
  const [a, b] = [of("a"), of("b")];
  await a.mine();
  away.add("a");
  await clock.advance(30_000);
  expect(await a.mine()).toBe(true); // nobody else can have it yet
  await clock.advance(45_000);
  await expect(a.mine()).rejects.toThrow("NATS is away");
  expect(await b.mine()).toBe(true);
  away.delete("a");
  expect(await a.mine()).toBe(false);
});
