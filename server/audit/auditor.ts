// The standing auditor: follows the archive at its own pace, behind the projector's position, folds it
// by itself, and holds what is shown (snapshots, statements) against its books.
import type { Db } from "mongodb";
import { Books, type Moved } from "./books.ts";
import type { DrilledPeople } from "./drilled-people.ts";
import { type AuditRow, type Difference, num, obj, ownerOf, type Skips } from "./rows.ts";

const KINDS = ["wallet", "order", "payment", "reservation"];
const BATCH = 2_000;
/** Messages between actors take milliseconds; retries of a sick one some minutes. */
export const GRACE_MS = 600_000;

/** What one look came to. */
export interface Audit {
  /** Records of money that were read in all. */
  rows: number;
  differences: Difference[];
}
/** What is left out; nothing where nobody plays drills. */
export interface LeftOut {
  /** A drill has the audit of these off. */
  off: Skips;
  /** Their books were made wrong on purpose. */
  people: DrilledPeople;
}
interface PositionRow {
  _id: string;
  seq: number;
  epoch?: string;
}
interface Stored extends AuditRow {
  _id: string;
  stream: number;
  seq: number;
}

export class Auditor {
  #books = new Books();
  /** By stream: how far it was read, of which history. */
  #read = new Map<string, { seq: number; epoch: string }>();

  constructor(
    readonly db: Db,
    readonly graceMs: number = GRACE_MS,
    readonly leftOut: LeftOut | null = null,
  ) {}

  /** Reads what is new, and answers with everything that does not fit. */
  async look(now: number): Promise<Audit> {
    const positions = await this.db.collection<PositionRow>("positions").find().toArray();
    if (positions.some(({ _id, epoch = "" }) => (this.#read.get(_id)?.epoch ?? epoch) !== epoch)) {
      this.#books = new Books(); // the journal was restored: everything is read anew
      this.#read.clear();
    }
    for (const position of positions) await this.#follow(position);
    await this.#heldAgainst(this.#books.moved());
    return { rows: this.#books.rows, differences: await this.#differences(now) };
  }

  async #differences(now: number): Promise<Difference[]> {
    const { leftOut, graceMs } = this;
    if (leftOut === null) return this.#books.differences(now, graceMs);
    const { off, people } = leftOut;
    const found = this.#books.differences(now, graceMs, off);
    const over = await people.over(new Set(found.map(({ owner }) => owner)), now);
    if (over.size === 0) return found;
    const skips: Skips = (owner, rule) => over.has(owner) || off(owner, rule);
    return this.#books.differences(now, graceMs, skips);
  }

  async #follow({ _id, seq: upTo, epoch = "" }: PositionRow): Promise<void> {
    const stream = Number(/\d+$/.exec(_id)?.[0]);
    let from = this.#read.get(_id)?.seq ?? 0;
    while (from < upTo) {
      const rows = await this.db.collection<Stored>("archive")
        .find({ stream, seq: { $gt: from, $lte: upTo }, kind: { $in: KINDS } })
        .project<Stored>({ tenant: 1, kind: 1, id: 1, v: 1, at: 1, events: 1, seq: 1 })
        .sort({ seq: 1 }).limit(BATCH).toArray();
      for (const row of rows) this.#books.take(row);
      from = rows.length < BATCH ? upTo : rows.at(-1)!.seq;
    }
    this.#read.set(_id, { seq: from, epoch });
  }

  /** The newest state and each line of the statement must show what the book says. */
  async #heldAgainst(moved: readonly Moved[]): Promise<void> {
    const wallets = Map.groupBy(moved, ({ tenant, id }) => `${tenant}/${id}`);
    for (const [key, own] of wallets) {
      const { tenant, id } = own[0]!;
      await this.#statement(tenant, id, own);
      await this.#state(key, tenant, id);
    }
  }

  async #statement(tenant: string, id: string, own: readonly Moved[]): Promise<void> {
    const filter = { tenant, userId: id, v: { $gte: own[0]!.v, $lte: own.at(-1)!.v } };
    const lines = await this.db.collection("wallet-lines").find(filter).toArray();
    const last = new Map<number, number>(); // a record of two movements has two lines
    for (const line of lines.toSorted((a, b) => String(a["key"]) < String(b["key"]) ? -1 : 1)) {
      last.set(num(line["v"]), num(obj(line["view"])["balanceFen"]));
    }
    const after = new Map(own.map(({ v, balanceFen }) => [v, balanceFen]));
    for (const [v, balanceFen] of after) {
      const saysFen = last.get(v);
      if (saysFen === balanceFen) continue;
      const what = `its statement says ${saysFen ?? "nothing"}, the book ${balanceFen} fen`;
      const where = `${tenant}/wallet/${id}#${v}`;
      this.#books.note({ rule: "balance-shown", where, what, owner: ownerOf(tenant, id) });
    }
  }

  async #state(key: string, tenant: string, id: string): Promise<void> {
    const row = await this.db.collection("snapshots").findOne({ tenant, kind: "wallet", id });
    const { v, state } = obj(JSON.parse(String(row?.["record"] ?? "{}")));
    const book = this.#books.wallets.get(key)!;
    if (num(v) !== book.v) return; // it went on meanwhile: seen at the next look
    const balanceFen = num(obj(state)["balanceFen"]);
    if (balanceFen === book.balanceFen) return;
    const what = `its state says ${balanceFen}, the book ${book.balanceFen} fen`;
    const where = `${tenant}/wallet/${id}#${book.v}`;
    this.#books.note({ rule: "balance-shown", where, what, owner: ownerOf(tenant, id) });
  }
}
