// 1.5 未按时抵达预约桩: a driver reserves and does not come; once, and three times. A minute of a window is
// 0.2 s here.
import { defineDrill, part } from "../frame/drill.ts";
import { noticed, others, promise, type Promised, seen, untilIs } from "../frame/promise.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

const NO_SHOW_FEN = 1_500;
const incident = { cause: "no-show", outcome: "handled" } as const;

const once = part<"1.5", Promised>({
  ...seen,
  words: { zh: "预约后没有到场", en: "Reserved, and nobody comes" },
  setup: (stage) => promise(stage),
  async fault({ driver, id }) {
    const { until: end } = await driver.driver.reservation(id);
    await until("the window is over", () => Date.now() > Date.parse(end));
    return `nobody came until ${end}`;
  },
  clauses: {
    "noshow.cancelled": async (cast, stage) => {
      await untilIs(cast, "no-show");
      await until("the lock is free", async () => await others(stage, cast) === "free");
      return "爽约, the pile is free for others";
    },
    "noshow.fee": async (cast, stage) => {
      await untilIs(cast, "no-show");
      const back = async () => (await cast.driver.driver.wallet()).balanceFen;
      await until("the rest is back", async () => await back() > 48_000);
      const feeFen = 0 - await stage.account(cast.driver, "revenue:reservation");
      must(feeFen === NO_SHOW_FEN, `${feeFen} fen were taken, not ${NO_SHOW_FEN}`);
      must(await back() === 50_000 - NO_SHOW_FEN, `${await back()} fen are left`);
      return `${feeFen} of 2000 fen taken, the rest is back`;
    },
    "noshow.notice": async (cast) => {
      const { code, facts } = await noticed(cast, "reservation.no-show");
      const feeFen = Number(facts.feeFen);
      must(Number.isInteger(feeFen), "the notice says nothing of the fee");
      return `${code}, fee ${feeFen} fen`;
    },
    "noshow.counted": async ({ driver }, stage) => {
      const closed = await until("the user's record", async () => {
        const records = await stage.console.records("user", driver.id);
        return records.find(({ type }) => type === "ReservationClosed");
      });
      must(closed.event.outcome === "no-show", `closed as ${String(closed.event.outcome)}`);
      return "counted on the user";
    },
  },
  incident,
});

/** Reserves and stays away until it has been missed. */
async function miss(stage: Stage, cast: Promised): Promise<void> {
  const { driver, pile } = cast;
  cast.id = (await driver.driver.reserve({ pileId: pile.id, minutes: 15 })).id;
  await untilIs(cast, "no-show");
  await until("the lock is free", async () => await others(stage, cast) === "free");
}

const thrice = part<"1.5", Promised>({
  ...seen,
  words: { zh: "30 天内三次爽约", en: "Three times within 30 days" },
  setup: async (stage) => ({ pile: await stage.pile(), driver: await stage.person(), id: "" }),
  async fault(cast, stage) {
    for (let i = 0; i < 3; i++) await miss(stage, cast);
    const { items } = await cast.driver.driver.api.get<{ items: { status: string }[] }>(
      "/v1/reservations",
    );
    return `${items.length} reservations missed`;
  },
  clauses: {
    "noshow.suspends": async ({ driver, pile }) => {
      const refused = await driver.refused(driver.driver.reserve({ pileId: pile.id }));
      must(refused.code === "reservation.suspended", `refused as ${refused.code}`);
      const days = (Number(refused.facts.until) - Date.now()) / 86_400_000;
      must(Math.round(days) === 7, `suspended for ${days} days`);
      return `${refused.code} for 7 days`;
    },
    "noshow.suspension-shown": async ({ driver, pile }) => {
      const told = await until(
        "notice of the suspension",
        () => driver.notices.find(({ code }) => code === "reservation.suspended"),
      );
      const { suspended } = await driver.driver.rules(pile.id);
      must(suspended?.noShows === 3, "the page of the pile does not show it");
      return `${told.code} until ${suspended.until}, shown before the tap`;
    },
  },
  incident,
});

export default defineDrill("1.5", [once, thrice], {
  reserveMinuteMs: 200,
  reserveNoShowFen: NO_SHOW_FEN,
});
