// Row 4.1, what only a comparison finds: a payment that was closed here and taken there, while no
// callback comes; debits that are true and yet unusual; a bank's line that nobody settled.
import { Refused } from "../../sim/mod.ts";
import { bankColumns, reconciliationId, type ReconciliationView } from "../../wire/reconcile.ts";
import { part } from "../frame/drill.ts";
import { must, until } from "../frame/see.ts";
import type { Stage } from "../frame/stage.ts";
import {
  type Cast,
  castOf,
  debitsOf,
  parties,
  payByHand,
  paymentOf,
  recharge,
  untilStatus,
} from "./debit-cast.ts";

/** Above what one payment usually is: 3,000 yuan. */
const LARGE_FEN = 300_100;
const LOST_FEN = 2_311;

/** Closed by its driver, taken by the provider, and the provider's word of it gets lost. */
async function loseOne(cast: Cast, stage: Stage): Promise<string> {
  cast.fen = LOST_FEN;
  await recharge(cast);
  await stage.provoke({ payments: [cast.paymentId] }, "paid-after-close", "lost");
  await cast.driver.driver.api.post(`/v1/payments/${cast.paymentId}/close`, {});
  await untilStatus(cast, "closed");
  const [taken] = await debitsOf(cast);
  return taken === undefined ? "" : `${taken.fen} fen at the provider, closed here`;
}

const compare = (stage: Stage, { driver, day }: Cast) =>
  stage.ops.api.post<ReconciliationView>("/v1/ops/reconciliations", {
    source: "wechat",
    day,
    userId: driver.id,
  });
type Run = ReconciliationView["runs"][number];
const lastOf = ({ runs }: ReconciliationView): Run => runs.at(-1)!;
const casesOf = ({ cases }: ReconciliationView, ...payments: string[]) =>
  cases.filter(({ paymentId = "" }) => payments.includes(paymentId));
const actorOf = ({ day }: Cast) => reconciliationId("wechat", day);
const proof = (cast: Cast) => [
  ...parties.proof(cast),
  { kind: "reconciliation" as const, id: actorOf(cast) },
];

/** Ops have heard of that difference. */
const incidentOf = (stage: Stage, cast: Cast, kind: string, paymentId: string) =>
  until(`the incident of ${kind}`, async () => {
    const all = await stage.console.incidents("4.1", [`reconciliation/${actorOf(cast)}`]);
    return all.find(({ cause, facts }) =>
      cause === `reconciliation-${kind}` && facts.paymentId === paymentId
    );
  });
/** A person has looked: nothing stays open of a drill. */
async function settle(stage: Stage, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await stage.ops.api.post(`/v1/ops/cases/${id}/settle`, { reason: "drill 4.1" });
  }
}

interface Compared extends Cast {
  /** A day long ago of which no other run has a bank's file. */
  bankDay: string;
}
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse("2001-01-01T00:00:00Z");
const DAYS = 6_000;

/** One line of a bank: what it says that WeChat Pay settled of that day. */
const compareBank = (stage: Stage, day: string, fen: number) =>
  stage.ops.api.post<ReconciliationView>("/v1/ops/reconciliations", {
    source: "bank",
    day,
    file: [bankColumns.join(","), `DRILL,${day},wechat,${day},${fen},0,0,${fen}`].join("\n"),
  });

/** Runs about that driver so far; one that was seen is kept, for a reconciliation forgets old ones. */
async function look(stage: Stage, { driver, day }: Cast, seen: Map<string, Run>): Promise<void> {
  const path = `/v1/ops/reconciliations/wechat/${day}`;
  const view = await stage.ops.api.get<ReconciliationView>(path).catch((error: unknown) => {
    if (error instanceof Refused && error.code === "case.unknown") return null; // the day's first
    throw error;
  });
  const own = view?.runs.filter(({ userId }) => userId === driver.id) ?? [];
  for (const run of own) seen.set(`${run.at} ${run.how}`, run);
}

const reconciled = part<"4.1", Compared>({
  ...parties,
  words: { zh: "关单后仍被扣款，且回调丢失", en: "Taken after its close, and no callback comes" },
  times: { reconcileMs: 1_500 },
  async setup(stage) {
    const bankDay = new Date(FIRST_DAY + (Date.now() % DAYS) * DAY_MS).toISOString().slice(0, 10);
    await stage.own(reconciliationId("bank", bankDay));
    return { ...castOf(await stage.person()), bankDay };
  },
  fault: loseOne,
  clauses: {
    "pay.reconciled": async (cast, stage) => {
      const seen = new Map<string, Run>();
      const ran = (how: Run["how"], words: string) =>
        until(`a ${words} comparison`, async () => {
          await look(stage, cast, seen);
          return [...seen.values()].some((run) => run.how === how && run.rows > 0);
        });
      await ran("now", "near-real-time");
      await ran("daily", "daily");
      await compare(stage, cast);
      await ran("demand", "demanded");
      const found = [...seen.values()].filter(({ differences }) => differences > 0);
      must(found.length > 0, `${seen.size} comparisons, and none met the ${LOST_FEN} fen`);
      const wrong = lastOf(await compareBank(stage, cast.bankDay, LOST_FEN));
      must(wrong.differences === 1, "a bank's line that nobody settled was not met");
      const right = await compareBank(stage, cast.bankDay, 0);
      must(right.open === 0, "the bank's right line does not agree");
      return `by questions, daily and on demand; met ${found.map(({ how }) => how).join(", ")}`;
    },
  },
  incident: { cause: "late-success" },
});

const missing = part<"4.1", Cast>({
  ...parties,
  words: reconciled.words,
  setup: async (stage) => castOf(await stage.person()),
  fault: loseOne,
  clauses: {
    "pay.missing-retried": async (cast, stage) => {
      await compare(stage, cast);
      await until(`${cast.fen} fen are back at the provider`, async () => {
        const { refunds = [] } = await paymentOf(cast);
        return refunds.some(({ stage, fen }) => stage === "stood" && fen === cast.fen);
      });
      const [one] = casesOf(await compare(stage, cast), cast.paymentId);
      must(one?.state === "settled", `its case is ${one?.state}`);
      return `${one.kind} ${one.id}: asked again, ${cast.fen} fen given back, ${one.reason}`;
    },
  },
  incident: { cause: "late-success" },
  proof,
});

interface Unusual extends Cast {
  /** More than one usually is. */
  largeId: string;
}
async function withLarge(stage: Stage): Promise<Unusual> {
  const driver = await stage.person(0);
  const cast = castOf(driver, LARGE_FEN);
  await recharge(cast);
  await payByHand(cast);
  await untilStatus(cast, "succeeded");
  return { ...cast, largeId: cast.paymentId };
}

const cases = part<"4.1", Unusual>({
  ...parties,
  words: { zh: "一天两处差异", en: "Two differences of one day" },
  setup: withLarge,
  fault: loseOne,
  clauses: {
    "pay.case-each": async (cast, stage) => {
      const { paymentId, largeId } = cast;
      const view = await compare(stage, cast);
      const { differences } = lastOf(view);
      const own = casesOf(view, paymentId, largeId);
      must(own.length === differences, `${own.length} cases of ${differences} differences`);
      const stood = own.map(({ kind, state }) => `${kind} ${state}`).sort();
      const wanted = ["missing-here retrying", "unusual open"];
      must(stood.join() === wanted.join(), `the cases are ${stood.join(", ")}`);
      for (const { kind, paymentId } of own) await incidentOf(stage, cast, kind, paymentId!);
      await settle(stage, own.filter(({ state }) => state === "open").map(({ id }) => id));
      const after = casesOf(await compare(stage, cast), largeId);
      must(after.length === 1 && after[0]!.state === "settled", "a settled case came again");
      return own.map(({ id, kind }) => `${kind} ${id}`).join(", ");
    },
  },
  incident: { cause: "reconciliation-unusual", outcome: "needs-person" },
  proof,
});

const MORE = 5;
const unusual = part<"4.1", Unusual>({
  ...parties,
  words: { zh: "一笔大额，十分钟内六笔", en: "A large debit, and six in ten minutes" },
  setup: withLarge,
  async fault({ driver }) {
    const more = Array.from({ length: MORE }, (_, i) => driver.driver.recharge(100 + i));
    await Promise.all(more);
    return `${LARGE_FEN} fen at once, ${MORE + 1} debits in a row`;
  },
  clauses: {
    "pay.unusual-debits": async (cast, stage) => {
      const rules = async () => {
        const { cases } = await compare(stage, cast);
        return cases.filter(({ kind, paymentId, facts }) =>
          kind === "unusual" && (paymentId === cast.largeId || facts.userId === cast.driver.id)
        );
      };
      const found = await until("both rules have met it", async () => {
        const met = await rules();
        return met.length >= 2 && met;
      });
      const names = found.map(({ facts }) => String(facts.rule)).sort();
      must(names.join() === "large,often", `met by ${names.join(", ")}`);
      for (const { kind, paymentId } of found) await incidentOf(stage, cast, kind, paymentId!);
      await settle(stage, found.map(({ id }) => id));
      return `${names.join(", ")}: a person's`;
    },
  },
  incident: { cause: "reconciliation-unusual", outcome: "needs-person" },
  proof,
});

export const reconciliationParts = [reconciled, missing, cases, unusual];
