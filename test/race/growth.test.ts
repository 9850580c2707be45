// Eight weeks of a busy pile on virtual time: what lies in the journal, and the newest record of every
// actor that stays for ever, is no more in the last week than in the fourth one.
import { expect, test } from "vitest";
import { type Look, STAYING, Year } from "./year.ts";

const SEED = 7;
const CHARGES_A_DAY = 12;
/** A busier day, a name that is longer: what grows with the charges is far above it by the last week. */
const WAVES = 1.15;
const WEEK = 7;
const DAY_MS = 86_400_000;

/** What there was at the end of each of so many days. */
async function watch(year: Year, days: number): Promise<Look[]> {
  const looks: Look[] = [];
  for (let day = 0; day < days; day++) {
    await year.run(1);
    looks.push(year.look());
  }
  return looks;
}

const most = (looks: Look[], of: (look: Look) => number) => Math.max(...looks.map(of));

test("two months of charges leave no more behind than one did", async () => {
  // a new tariff every day, so that a station's past ones fill their list as well
  const plan = { seed: SEED, chargesADay: CHARGES_A_DAY, trims: true, tariffEveryMs: DAY_MS };
  const year = await Year.open(plan);
  // orders stay for a week after their end, and the list of a person's last ones fills up in three
  await year.run(3 * WEEK);
  const fourth = await watch(year, WEEK);
  await year.run(3 * WEEK);
  const last = await watch(year, WEEK);
  expect(year.met.get("charges")).toBeGreaterThan(CHARGES_A_DAY * 54);
  expect(year.met.get("tariffs")).toBeGreaterThan(50);
  expect(last.at(-1)!.written).toBeGreaterThan(fourth.at(-1)!.written * 1.8);
  expect(last.at(-1)!.gone).toBeGreaterThan(fourth.at(-1)!.gone * 2);
  const grown = (of: (look: Look) => number) => most(last, of) / most(fourth, of);
  expect(grown((look) => look.inJournal), "records in the journal").toBeLessThan(WAVES);
  expect(grown((look) => look.inJournalBytes), "bytes in the journal").toBeLessThan(WAVES);
  expect(most(last, (look) => look.residents)).toBeLessThan(CHARGES_A_DAY);
  for (const kind of STAYING) {
    expect(grown((look) => look.staying[kind].bytes), `newest of ${kind}`).toBeLessThan(WAVES);
    expect(most(last, (look) => look.staying[kind].records), kind).toBeLessThanOrEqual(16);
  }
});

test("without the trimmer everything stays", async () => {
  const year = await Year.open({ seed: SEED, chargesADay: CHARGES_A_DAY, trims: false });
  await year.run(10);
  const { gone, inJournal, written } = year.look();
  expect({ gone, inJournal }).toEqual({ gone: 0, inJournal: written });
});
