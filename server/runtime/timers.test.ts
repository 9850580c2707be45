import { expect, test } from "vitest";
import { virtualClock } from "../../test/race/virtual-clock.ts";
import { coarseClock } from "../routing/mod.ts";
import { wheelOf } from "./timers.ts";

const DAY = 86_400_000;

function world() {
  const clock = virtualClock();
  const fired: string[] = [];
  const wheel = wheelOf(clock, ({ name, recordId }) => fired.push(`${name} ${recordId}`));
  const at = (ms: number, recordId = "r1") => ({ at: clock.now() + ms, recordId });
  return { clock, fired, wheel, at };
}

test("timers fire in their order, each once", async () => {
  const { clock, fired, wheel, at } = world();
  wheel.follow({ b: at(200), a: at(100) });
  await clock.advance(99);
  expect(fired).toEqual([]);
  await clock.advance(1_000);
  expect(fired).toEqual(["a r1", "b r1"]);
});

test("a timer set again fires at its new time only, a cancelled one never", async () => {
  const { clock, fired, wheel, at } = world();
  wheel.follow({ a: at(100), b: at(100) });
  wheel.follow({ a: at(300, "r2") });
  await clock.advance(250);
  expect(fired).toEqual([]);
  await clock.advance(100);
  expect(fired).toEqual(["a r2"]);
});

test("a timer of another month fires in its time", async () => {
  const { clock, fired, wheel, at } = world();
  wheel.follow({ far: at(40 * DAY) });
  await clock.advance(40 * DAY - 1);
  expect(fired).toEqual([]);
  await clock.advance(1);
  expect(fired).toEqual(["far r1"]);
});

test("a check fires again what fired without a record", async () => {
  const { clock, fired, wheel, at } = world();
  wheel.follow({ a: at(10) });
  await clock.advance(20);
  wheel.check();
  expect(fired).toEqual(["a r1", "a r1"]);
});

test("a coarse clock is never early and at most a grain late", async () => {
  const clock = virtualClock();
  const coarse = coarseClock(clock, 20);
  const late: number[] = [];
  for (const ms of [0, 1, 19, 20, 21, 333]) {
    const due = clock.tick() + ms;
    coarse.after(ms, () => late.push(clock.tick() - due));
  }
  coarse.after(50, () => late.push(-1)).cancel();
  await clock.advance(1_000);
  expect(late).toHaveLength(6);
  for (const by of late) expect(by >= 0 && by <= 20).toBe(true);
});
