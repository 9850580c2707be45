// The judge after the faults: what drivers were told, what piles did, what the journal and the archive
// hold must be one story. Says what was lost, what was done twice and which rule broke.
import type { Db } from "mongodb";
import { type Books, booksOf, openDatabase } from "../kit/audit.ts";
import { type JournalLook, lookAtJournal, rowOf } from "./journal-look.ts";
import { askOnce } from "./phone.ts";
import type { Scene } from "./scene.ts";
import { type Charge, FINAL, inOneWord, isOver, untilStatus } from "./traffic.ts";

export interface Verdict {
  lost: string[];
  doubled: string[];
  breaches: string[];
  /** Orders by their last status, and how much there was to check. */
  orders: Record<string, number>;
  records: number;
}

const SETTLE_MS = 100_000; // a start gives up after 90 s; then nothing may move any more
const ARCHIVE_MS = 60_000;
const LOOK_MS = 250;
/** What may happen to an order at most once. */
const ONCE = ["StartOrdered", "ChargeStarted", "ChargeEnded", "HoldCaptured", "OrderPaid"];
const ALARMS = ["invariant broke", "actor quarantined"];

export async function check(scene: Scene, charges: readonly Charge[]): Promise<Verdict> {
  const verdict: Verdict = { lost: [], doubled: [], breaches: [], orders: {}, records: 0 };
  await settle(scene, charges);
  const journal = await lookAtJournal(scene.world);
  verdict.records = journal.records;
  verdict.breaches.push(...journal.breaches);
  await using opened = await openDatabase(scene.world.mongo.url);
  await archived(opened.db, journal);
  const books = await booksOf(opened.db);
  await compareArchive(opened.db, journal, verdict);
  judgeBooks(books, verdict);
  for (const charge of charges) judgeCharge(charge, scene, books, verdict);
  await judgeWallets(scene, charges, verdict);
  await judgeLogs(scene, verdict);
  for (const charge of charges) {
    const what = inOneWord(charge);
    verdict.orders[what] = (verdict.orders[what] ?? 0) + 1;
  }
  return verdict;
}

/** Until every order of every driver is over, or the time is. */
async function settle({ phones, seats }: Scene, charges: readonly Charge[]): Promise<void> {
  const open = charges.filter(({ status }) => !isOver(status));
  await Promise.all(open.map(async (charge) => {
    const { driver } = seats.find((seat) => seat.driver.userId === charge.userId)!;
    const isGone = charge.taps.length === 0 && charge.status === "unknown";
    // a tap that nobody ever answered may have left no order
    await untilStatus(phones, driver, charge, isOver, isGone ? 5_000 : SETTLE_MS);
  }));
}

/**
 * Until the archive holds what is in the journal now: older records were trimmed behind it. What comes
 * slowly is not lost: it is given up once nothing more has come for a while.
 */
async function archived(db: Db, { sums }: JournalLook): Promise<void> {
  const _id = { $in: [...sums.keys()] };
  let most = -1;
  let until = 0;
  for (;;) {
    const there = await db.collection<{ _id: string }>("archive").countDocuments({ _id });
    if (there > most) {
      most = there;
      until = performance.now() + ARCHIVE_MS;
    }
    if (there >= sums.size || performance.now() > until) return;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
}

interface ArchivedRow {
  tenant: string;
  kind: string;
  id: string;
  v: number;
  sum: string;
}

/** What the journal acknowledged is in the archive, byte for byte by its sum. */
async function compareArchive(db: Db, { sums }: JournalLook, verdict: Verdict): Promise<void> {
  const fields = { tenant: 1, kind: 1, id: 1, v: 1, sum: 1 };
  const rows = await db.collection<ArchivedRow>("archive").find({}, { projection: fields })
    .toArray();
  const archive = new Map(rows.map((row) => [rowOf(row, row.v), row.sum]));
  const missing = [...sums.keys()].filter((row) => !archive.has(row));
  if (missing.length > 0) {
    verdict.lost.push(`${missing.length} records are not in the archive, such as ${missing[0]}`);
  }
  for (const [row, sum] of sums) {
    const stored = archive.get(row);
    if (stored !== undefined && stored !== sum) {
      verdict.breaches.push(`${row}: archive and journal differ`);
    }
  }
  for (const name of ["parked", "quarantine"]) {
    const count = await db.collection(name).countDocuments();
    if (count > 0) verdict.breaches.push(`projector: ${count} rows in ${name}`);
  }
}

function judgeBooks(books: Books, verdict: Verdict): void {
  verdict.breaches.push(...books.broken.map((name) => `${name}: broken chain in the archive`));
  if (books.allFen !== 0) verdict.breaches.push(`M1: the book sums to ${books.allFen} fen`);
  for (const [orderId, status] of books.orders) {
    const openFen = books.accounts.get(`hold:${orderId}`) ?? 0;
    if (FINAL.has(status) && openFen !== 0) {
      verdict.breaches.push(`M2: order ${orderId} is ${status}, ${-openFen} fen still held`);
    }
  }
  for (const [orderId, count] of books.holdsPlaced) {
    if (count !== 1) verdict.doubled.push(`order ${orderId}: ${count} holds`);
  }
}

function judgeCharge(charge: Charge, { seats }: Scene, books: Books, verdict: Verdict): void {
  const { orderId, pileId, taps, status, stopped } = charge;
  const say = (list: keyof Pick<Verdict, "lost" | "doubled" | "breaches">, words: string) =>
    verdict[list].push(`order ${orderId}: ${words}`);
  const told = new Set(taps.map((tap) => `${tap.status} ${tap.text}`));
  if (told.size > 1) say("doubled", `one key, ${told.size} answers: ${[...told].join(" | ")}`);
  const known = books.orders.get(orderId);
  if (taps[0]?.status === 202) {
    if (known === undefined) say("lost", "answered 202, not in the archive");
    if (!isOver(status)) say("breaches", `L1: still ${status}${stopped ? ", stop answered" : ""}`);
  }
  if (known !== undefined && FINAL.has(status) && known !== status) {
    say("lost", `the driver saw ${status}, the archive ends with ${known}`);
  }
  for (const event of ONCE) {
    const count = books.happened.get(`${orderId} ${event}`) ?? 0;
    if (count > 1) say("doubled", `${event} ${count} times`);
  }
  const { pile } = seats.find((seat) => seat.pile.id === pileId)!;
  const starts =
    pile.log("command").filter((did) =>
      did["kind"] === "start" && did["orderId"] === orderId && did["outcome"] === "accepted"
    ).length;
  const ran = pile.log("charging").filter((did) => did["orderId"] === orderId).length;
  if (starts > 1 || ran > 1) say("doubled", `the pile took ${starts} starts, charged ${ran} times`);
  if ((books.happened.get(`${orderId} ChargeStarted`) ?? 0) > 0 && ran === 0) {
    say("breaches", "charged by its record, not by its pile");
  }
  if (ran > 0 && !books.happened.has(`${orderId} ChargeEnded`) && status !== "start-failed") {
    say("lost", "charged by its pile, never billed");
  }
}

/** What was paid in, less what was billed, is what a driver still has. */
async function judgeWallets(
  { seats, phones, nodes }: Scene,
  charges: readonly Charge[],
  verdict: Verdict,
): Promise<void> {
  for (const { driver, paidInFen } of seats) {
    let billedFen = 0;
    for (const { orderId, userId, status } of charges) {
      if (userId !== driver.userId || status !== "paid") continue;
      const path = `/v1/orders/${orderId}`;
      const order = await phones.ask(driver, { method: "GET", path });
      const shown = order?.body as { status?: string; v?: number } | undefined;
      if (shown?.status !== "paid") {
        const words = `a node shows ${shown?.status ?? order?.status ?? "nothing"} (v ${shown?.v})`;
        verdict.breaches.push(`order ${orderId} was seen paid, now ${words}`);
      }
      billedFen += (order?.body["bill"] as { totalFen: number } | undefined)?.totalFen ?? 0;
    }
    const seen = await askOnce(nodes[0]!.url, driver, { method: "GET", path: "/v1/wallet" });
    const balanceFen = Number(seen?.body["balanceFen"]);
    const wanted = paidInFen - billedFen;
    if (balanceFen === wanted) continue;
    const words = `wallet of ${driver.phone}: ${balanceFen} fen, ${wanted} by its bills`;
    verdict[balanceFen < wanted ? "doubled" : "lost"].push(words);
  }
}

/** Alarms of the runtime itself. */
async function judgeLogs({ nodes }: Scene, verdict: Verdict): Promise<void> {
  const logs = new Set(nodes.map(({ logFile }) => logFile));
  for (const file of logs) {
    for (const line of (await Deno.readTextFile(file)).split("\n")) {
      if (ALARMS.some((alarm) => line.includes(alarm))) verdict.breaches.push(`log: ${line}`);
    }
  }
}
