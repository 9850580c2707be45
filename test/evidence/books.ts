// The books after a run, held against everybody who knows better: the provider's own lines, its bill
// files, the auditor that reads the archive alone, the piles' registers.
import type { Db } from "mongodb";
import { energyOf } from "../../actors/tariff/mod.ts";
import { Auditor } from "../../server/audit/mod.ts";
import { Ops, type Pile } from "../../sim/mod.ts";
import type { ReconciliationView } from "../../wire/reconcile.ts";
import type { Segment } from "../../wire/tariff.ts";
import { booksOf, settledBooks } from "../kit/audit.ts";
import { pause } from "../faults/fault.ts";
import type { Scene } from "../faults/scene.ts";
import type { BillLine, SandboxHand } from "./sandbox.ts";

export interface BooksLook {
  /** What does not fit; nothing: all does. */
  wrong: string[];
  /** Records that the auditor read, and sums of both books. */
  auditedRows: number;
  providerFen: { wechat: number; alipay: number };
  reconciledRows: number;
  /** Cases that wait for a person because a true debit is unusual. */
  unusual: number;
}

const AGREE_MS = 90_000;
const LOOK_MS = 500;

/** The newest states of one kind, by id. */
export async function statesOf<T>(db: Db, kind: string): Promise<Map<string, T>> {
  const rows = await db.collection("snapshots").find({ kind }).toArray();
  return new Map(rows.map((row) => {
    const { state } = JSON.parse(String(row["record"])) as { state: T };
    return [String(row["id"]), state];
  }));
}

/** What the true meter moved of paid bills, by user. */
export async function correctionsOf(db: Db): Promise<Map<string, number>> {
  const users = new Map<string, string>();
  const sums = new Map<string, number>();
  for await (const row of db.collection("archive").find({ kind: "order" }).sort({ id: 1, v: 1 })) {
    const id = String(row["id"]);
    for (const event of row["events"] as (Record<string, unknown> & { type: string })[]) {
      if (event.type === "ChargeRequested") users.set(id, String(event["userId"]));
      if (event.type !== "CorrectionBooked") continue;
      const userId = users.get(id) ?? "nobody";
      sums.set(userId, (sums.get(userId) ?? 0) + Number(event["fen"]));
    }
  }
  return sums;
}

/** Until no bill waits for its true meter any more, or that takes too long: what is left is judged. */
export async function untilCorrected(db: Db): Promise<void> {
  const until = performance.now() + AGREE_MS;
  while (performance.now() < until) {
    await settledBooks(db);
    const orders = [...(await statesOf<OrderNow>(db, "order")).values()];
    const waits = orders.some(({ status, bill, correction }) =>
      (OVER.has(status) && bill?.estimated !== undefined && correction === undefined) ||
      correction?.booked === false
    );
    if (!waits) return;
    await pause(LOOK_MS);
  }
}
interface OrderNow {
  status: string;
  bill?: { estimated?: unknown };
  correction?: { booked: boolean };
}
const OVER = new Set(["paid", "awaiting-payment", "overdue"]);

/** What each user has paid in less what went back, as the provider has it. */
export async function paidIn(db: Db, lines: readonly BillLine[]): Promise<Map<string, number>> {
  const payments = await statesOf<{ userId: string }>(db, "payment");
  const sums = new Map<string, number>();
  for (const { kind, fen, paymentId } of lines) {
    const userId = payments.get(paymentId)?.userId ?? "nobody";
    sums.set(userId, (sums.get(userId) ?? 0) + (kind === "pay" ? fen : -fen));
  }
  return sums;
}

export async function lookAtBooks(
  { place: { ops } }: Pick<Scene, "place">,
  db: Db,
  hand: SandboxHand,
): Promise<BooksLook> {
  const look: BooksLook = {
    wrong: [],
    auditedRows: 0,
    providerFen: { wechat: 0, alipay: 0 },
    reconciledRows: 0,
    unusual: 0,
  };
  for (const source of ["wechat", "alipay"] as const) {
    for (const day of hand.days()) await reconciled(ops, source, day, look);
  }
  const lines = await hand.lines();
  for (const { by, kind, fen } of lines) look.providerFen[by] += kind === "pay" ? fen : -fen;
  const { accounts } = await booksOf(db);
  for (const [by, theirs] of Object.entries(look.providerFen)) {
    const ours = accounts.get(`provider:${by}`) ?? 0;
    if (ours !== theirs) look.wrong.push(`${by} has ${theirs} fen of ours, our book says ${ours}`);
  }
  await audited(db, look);
  return look;
}

/** Their bill file against our payments, until no case is open but for a person's look. */
async function reconciled(
  ops: Ops,
  source: "wechat" | "alipay",
  day: string,
  look: BooksLook,
): Promise<void> {
  const until = performance.now() + AGREE_MS;
  for (;;) {
    const view = await ops.api.post<ReconciliationView>("/v1/ops/reconciliations", { source, day });
    const open = view.cases.filter(({ state, kind }) => state !== "settled" && kind !== "unusual");
    if (open.length === 0 || performance.now() > until) {
      look.unusual += view.cases.filter(({ kind }) => kind === "unusual").length;
      look.reconciledRows += view.runs.at(-1)?.rows ?? 0;
      const words = open.map(({ kind, paymentId }) => `${source} ${day}: ${kind} ${paymentId}`);
      look.wrong.push(...words);
      return;
    }
    await pause(LOOK_MS);
  }
}

/** From the archive alone, with no grace: by now nothing is on its way. */
async function audited(db: Db, look: BooksLook): Promise<void> {
  const until = performance.now() + AGREE_MS;
  for (;;) {
    const { rows, differences } = await new Auditor(db, 0).look(Date.now());
    look.auditedRows = rows;
    if (differences.length === 0) return;
    if (performance.now() > until) {
      const words = differences.map(({ rule, where, what }) =>
        `auditor: ${rule} ${where}: ${what}`
      );
      return void look.wrong.push(...words);
    }
    await pause(LOOK_MS);
  }
}

interface OrderSeen {
  pileId: string;
  wh: number;
}
export interface EnergyLook {
  wrong: string[];
  passedWh: number;
  billedWh: number;
  unattributedWh: number;
  estimated: number;
  corrected: number;
}

/** E1 from outside: what each pile's meter counted is in bills, or named as nobody's. */
export async function lookAtEnergy(
  db: Db,
  piles: readonly { pile: Pile; firstWh: number }[],
): Promise<EnergyLook> {
  const orders = new Map<string, OrderSeen>();
  let estimated = 0;
  let corrected = 0;
  for await (const row of db.collection("archive").find({ kind: "order" }).sort({ id: 1, v: 1 })) {
    const id = String(row["id"]);
    for (const event of row["events"] as (Record<string, unknown> & { type: string })[]) {
      if (event.type === "ChargeRequested") {
        orders.set(id, { pileId: String(event["pileId"]), wh: 0 });
      }
      if (event.type !== "ChargeEnded" && event.type !== "BillCorrected") continue;
      if ("estimated" in (event["bill"] as object)) estimated++;
      if (event.type === "BillCorrected") corrected++;
      orders.get(id)!.wh = energyOf(event["segments"] as Segment[]);
    }
  }
  type PileState = { connectors: { unattributedWh: number }[] };
  const states = await statesOf<PileState>(db, "pile");
  const look = { wrong: [] as string[], passedWh: 0, billedWh: 0, unattributedWh: 0 };
  for (const { pile, firstWh } of piles) {
    const passed = pile.register() - firstWh;
    const billed = [...orders.values()].filter(({ pileId }) => pileId === pile.id)
      .reduce((sum, { wh }) => sum + wh, 0);
    const nobodys = states.get(pile.id)!.connectors
      .reduce((sum, { unattributedWh }) => sum + unattributedWh, 0);
    look.passedWh += passed;
    look.billedWh += billed;
    look.unattributedWh += nobodys;
    if (billed + nobodys === passed) continue;
    look.wrong.push(`E1: ${pile.id} passed ${passed} Wh, billed ${billed}, nobody's ${nobodys}`);
  }
  return { ...look, estimated, corrected };
}
