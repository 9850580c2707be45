import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { energyTable, meanOf } from "../driver/tables.ts";
import { seeded } from "../random.ts";
import { CityBook } from "./book.ts";
import { drawVisit, meanGapMs } from "./habits.ts";

const SEED = 7;
const AT = { pileId: "P-1", connector: 1 };
const VISITS = 5_000;
const meanKwh = (running: boolean) => {
  const random = seeded(SEED);
  const visits = Array.from({ length: VISITS }, () => drawVisit(AT, random, running));
  return visits.reduce((sum, { wantWh }) => sum + wantWh / 1_000, 0) / VISITS;
};

test(`cars that come want what the table says, seed ${SEED}`, () => {
  expect(Math.abs(meanKwh(false) / meanOf(energyTable("public")) - 1)).toBeLessThan(0.06);
});

test(`cars met in the middle of a charge have more left than a new one wants, seed ${SEED}`, () => {
  expect(meanKwh(true)).toBeGreaterThan(meanKwh(false));
});

test("at noon cars come sixty times as often as one a pile and day, at night less often", () => {
  const noon = Date.UTC(2026, 10, 23, 5); // 13:00 in Shanghai, a Monday
  const night = Date.UTC(2026, 10, 22, 19); // 03:00
  expect(meanGapMs(24, noon, "Asia/Shanghai")).toBeLessThan(60_000);
  expect(meanGapMs(24, night, "Asia/Shanghai")).toBe(240_000);
});

test(`a city goes on from what it wrote down about its visits, seed ${SEED}`, () => {
  const random = seeded(SEED);
  const path = join(mkdtempSync(join(tmpdir(), "city-")), "city.json");
  const book = new CityBook(path);
  for (let n = 0; n < 200; n++) {
    book.memory.visits[`1380000${n}`] = drawVisit(AT, random, n % 2 === 0);
  }
  book.save();
  expect(new CityBook(path).memory).toEqual(book.memory);
});
