// 2.5 数据上报延迟/中断: readings stop; a pile is lost before it tells the end, and its true meter comes later.
import type { Alert } from "../../wire/live.ts";
import { defineDrill, type Part, part } from "../frame/drill.ts";
import { must, pause, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";

type Cast = Awaited<ReturnType<Stage["charge"]>> & { billedFen: number };
const OVER = ["paid", "awaiting-payment"] as const;
const AWAY_MS = 12_000;
const charge = async (stage: Stage): Promise<Cast> => ({
  ...await stage.charge({ lane: "ocpp1.6", wh: 60 }),
  billedFen: 0,
});
const stop = ({ driver, orderId }: Cast) =>
  driver.driver.api.ask("POST", `/v1/orders/${orderId}/stop`);
async function billed(cast: Cast): Promise<void> {
  const { bill } = await cast.driver.until(cast.orderId, ...OVER);
  cast.billedFen = bill?.totalFen ?? -1;
}
const corrected = ({ driver, orderId }: Cast) =>
  until("the true meter's correction", async () => {
    const { correction } = await driver.driver.order(orderId);
    return correction?.booked === true && correction;
  }, 2 * AWAY_MS);
const proof = ({ orderId, driver, pile }: Cast) => [
  { kind: "order" as const, id: orderId },
  { kind: "pile" as const, id: pile.id },
  { kind: "wallet" as const, id: driver.id },
];

const isGapOf = (pileId: string) => ({ code, facts }: Alert) =>
  code === "charge.reading-gap" && facts.actor === `pile/${pileId}`;

const silent = part<"2.5", Cast>({
  words: { zh: "充电中读数中断", en: "Readings stop while it charges" },
  setup: charge,
  async fault({ pile }, stage) {
    must(!stage.console.alerts.some(isGapOf(pile.id)), "a gap rang while readings came");
    pile.misbehave({ noReadings: true });
    const before = pile.register();
    await until("energy flows unseen", () => pile.register() > before + 10);
    return `${pile.register() - before} Wh without a reading`;
  },
  clauses: {
    "gap.freshness": async ({ pile }, stage) => {
      const alert = await stage.console.alert(
        "of the gap",
        isGapOf(pile.id),
        20_000,
      );
      return `${alert.severity} ${alert.code}`;
    },
  },
  user: async ({ pile, driver, orderId }) => {
    pile.behave();
    pile.stopHere();
    const { status, bill } = await driver.until(orderId, ...OVER);
    must(bill?.estimated === undefined, "the bill is an estimate");
    return `${status}, by the meter`;
  },
  ops: async ({ pile }, stage) => {
    const { readingAt } = (await stage.ops.api.get<{ connectors: { readingAt?: string }[] }>(
      `/v1/piles/${pile.id}`,
    )).connectors[0] ?? {};
    return `newest reading ${readingAt ?? "of a charge that is over"}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ pile }, stage) => {
    const records = await stage.console.records("pile", pile.id);
    must(records.some(({ type }) => type === "GapSeen"), "no GapSeen in the record");
    return "GapSeen";
  },
  incident: { cause: "reading-gap" },
  proof,
});

const seenBy: Pick<
  Part<"2.5", Cast>,
  "setup" | "user" | "ops" | "money" | "log" | "incident" | "proof"
> = {
  setup: charge,
  user: async (cast) => {
    const { fen, waivedFen } = await corrected(cast);
    await cast.driver.notice("charge.bill-corrected", cast.orderId);
    return `corrected by ${fen} fen, ${waivedFen} waived`;
  },
  ops: async ({ pile }, stage) => {
    const alert = await stage.console.alert(
      "of the lost pile",
      ({ code, facts }) => code === "charge.bill-estimated" && facts.actor === `pile/${pile.id}`,
    );
    return `${alert.severity} ${alert.code}`;
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    must(records.some(({ type }) => type === "BillCorrected"), "no BillCorrected in the record");
    return "ChargeEnded, BillCorrected";
  },
  incident: { cause: /./ },
  proof,
};

/** Stopped at the pile while it is away, and by the app a while later. */
const late = {
  ...seenBy,
  words: {
    zh: "桩失联后在桩端停充，车主稍后在手机停充",
    en: "Lost; stopped at the pile, and by the app a while later",
  },
  async fault(cast: Cast) {
    cast.pile.cutLink(AWAY_MS);
    const ended = cast.pile.next("ended");
    cast.pile.stopHere();
    const { registerWh } = await ended;
    await pause(4_000);
    await stop(cast);
    return `ended at ${registerWh - cast.startWh} Wh, away for ${AWAY_MS} ms`;
  },
} satisfies Partial<Part<"2.5", Cast>>;

const ruled = part<"2.5", Cast>({
  ...late,
  clauses: {
    "gap.estimated-by-rule": async (cast) => {
      await billed(cast);
      const { bill } = await cast.driver.driver.order(cast.orderId);
      must(bill !== undefined && !cast.pile.link().linked, "billed by the pile's word");
      return `${bill.energyWh} Wh by the rule`;
    },
  },
});

const over = part<"2.5", Cast>({
  ...late,
  clauses: {
    "gap.marked": async ({ driver, orderId }) => {
      const { bill } = await driver.until(orderId, ...OVER);
      const bounds = bill?.estimated;
      must(bounds !== undefined, "the bill does not say that it is an estimate");
      return `${bounds.lowFen} to ${bounds.highFen} fen, ${bounds.method}`;
    },
    "gap.corrected": async (cast, stage) => {
      await billed(cast);
      const { fen, trueFen } = await corrected(cast);
      must(fen < 0, `corrected by ${fen} fen`);
      const records = await stage.console.records("wallet", cast.driver.id);
      const line = records.find(({ type }) => type === "BillCorrected");
      must(line?.event.fen === fen, "no line of it in the wallet");
      return `${cast.billedFen} fen billed, ${trueFen} by the meter, ${-fen} back`;
    },
  },
});

const under = part<"2.5", Cast>({
  ...seenBy,
  words: {
    zh: "桩失联，手机停充后桩仍继续充电",
    en: "Lost; stopped by the app, and it charges on",
  },
  async fault(cast) {
    cast.pile.cutLink(AWAY_MS);
    await pause(500);
    await stop(cast);
    await pause(4_000);
    const ended = cast.pile.next("ended");
    cast.pile.stopHere();
    const { registerWh } = await ended;
    return `ended at ${registerWh - cast.startWh} Wh, 4 s after the stop`;
  },
  clauses: {
    "gap.upward-waived": async (cast) => {
      const { fen, waivedFen } = await corrected(cast);
      must(fen === 1 && waivedFen > 0, `${fen} fen taken, ${waivedFen} waived`);
      return `${fen} fen taken, ${waivedFen} waived`;
    },
  },
});

export default defineDrill("2.5", [silent, ruled, over, under], {
  noteMs: 1_500,
  readingGapMs: 5_000, // the fast lane asks for a note once in 5 s at most
  lostMs: 2_000,
  upwardFenMax: 1, // a few seconds of a charge are worth fen, not yuan
});
