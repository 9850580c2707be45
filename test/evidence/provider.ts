// Charges against a provider that does everything wrong: it acts and drops, drops and acts, hangs, fails
// after success, dies on either side of its commit, calls back late, twice, out of order, with another
// amount, and strangers call in its name. In the end both books are the same.
import { type Random, seeded } from "../../sim/random.ts";
import type { BillRow } from "../../server/payment/mod.ts";
import { compareRows } from "../../server/reconcile/compare.ts";
import type { PaymentView } from "../../wire/money.ts";
import { type Market, openMarket, type OrderState } from "../kit/charge-market.ts";
import { chinaDay, RATES } from "./sandbox.ts";

export interface ProviderRun {
  seed: number;
  charges: number;
  payments: number;
  paid: number;
  refunds: number;
  /** Of the sandbox, on either side of its commit. */
  deaths: number;
  /** Callbacks that were refused with 401; each is one line of audit. */
  refused: number;
  audited: number;
  callbacks: Record<string, number>;
  misbehaved: Record<string, number>;
  /** What does not fit; nothing: all does. */
  wrong: string[];
  seconds: number;
}

const AT_ONCE = 64;
const USERS = 100;
const SETTLED_MS = 900_000; // an end, not an aim: a quiet machine needs some seconds
const KINDS = Object.keys(RATES) as (keyof typeof RATES)[];
const EXTRA_MAX = 100;
const pad = (n: number) => String(n).padStart(6, "0");
const userOf = (n: number) => `usr_mkt${pad(n % USERS)}`;

async function ask(
  market: Market,
  kind: string,
  id: string,
  type: string,
  body: object,
  by: string,
) {
  const [who, name] = by.split(":") as ["driver" | "actor", string];
  for (;;) {
    const reply = await market.node.ask({
      id: `${type}-${id}-${by}`,
      to: { tenant: "main", kind, id },
      type,
      body: { ...body },
      principal: { kind: who, id: name },
      ttlMs: 60_000,
      cause: "test",
      correlation: id,
    });
    if (!("fault" in reply)) return reply; // else again, under the same key
  }
}
async function show<T>(market: Market, kind: string, id: string): Promise<T> {
  const principal = { kind: "system" as const, id: "test" };
  for (;;) {
    const to = { tenant: "main", kind, id };
    const reply = await market.node.read({ to, name: "show", query: {}, principal });
    if (reply.ok) return reply.body as T;
    if (!("fault" in reply)) throw new TypeError(`${kind}/${id}: ${JSON.stringify(reply)}`);
  }
}

interface Scope {
  market: Market;
  random: Random;
  seed: number;
}
interface Plan {
  n: number;
  by: "wechat" | "alipay";
  fen: number;
  isBill: boolean;
  /** Two attempts for one bill at the same time: what must never be kept. */
  isDouble: boolean;
  /** What the user does: pays, pays with an empty account, gives up, gives up and pays, nothing. */
  does: "pays" | "fails" | "closes" | "closes-and-pays" | "nothing";
}
const planOf = (random: Random, n: number): Plan => {
  const isBill = random.next() < 0.5;
  return {
    n,
    by: random.pick(["wechat", "alipay"]),
    fen: 100 + Math.floor(random.next() * 5_000),
    isBill,
    isDouble: isBill && random.next() < 0.15,
    does: (["pays", "fails", "closes", "closes-and-pays", "nothing"] as const)[
      random.weighted([80, 4, 6, 6, 4])
    ]!,
  };
};

async function attempt({ market, random }: Scope, plan: Plan, id: string): Promise<void> {
  const { n, by, fen, isBill, does } = plan;
  const userId = userOf(n);
  const orderId = `ord_mkt${pad(n)}`;
  const split = isBill ? { energyFen: fen - 50, serviceFen: 50 } : { energyFen: 0, serviceFen: 0 };
  const purpose = isBill ? { purpose: "bill", orderId } : { purpose: "recharge" };
  const body = { userId, ...purpose, fen, ...split, by };
  const who = isBill ? `actor:order/${orderId}` : `driver:${userId}`;
  await ask(market, "payment", id, "OpenPayment", body, who);
  const closes = does === "closes" || does === "closes-and-pays";
  if (closes && random.next() < 0.5) await market.lever("GET", `/sandbox/pay/${id}`); // looked at it
  if (closes) await ask(market, "payment", id, "ClosePayment", {}, `driver:${userId}`);
  if (does === "closes" || does === "nothing") return;
  const outcome = does === "fails" ? "fail" : "success";
  await market.lever("POST", `/sandbox/pay/${id}`, { outcome });
}

async function charge(scope: Scope, plan: Plan): Promise<string[]> {
  const ids = [`pay_mkt${pad(plan.n)}a`, ...(plan.isDouble ? [`pay_mkt${pad(plan.n)}b`] : [])];
  await Promise.all(ids.map((id) => attempt(scope, plan, id)));
  return ids;
}

async function inTurns<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await each(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const isOver = ({ status, refunds = [] }: PaymentView): boolean =>
  (status === "succeeded" || status === "failed" || status === "closed") &&
  refunds.every(({ stage }) => stage === "stood");
const goneFen = ({ refunds = [] }: PaymentView): number =>
  refunds.reduce((sum, { fen }) => sum + fen, 0);

/** Every payment's last word; the provider's late callbacks are waited for by comparing. */
async function settled(
  market: Market,
  ids: string[],
  wrong: string[],
): Promise<Map<string, PaymentView>> {
  const views = new Map<string, PaymentView>();
  const until = Date.now() + SETTLED_MS;
  for (;;) {
    await inTurns(ids, async (id) => void views.set(id, await show(market, "payment", id)));
    const open = [...views.values()].filter((view) => !isOver(view));
    const differ = compareRows(await bills(market), views);
    if (open.length === 0 && differ.length === 0) return views;
    if (Date.now() > until) {
      wrong.push(...open.map(({ paymentId, status }) => `${paymentId} is ${status}`));
      wrong.push(...differ.map(({ kind, paymentId }) => `${kind} ${paymentId}`));
      return views;
    }
    await new Promise((done) => setTimeout(done, 500));
  }
}

async function bills(market: Market): Promise<BillRow[]> {
  const rows: BillRow[] = [];
  for (const by of ["wechat", "alipay"] as const) {
    const bill = await market.payment.bill(by, chinaDay(Date.now()));
    if (bill.ok) rows.push(...bill.rows);
  }
  return rows;
}

/** Each kind at least once, whatever was drawn: charges go on until the sandbox has said so. */
async function untilAllDone(scope: Scope, from: number, ids: string[]): Promise<void> {
  const { market, random, seed } = scope;
  for (let n = from; n < from + EXTRA_MAX; n += 2) {
    const log = await market.log();
    const missing = KINDS.find((kind) => !log.includes(`misbehaves: ${kind}\n`));
    if (missing === undefined) return;
    await market.behave({ next: [missing], rates: RATES, seed: seed + n });
    ids.push(...await charge(scope, { ...planOf(random, n), does: "closes" }));
    ids.push(...await charge(scope, { ...planOf(random, n + 1), does: "pays" }));
  }
}

/** Both have the same, fen by fen, payment by payment; no bill is kept twice. */
function booksDiffer(
  market: Market,
  views: ReadonlyMap<string, PaymentView>,
  rows: BillRow[],
): string[] {
  const wrong: string[] = [];
  const same = (what: string, theirs: number, ours: number) => {
    if (theirs !== ours) wrong.push(`${what}: theirs ${theirs}, ours ${ours}`);
  };
  const net = { wechat: 0, alipay: 0 };
  const theirs = new Map<string, number>();
  for (const { kind, fen, paymentId } of rows) {
    const moved = kind === "pay" ? fen : -fen;
    net[views.get(paymentId)!.by] += moved;
    theirs.set(paymentId, (theirs.get(paymentId) ?? 0) + moved);
  }
  for (const view of views.values()) {
    const ours = view.status === "succeeded" ? view.fen - goneFen(view) : 0;
    same(view.paymentId, theirs.get(view.paymentId) ?? 0, ours);
  }
  const paid = rows.filter(({ kind }) => kind === "pay");
  same("payments taken once", paid.length, new Set(paid.map(({ paymentId }) => paymentId)).size);
  const book = market.book();
  same("the whole book", 0, [...book.values()].reduce((sum, fen) => sum + fen, 0));
  same("wechat", net.wechat, book.get("provider:wechat") ?? 0);
  same("alipay", net.alipay, book.get("provider:alipay") ?? 0);
  return wrong;
}

/** Of each order at most one success was kept, and it heard of one alone. */
async function doubleDebits(
  market: Market,
  views: ReadonlyMap<string, PaymentView>,
): Promise<string[]> {
  const wrong: string[] = [];
  const kept = [...views.values()].filter((view) =>
    view.status === "succeeded" && goneFen(view) < view.fen && view.orderId !== undefined
  ).map(({ orderId }) => orderId!);
  if (new Set(kept).size !== kept.length) wrong.push("a bill was debited twice");
  for (const orderId of kept) {
    const { settled: heard } = await show<OrderState>(market, "order", orderId);
    const successes = heard.filter(({ outcome }) => outcome === "succeeded").length;
    if (successes !== 1) wrong.push(`${orderId} heard of ${successes} successes`);
  }
  return wrong;
}

export async function runProvider(seed: number, charges: number): Promise<ProviderRun> {
  const begun = performance.now();
  await using market = await openMarket();
  const scope = { market, random: seeded(seed), seed };
  for (let n = 0; n < USERS; n++) {
    const who = `actor:user/${userOf(n)}`;
    await ask(market, "wallet", userOf(n), "OpenWallet", { currency: "CNY" }, who);
  }
  await market.behave({ next: [], rates: RATES, seed });
  const plans = Array.from({ length: charges }, (_, n) => planOf(scope.random, n));
  const ids: string[] = [];
  await inTurns(plans, async (plan) => void ids.push(...await charge(scope, plan)));
  await untilAllDone(scope, charges, ids);
  await market.behave({ next: [] }); // it heals; what it owes comes
  const wrong: string[] = [];
  const views = await settled(market, ids, wrong);
  const rows = await bills(market);
  wrong.push(...booksDiffer(market, views, rows), ...await doubleDebits(market, views));
  const log = await market.log();
  const times = (kind: string) => log.split(`misbehaves: ${kind}\n`).length - 1;
  const misbehaved = Object.fromEntries(KINDS.map((kind) => [kind, times(kind)]));
  for (const kind of KINDS) if (misbehaved[kind] === 0) wrong.push(`it never did ${kind}`);
  const audited = market.audited.filter(({ audit }) => audit === "payment.forged").length;
  const refused = market.answers.get(401) ?? 0;
  if (audited !== refused) wrong.push(`${refused} callbacks refused, ${audited} on record`);
  if (refused < misbehaved["forged"]!) wrong.push("a forgery was not refused");
  return {
    seed,
    charges,
    payments: ids.length,
    paid: rows.filter(({ kind }) => kind === "pay").length,
    refunds: rows.filter(({ kind }) => kind === "refund").length,
    deaths: market.deaths(),
    refused,
    audited,
    callbacks: Object.fromEntries(market.answers),
    misbehaved,
    wrong,
    seconds: Math.round((performance.now() - begun) / 1_000),
  };
}
