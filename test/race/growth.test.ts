// Thirty days of a pile in use, on virtual time: what lies in the journal, and the newest record of every
// actor that stays for ever, is no more at the end than after the second week.
import { expect, test } from "vitest";
import { type Look, STAYING, Year } from "./year.ts";

const CHARGES_A_DAY = 8;
const DAYS = 30;
/** Orders stay for seven days after their end; books and marks reach their measure by then. */
const SETTLED_DAYS = 14;
/** A busy week beside a quiet one. */
const WAVES = 1.25;

async function month(trims: boolean): Promise<{ settled: Look; end: Look }> {
  const year = await Year.open({ seed: 7, chargesADay: CHARGES_A_DAY, trims });
  await year.run(SETTLED_DAYS);
  const settled = year.look();
  await year.run(DAYS - SETTLED_DAYS);
  expect(year.met.get("charges")).toBeGreaterThan(CHARGES_A_DAY * (DAYS - 2));
  return { settled, end: year.look() };
}

test("a month of charges leaves no more in the journal than two weeks did", async () => {
  const { settled, end } = await month(true);
  expect(end.written).toBeGreaterThan(settled.written * 1.8);
  expect(end.gone).toBeGreaterThan(settled.gone * 2);
  expect(end.inJournal).toBeLessThan(settled.inJournal * WAVES);
  expect(end.inJournalBytes).toBeLessThan(settled.inJournalBytes * WAVES);
  for (const kind of STAYING) {
    expect(end.staying[kind].bytes, kind).toBeLessThan(settled.staying[kind].bytes * WAVES);
    expect(end.staying[kind].records, kind).toBeLessThanOrEqual(16);
  }
});

test("without the trimmer everything stays", async () => {
  const { settled, end } = await month(false);
  expect(end.gone).toBe(0);
  expect(end.inJournal).toBe(end.written);
  expect(end.inJournalBytes).toBeGreaterThan(settled.inJournalBytes * WAVES);
});
