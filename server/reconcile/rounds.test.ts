// Which days are due when: nothing before the file is made, then the day before each hour and older ones
// once a day, so that no day is left out because a provider or the platform was away.
import { expect, test } from "vitest";
import { DAYS_BACK, roundOf } from "./rounds.ts";

const at = (time: string) => Date.parse(`${time}+08:00`);

test("before ten there is no file; from then on the day before is due, and those before it", () => {
  expect(roundOf(at("2026-03-03T09:59:59"), 300_000).days).toEqual([]);
  const { days, nowTurn } = roundOf(at("2026-03-03T10:00:00"), 300_000);
  expect(days.length).toBe(DAYS_BACK);
  expect(days.slice(0, 2)).toEqual([
    { day: "2026-03-02", turn: "10", isLate: false },
    { day: "2026-03-01", turn: "2026-03-03", isLate: true },
  ]);
  expect(roundOf(at("2026-03-03T10:04:59"), 300_000).nowTurn).toBe(nowTurn);
  expect(roundOf(at("2026-03-03T10:05:00"), 300_000).nowTurn).not.toBe(nowTurn);
});

test("the day before is read anew each hour, an older one once on each day", () => {
  const turns = (time: string) => roundOf(at(time), 300_000).days.map(({ turn }) => turn);
  const [ten, eleven] = [turns("2026-03-03T10:30:00"), turns("2026-03-03T11:30:00")];
  expect(eleven[0]).not.toBe(ten[0]);
  expect(eleven.slice(1)).toEqual(ten.slice(1));
  expect(turns("2026-03-04T10:30:00")[1]).not.toBe(ten[1]);
});

test("a drill's drivers have their day behind them at once, and are asked about as soon as they say", () => {
  const { days, nowTurn } = roundOf(at("2026-03-03T02:00:00"), 1_500, "usr_drill001");
  expect(days).toEqual([{ day: "2026-03-03", turn: nowTurn, isLate: false }]);
});
