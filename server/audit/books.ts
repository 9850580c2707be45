// The auditor's own fold of the archive: what lies in each account, what each order was billed, took
// and held, which payments came in. Fed row by row in the order of versions, it says what cannot be.
import { Deposits } from "./deposit-fold.ts";
import { freshOrder, orderFaults, type OrderFold, postToOrder, takeOrder } from "./order-fold.ts";
import { Payments } from "./payment-fold.ts";
import {
  type AuditEvent,
  type AuditRow,
  type Difference,
  list,
  num,
  ownerOf,
  type Rule,
  type Skips,
  text,
} from "./rows.ts";

/** One movement, and the balance that it led to. */
export interface Moved {
  tenant: string;
  id: string;
  v: number;
  balanceFen: number;
}
interface CouponFold {
  owner: string;
  used: number;
  back: number;
}

/** What has been right for so long is not looked at again; later movements of it are. */
const FORGET_MS = 7 * 86_400_000;
const nobody: Skips = () => false;

export class Books {
  /** Sum of each account that is not zero, debit positive; by tenant. */
  readonly accounts = new Map<string, number>();
  /** What each wallet has at its newest record that was read. */
  readonly wallets = new Map<string, { v: number; balanceFen: number }>();
  /** Movements since the last `moved()`: the balance after each. */
  #moved: Moved[] = [];
  rows = 0;
  /** What the movements of an owner sum to, where that is not zero. */
  readonly #sums = new Map<string, number>();
  readonly #orders = new Map<string, OrderFold>();
  readonly #payments = new Payments();
  readonly #deposits = new Deposits();
  readonly #coupons = new Map<string, CouponFold>();
  readonly #found = new Map<string, Difference>();

  take(row: AuditRow): void {
    this.rows++;
    if (row.kind === "wallet") this.#look(row);
    for (const event of row.events) {
      if (row.kind === "wallet") this.#wallet(row, event);
      else if (row.kind === "order") this.#order(row, event);
      else if (row.kind === "payment") this.#payments.take(row, event);
      else if (row.kind === "reservation") this.#deposits.take(row, event);
    }
  }

  /** All that does not fit; what may still be on its way is given `graceMs` from its last record. */
  differences(now: number, graceMs: number, skips: Skips = nobody): Difference[] {
    const open: Difference[] = [...this.#found.values()];
    const sums = [...this.#sums].filter(([owner]) => !skips(owner, "book-sum"));
    const sum = sums.reduce((all, [, fen]) => all + fen, 0);
    if (sum !== 0) open.push(found("book-sum", "all accounts", `they sum to ${sum}`, ""));
    const isDue = (at: number): boolean => at + graceMs <= now;
    const isOld = (at: number): boolean => at + FORGET_MS <= now;
    for (const [key, order] of this.#orders) {
      const { overSince, awaitsMeter } = order;
      if (overSince === null || !isDue(overSince)) continue;
      const own = this.#orderDifferences(key, order);
      if (own.length === 0 && !awaitsMeter && isOld(overSince)) this.#orders.delete(key);
      open.push(...own);
    }
    open.push(...this.#payments.differences({ isDue, isOld }));
    const left = (key: string) => this.accounts.get(key.replace("/reservation/", "/deposit:")) ?? 0;
    open.push(...this.#deposits.differences({ isDue, isOld }, left));
    for (const [key, { used, back, owner }] of this.#coupons) {
      if (back > 1 || used > back + 1) {
        open.push(found("coupon-once", key, `used ${used} times, given back ${back}`, owner));
      }
    }
    return open.filter(({ owner, rule }) => !skips(owner, rule));
  }

  #orderDifferences(key: string, order: OrderFold): Difference[] {
    const [tenant = "", , id = ""] = key.split("/");
    const heldFen = this.accounts.get(`${tenant}/hold:${id}`) ?? 0;
    const dueFen = this.accounts.get(`${tenant}/due:${id}`) ?? 0;
    return orderFaults(order, heldFen, dueFen)
      .map(([rule, what]) => found(rule, key, what, order.owner));
  }

  /** Movements that were read since the last call. */
  moved(): Moved[] {
    return this.#moved.splice(0);
  }

  /** A difference that somebody else saw, in what is shown of these books. */
  note({ rule, where, what, owner }: Difference): void {
    this.#found.set(`${rule} ${where} ${what}`, found(rule, where, what, owner));
  }

  #wallet(row: AuditRow, event: AuditEvent): void {
    const { tenant, id, v } = row;
    const where = `${tenant}/wallet/${id}#${v}`;
    const owner = ownerOf(tenant, id);
    const say = (rule: Rule, what: string) => this.note({ rule, where, what, owner });
    this.#couponEvent(tenant, owner, event);
    const isPaid = event.type === "PaymentBooked" ||
      (event.type === "OverstayBooked" && "paymentId" in event);
    if (isPaid) this.#payments.booked(row, event);
    if (event.type === "RefundBooked") this.#payments.refunded(row, event);
    this.#deposits.booked(row, event);
    if (!("postings" in event)) return;
    let sum = 0;
    for (const posting of list(event["postings"])) {
      const fen = num(posting["fen"]);
      sum += fen;
      if (!Number.isSafeInteger(fen)) say("book-sum", `${event.type}: no whole fen`);
      this.#post(row, text(posting["account"]), fen, event);
    }
    if (sum !== 0) {
      this.#sums.set(owner, (this.#sums.get(owner) ?? 0) + sum);
      say("book-sum", `${event.type} sums to ${sum}`);
    }
    const balanceFen = num(event["balanceFen"]);
    const bookFen = 0 - (this.accounts.get(`${tenant}/wallet:${id}`) ?? 0);
    if (balanceFen !== bookFen || bookFen < 0) {
      say("balance-shown", `${balanceFen} fen shown, ${bookFen} in the book`);
    }
    this.#moved.push({ tenant, id, v, balanceFen: bookFen });
    this.wallets.set(`${tenant}/${id}`, { v, balanceFen: bookFen });
  }

  #look({ tenant, id, v }: AuditRow): void {
    const key = `${tenant}/${id}`;
    this.wallets.set(key, { v, balanceFen: this.wallets.get(key)?.balanceFen ?? 0 });
  }

  #post({ tenant, id }: AuditRow, account: string, fen: number, event: AuditEvent): void {
    const key = `${tenant}/${account}`;
    const after = (this.accounts.get(key) ?? 0) + fen;
    if (after === 0) this.accounts.delete(key);
    else this.accounts.set(key, after);
    const orderId = text(event["orderId"]);
    if (orderId === "") return;
    const order = this.#orderAt(`${tenant}/order/${orderId}`);
    order.owner = ownerOf(tenant, id);
    postToOrder(order, event.type, account, fen);
  }

  #couponEvent(tenant: string, owner: string, event: AuditEvent): void {
    if (event.type !== "CouponUsed" && event.type !== "CouponReturned") return;
    const key = `${tenant}/coupon/${text(event["couponId"])}`;
    const coupon = this.#coupons.get(key) ?? { used: 0, back: 0, owner };
    if (event.type === "CouponUsed") coupon.used++;
    else coupon.back++;
    this.#coupons.set(key, coupon);
  }

  #orderAt(key: string): OrderFold {
    const known = this.#orders.get(key);
    if (known) return known;
    const fresh = freshOrder();
    this.#orders.set(key, fresh);
    return fresh;
  }

  #order({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const where = `${tenant}/order/${id}`;
    const order = this.#orderAt(where);
    if ("userId" in event) order.owner = ownerOf(tenant, text(event["userId"]));
    const { owner } = order;
    takeOrder(order, event, at, (rule, what) => this.note({ rule, where, what, owner }));
  }
}

const found = (rule: Rule, where: string, what: string, owner: string): Difference => (
  { rule, where, what, owner }
);
