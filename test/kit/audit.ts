// The books as the archive tells them: reads MongoDB alone and shares no code with the actors, so
// that a mistake in them shows here.
import { type Db, MongoClient } from "mongodb";

interface Row {
  kind: string;
  id: string;
  v: number;
  prevSum: string;
  sum: string;
  out: unknown[];
  events: ({ type: string } & Record<string, unknown>)[];
}
export interface Books {
  records: number;
  /** Sum of every account, in fen; `all` must be 0. */
  accounts: Map<string, number>;
  allFen: number;
  /** Holds placed, by order, and what is still outstanding of them. */
  holdsPlaced: Map<string, number>;
  holdsOpenFen: number;
  /** Order ids by their newest status. */
  orders: Map<string, string>;
  /** How often each kind of event happened to an order, by `<order> <event>`. */
  happened: Map<string, number>;
  /** Actors whose versions have a gap, a double, or a broken chain of sums. */
  broken: string[];
}

const OUTCOME: Record<string, string> = {
  ChargeRequested: "authorizing",
  ChargeDeclined: "declined",
  StartOrdered: "starting",
  ChargeStartFailed: "start-failed",
  ChargeStarted: "charging",
  CardChargeStarted: "charging",
  ChargeEnded: "awaiting-payment",
  OrderPaid: "paid",
  OrderOverdue: "overdue",
};

/** Folds the whole archive of a database. */
export async function booksOf(db: Db): Promise<Books> {
  const rows = await db.collection<Row>("archive").find({}).sort({ kind: 1, id: 1, v: 1 })
    .toArray();
  const books: Books = {
    records: rows.length,
    accounts: new Map(),
    allFen: 0,
    holdsPlaced: new Map(),
    holdsOpenFen: 0,
    orders: new Map(),
    happened: new Map(),
    broken: [],
  };
  let before: Row | null = null;
  for (const row of rows) {
    const same: Row | null = before?.kind === row.kind && before.id === row.id ? before : null;
    const follows = row.v === (same?.v ?? 0) + 1 && (same === null || row.prevSum === same.sum);
    if (!follows) books.broken.push(`${row.kind}/${row.id}#${row.v}`);
    for (const event of row.events) enter(books, row, event);
    before = row;
  }
  for (const [account, fen] of books.accounts) {
    books.allFen += fen;
    if (account.startsWith("hold:")) books.holdsOpenFen -= fen;
  }
  return books;
}

function enter(books: Books, row: Row, event: Row["events"][number]): void {
  const postings = (event["postings"] ?? []) as { account: string; fen: number }[];
  for (const { account, fen } of postings) {
    books.accounts.set(account, (books.accounts.get(account) ?? 0) + fen);
  }
  if (row.kind === "wallet" && event.type === "HoldPlaced") {
    const order = String(event["orderId"]);
    books.holdsPlaced.set(order, (books.holdsPlaced.get(order) ?? 0) + 1);
  }
  if (row.kind !== "order") return;
  const what = `${row.id} ${event.type}`;
  books.happened.set(what, (books.happened.get(what) ?? 0) + 1);
  const status = OUTCOME[event.type];
  if (status) books.orders.set(row.id, status);
}

/** Opens the platform's database for a look. */
export async function openDatabase(url: string): Promise<{ db: Db } & AsyncDisposable> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
  await client.connect();
  return { db: client.db("chargeward"), [Symbol.asyncDispose]: () => client.close() };
}

/** The books once the archive has caught up with the journal: nothing new for a while. */
export async function settledBooks(db: Db, quietMs = 1_500, maxMs = 60_000): Promise<Books> {
  const until = performance.now() + maxMs;
  let count = -1;
  let since = performance.now();
  while (performance.now() < until) {
    const now = await db.collection("archive").countDocuments();
    if (now !== count) since = performance.now();
    else if (performance.now() - since >= quietMs) break;
    count = now;
    await new Promise((done) => setTimeout(done, 200));
  }
  return await booksOf(db);
}
