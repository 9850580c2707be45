// A year of one busy pile on virtual time: what the journal still holds month by month, and whether the
// newest record of any actor that stays for ever grows.
import { type Look, PARTS, STAYING, Year } from "../test/race/year.ts";
import type { Figure, Run } from "./figure.ts";
import type { RuntimeOptions } from "./runtime.ts";

const DAYS = 365;
const CHARGES_A_DAY = 20;
const MONTHS = 12;
const SEED = 1;

export async function year({ days = DAYS }: RuntimeOptions): Promise<Run> {
  const begun = performance.now();
  const world = await Year.open({ seed: SEED, chargesADay: CHARGES_A_DAY, trims: true });
  const figures: Figure[] = [];
  for (let month = 1; month <= MONTHS; month++) {
    await world.run(days / MONTHS);
    figures.push(...figuresOf(`month ${String(month).padStart(2)}`, world.look()));
  }
  const seconds = Math.round((performance.now() - begun) / 1_000);
  const met = [...world.met].map(([name, count]) => `${name} ${count}`).join(", ");
  return {
    figures,
    notes: [
      `year: ${days} virtual days in ${seconds} s, seed ${SEED}, memory journal, the real trimmer; ` +
      `newest: bytes of the newest record (state + done + in + out + timers)`,
      `year: ${met}`,
    ],
  };
}

function figuresOf(when: string, look: Look): Figure[] {
  const figure = (measure: string, value: number, unit: string): Figure => ({
    area: "runtime",
    measure: `year, ${when}: ${measure}`,
    value,
    unit,
  });
  const kept = STAYING.map((kind) => {
    const { bytes, parts, records } = look.staying[kind];
    const list = PARTS.map((part) => parts[part]).join(" + ");
    return [
      figure(`${kind}, newest (${list})`, bytes, "B"),
      figure(`${kind}, in the journal`, records, "records"),
    ];
  });
  return [
    figure("ever written", look.written, "records"),
    figure("ever written", look.writtenBytes, "B"),
    figure("in the journal", look.inJournal, "records"),
    figure("in the journal", look.inJournalBytes, "B"),
    figure("actors ended and gone from the journal", look.gone, "actors"),
    figure("actors in the journal", look.actors, "actors"),
    figure("actors in memory", look.residents, "actors"),
    ...kept.flat(),
  ];
}
