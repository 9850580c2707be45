// 4.3 计费错误: prices change while a car charges, a bill is reckoned by prices that were never agreed,
// somebody publishes a tariff that is wrong, a driver does not agree.
import type { Bill, Segment, Tariff } from "../../wire/tariff.ts";
import type { TariffChecked, TariffDesk } from "../../wire/tariff-desk.ts";
import type { ApprovalView } from "../../wire/approval.ts";
import { type Ops, Refused } from "../../sim/mod.ts";
import { audited } from "../frame/audit.ts";
import { type Charge, shown } from "../frame/common.ts";
import { defineDrill, part } from "../frame/drill.ts";
import type { Person } from "../frame/person.ts";
import { must, until } from "../frame/see.ts";
import { DAY, type Stage } from "../frame/stage.ts";

const OVER = ["paid", "awaiting-payment", "bill-review"] as const;
/** 1.40 yuan a kWh, before the change. */
const FEN_PER_WH = 0.14;
const PUBLISH = { reason: "drill 4.3" };
const flat = DAY.periods[0]!;

const tariffOf = (version: string, energy: number, more: Partial<Tariff> = {}): Tariff => ({
  ...DAY,
  version,
  periods: [{ ...flat, energyMilliFenPerKwh: energy }],
  ...more,
});
const draft = (stage: Stage, stationId: string, tariff: Tariff) =>
  stage.ops.api.post<TariffDesk>("/v1/ops/tariffs", { stationId, tariff });
const publish = (stage: Stage, stationId: string, version: string) =>
  stage.ops.api.post<TariffDesk>(`/v1/ops/tariffs/${stationId}:${version}/publish`, PUBLISH);

type Charging = Awaited<ReturnType<Stage["charge"]>> & { stationId: string; drawnWh: number };

/** A charge at a station of its own. */
async function charging(stage: Stage): Promise<Charging> {
  const stationId = await stage.station();
  return { ...await stage.charge({ stationId, wh: 20 }), stationId, drawnWh: 0 };
}
/** The station's prices rise under way, then the driver stops. */
async function dearer(cast: Charging, stage: Stage): Promise<string> {
  const { stationId, pile, driver, orderId, startWh } = cast;
  await draft(stage, stationId, tariffOf("tv_dearer-1", 130_000));
  await publish(stage, stationId, "tv_dearer-1");
  const isNew = async () => (await driver.driver.quote(pile.id)).tariffVersion === "tv_dearer-1";
  await until("the pile has the new prices", isNew);
  const then = pile.register();
  await until("80 Wh after the change", () => pile.register() >= then + 80);
  const ended = pile.next("ended");
  await driver.driver.stop(orderId);
  cast.drawnWh = (await ended).registerWh - startWh;
  return `+21 % from ${then - startWh} Wh on, ${cast.drawnWh} Wh in all`;
}
const agreedFen = ({ drawnWh }: Charging) => Math.round(drawnWh * FEN_PER_WH);

const changed = part<"4.3", Charging>({
  words: { zh: "充电途中场站涨价", en: "The station's prices rise while a car charges" },
  setup: charging,
  fault: dearer,
  clauses: {
    "bill.frozen-tariff": async (cast) => {
      const { driver, orderId, drawnWh } = cast;
      const { bill } = await driver.until(orderId, ...OVER);
      const fen = agreedFen(cast);
      must(bill !== undefined, "there is no bill");
      must(Math.abs(bill.totalFen - fen) <= 1, `billed ${bill.totalFen} fen, not ${fen}`);
      return `${drawnWh} Wh at the first price: ${bill.totalFen} fen`;
    },
    "bill.lines-stored": async ({ driver, orderId }) => {
      await driver.until(orderId, ...OVER);
      const { bill } = await driver.driver.api.get<{ bill: Bill }>(`/v1/orders/${orderId}/bill`);
      const { lines, totalFen, startRegisterWh, stopRegisterWh, energyWh, startAt, stopAt } = bill;
      const sum = lines.reduce((all, { fen }) => all + fen, 0);
      must(lines.length >= 2 && sum === totalFen, `${lines.length} lines come to ${sum} fen`);
      must(lines.every((line) => "milliFenPerKwh" in line), "a line has no rate");
      must(stopRegisterWh - startRegisterWh === energyWh, "the registers are not the energy");
      must((stopAt ?? 0) > (startAt ?? 0), "the bill has no duration");
      return `${lines.length} lines, registers ${startRegisterWh} to ${stopRegisterWh}`;
    },
  },
  user: async ({ driver, orderId }) => {
    const { bill } = await driver.until(orderId, ...OVER);
    must(bill?.tariffVersion === DAY.version, `the bill names ${bill?.tariffVersion}`);
    return `the bill names ${bill.tariffVersion}, which was agreed`;
  },
  ops: async ({ stationId }, stage) => {
    const desk = await deskOf(stage, stationId);
    must(desk.past[0]?.tariff.version === DAY.version, "the old tariff is not in the history");
    return `in force ${desk.inForce.tariff.version}, before it ${desk.past[0].tariff.version}`;
  },
  money: async ({ driver, orderId }, stage) => {
    await driver.until(orderId, "paid");
    return await stage.settled();
  },
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const kept = records.find(({ type }) => type === "ConnectorKept")?.event.tariff as Tariff;
    must(kept?.version === DAY.version, "the record holds no frozen tariff");
    return `ConnectorKept holds ${kept.version}`;
  },
  incident: null,
  proof: ({ orderId, driver, pile }) => [
    { kind: "order", id: orderId },
    { kind: "pile", id: pile.id },
    { kind: "wallet", id: driver.id },
  ],
});

/** The pile's prices go into the bill in place of those that were agreed: a mistake as a release brings. */
const misbilled = part<"4.3", Charging & { overFen: number }>({
  words: { zh: "账单未按约定电价计算", en: "A bill is reckoned by prices that were never agreed" },
  off: ["bill.frozen-tariff"],
  times: { approvalFen: 50 },
  setup: async (stage) => ({ ...await charging(stage), overFen: 0 }),
  async fault(cast, stage) {
    await dearer(cast, stage);
    const { bill } = await cast.driver.until(cast.orderId, "paid");
    const fen = agreedFen(cast);
    cast.overFen = (bill?.totalFen ?? 0) - fen;
    return cast.overFen > 0 ? `billed ${bill?.totalFen} fen, agreed were ${fen}` : "";
  },
  clauses: {
    "bill.audited": ({ orderId }, stage) => audited(stage, "bill-recomputed", `order/${orderId}`),
  },
  user: async ({ driver, orderId, overFen }) => {
    const { bill } = await driver.driver.order(orderId);
    return `${bill?.totalFen} fen on the bill, ${overFen} too much`;
  },
  ops: async ({ orderId, overFen }, stage) => {
    const { adjustmentId } = await adjust(stage.ops, orderId, overFen);
    must(adjustmentId !== undefined, "what was too much cannot be given back");
    return `${overFen} fen given back by hand`;
  },
  money: async ({ driver, orderId, overFen }, stage) => {
    await until(`${overFen} fen are back`, async () => {
      return (await driver.driver.order(orderId)).refundedFen === overFen;
    });
    return await stage.settled();
  },
  log: async ({ orderId }, stage) => {
    const records = await stage.console.records("order", orderId);
    const ended = records.find(({ type }) => type === "ChargeEnded");
    must(ended !== undefined, "the record has no end");
    const prices = (ended.event.segments as Segment[]).map((one) => one.energyMilliFenPerKwh);
    const strange = prices.find((price) => price !== flat.energyMilliFenPerKwh);
    must(strange !== undefined, "the record has the agreed prices alone");
    return `ChargeEnded with ${strange} milli-fen a kWh, ConnectorKept with the agreed ones`;
  },
  incident: { cause: "bill-recomputed", outcome: "needs-person" },
  proof: ({ orderId, driver, pile }) => [
    { kind: "order", id: orderId },
    { kind: "auditor", id: "books" },
    { kind: "pile", id: pile.id },
    { kind: "wallet", id: driver.id },
  ],
});

const deskOf = (stage: Stage, stationId: string) =>
  stage.ops.api.get<TariffDesk>("/v1/ops/tariffs", { stationId });

interface Desk {
  stationId: string;
  pileId: string;
  driver: Person;
  /** Version and what its publishing was answered. */
  said: [version: string, code: string][];
}
const WRONG: readonly [Tariff, string][] = [
  [tariffOf("tv_gap-1", 0, { periods: [{ ...flat, fromMinute: 60 }] }), "station.tariff-gap"],
  [tariffOf("tv_twice-1", 0, { periods: [flat, flat] }), "station.tariff-overlap"],
  [tariffOf("tv_digit-1", 1_000_000), "station.tariff-bounds"],
  [tariffOf("tv_jump-1", 200_000), "station.tariff-unconfirmed"],
];

const published = part<"4.3", Desk>({
  words: { zh: "发布有错误的电价", en: "Somebody publishes tariffs that are wrong" },
  setup: async (stage) => {
    const stationId = await stage.station();
    const pile = await stage.pile({ stationId });
    return { stationId, pileId: pile.id, driver: await stage.person(), said: [] };
  },
  async fault(cast, stage) {
    for (const [tariff] of WRONG) {
      await draft(stage, cast.stationId, tariff);
      const said = await publish(stage, cast.stationId, tariff.version).then(
        () => "in force",
        (error: unknown) => {
          if (error instanceof Refused) return error.code;
          throw error;
        },
      );
      cast.said.push([tariff.version, said]);
    }
    return `tried ${cast.said.map(([version]) => version).join(", ")}`;
  },
  clauses: {
    "tariff.validated": async ({ said, stationId }, stage) => {
      const wanted = WRONG.map(([{ version }, code]) => `${version} ${code}`).join(", ");
      const got = said.map((pair) => pair.join(" ")).join(", ");
      must(got === wanted, `got: ${got}`);
      const { version } = (await deskOf(stage, stationId)).inForce.tariff;
      must(version === DAY.version, `${version} is in force`);
      return got;
    },
  },
  user: async ({ driver, pileId }) => {
    const { lines, tariffVersion } = await driver.driver.quote(pileId);
    must(lines.length > 0, "the pile's page has no prices");
    return `the pile's page shows ${tariffVersion}`;
  },
  ops: async ({ stationId }, stage) => {
    const version = "tv_check-1";
    await draft(stage, stationId, tariffOf(version, 1_000_000));
    const path = `/v1/ops/tariffs/${stationId}:${version}/validate`;
    const { findings } = await stage.ops.api.post<TariffChecked>(path, {});
    must(findings.length > 0, "the checks find nothing");
    return findings.map(({ code, weight }) => `${code} (${weight})`).join(", ");
  },
  money: (_cast, stage) => stage.settled(),
  log: async ({ stationId }, stage) => {
    const records = await stage.console.records("station", stationId);
    const drafts = records.filter(({ type }) => type === "TariffDrafted");
    must(drafts.length >= WRONG.length, `${drafts.length} drafts in the record`);
    return `${drafts.length} drafts, each with who wrote it`;
  },
  incident: null,
  proof: ({ pileId, driver }) => [{ kind: "pile", id: pileId }, { kind: "wallet", id: driver.id }],
});

/** Adjustments by hand above this wait for others. */
const ALONE_FEN = 3;
interface Disputed extends Charge {
  said: string;
}
interface Adjusted {
  adjustmentId?: string;
  approvalId?: string;
}
const adjust = ({ api }: Ops, orderId: string, fen: number) =>
  api.post<Adjusted>(`/v1/ops/orders/${orderId}/adjustments`, { fen, reason: "drill 4.3" });

/** What somebody's vote comes to: the approval as it is then, or the code of the refusal. */
async function vote({ api }: Ops, approvalId: string): Promise<ApprovalView | string> {
  const path = `/v1/ops/approvals/${approvalId}`;
  const open = () => api.get<ApprovalView>(path).catch(() => null);
  const { payloadHash } = await until("the approval", open);
  const said = { payloadHash, approve: true, reason: "drill 4.3" };
  return await api.post<ApprovalView>(`${path}/decision`, said).catch((error: unknown) => {
    if (error instanceof Refused) return error.code;
    throw error;
  });
}
const statusOf = (seen: ApprovalView | string) => typeof seen === "string" ? seen : seen.status;

/** Above the limit: one of service asks, two others must agree, and nothing moves before. */
async function agreed(stage: Stage, { driver, orderId }: Charge): Promise<string> {
  const [service, finance] = [await stage.colleague("service"), await stage.colleague("finance")];
  const fen = ALONE_FEN + 1;
  const { approvalId } = await adjust(service, orderId, fen);
  must(approvalId !== undefined, "one person alone gave back more than the limit");
  const said = [
    await vote(service, approvalId), // may ask, may not agree
    await vote(stage.ops, approvalId),
    await vote(stage.ops, approvalId), // a second time
  ].map(statusOf).join(", ");
  must(said === "auth.forbidden, open, approval.twice", `votes of two people came to: ${said}`);
  const { refundedFen = 0 } = await driver.driver.order(orderId);
  must(refundedFen === 0, `${refundedFen} fen went back before the second person agreed`);
  const last = await vote(finance, approvalId);
  must(typeof last !== "string", `the second person came to: ${statusOf(last)}`);
  const people = new Set(last.votes.map(({ opsId }) => opsId));
  must(people.size === 2 && !people.has(last.requestedBy.opsId), "not two others have agreed");
  await until(`${fen} fen are back`, async () => {
    return (await driver.driver.order(orderId)).refundedFen === fen;
  });
  return `${fen} fen after ${last.votes.map(({ name }) => name).join(" and ")}`;
}

const disputed = part<"4.3", Disputed>({
  words: { zh: "车主不同意账单", en: "A driver does not agree with a bill" },
  setup: async (stage) => ({ ...await stage.charge({ wh: 80 }), said: "" }),
  async fault(cast) {
    const { driver, orderId } = cast;
    await driver.driver.stop(orderId);
    await driver.until(orderId, "paid");
    const path = `/v1/orders/${orderId}/appeals`;
    const appealed = driver.driver.api.post(path, { text: "drill 4.3: that is too much" });
    cast.said = await appealed.then(() => "open", (error: unknown) => {
      if (error instanceof Refused) return error.code;
      throw error;
    });
    return `paid, then an appeal: ${cast.said}`;
  },
  clauses: {
    "bill.appeal": async ({ driver, orderId, said }) => {
      const { appeals } = await driver.driver.order(orderId);
      must(appeals?.[0]?.status === "open", `the appeal: ${said}`);
      return `appeal ${appeals[0].appealId} is open`;
    },
    "bill.adjusted-by-roles": async (cast, stage) => {
      const { driver, orderId } = cast;
      const tried = driver.driver.api.post(`/v1/ops/orders/${orderId}/adjustments`, {
        fen: 1,
        reason: "mine",
      });
      await driver.refused(tried);
      const asked = await adjust(stage.ops, orderId, ALONE_FEN + 1);
      must(asked.approvalId !== undefined, "one person alone gave back more than the limit");
      const own = await vote(stage.ops, asked.approvalId);
      must(own === "approval.own", `an own vote came to ${statusOf(own)}`);
      const two = await agreed(stage, cast);
      const small = await adjust(stage.ops, orderId, ALONE_FEN);
      must(small.adjustmentId !== undefined, "below the limit it waits as well");
      return `${two}, neither of whom asked (own vote: ${own}); ${ALONE_FEN} fen alone`;
    },
  },
  user: async ({ driver, orderId }) => {
    const { refundedFen = 0 } = await driver.driver.order(orderId);
    return `${refundedFen} fen given back`;
  },
  ops: shown.opsQuiet,
  money: (_cast, stage) => stage.settled(),
  log: shown.log,
  incident: { cause: "appeal", outcome: "needs-person" },
  proof: shown.proof,
});

const all = [changed, misbilled, published, disputed];
export default defineDrill("4.3", all, { approvalFen: ALONE_FEN });
