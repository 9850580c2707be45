// The auditor's own fold of the archive: what lies in each account, what each order was billed, took
// and held, which payments came in. Fed row by row in the order of versions, it says what cannot be.
import { Payments } from "./payment-fold.ts";
import { billFault } from "./rebill.ts";
import {
  type AuditEvent,
  type AuditRow,
  type Difference,
  list,
  num,
  obj,
  type Rule,
  text,
} from "./rows.ts";

interface OrderFold {
  tariff: Record<string, unknown> | null;
  /** Since when nothing more is to come of it; null: something is. */
  overSince: number | null;
  /** What the order calls paid. */
  paidFen: number | null;
  /** Booked as revenue for it, by wallets. */
  revenueFen: number;
  couponFen: number;
  refundFen: number;
  adjustedFen: number;
}
/** One movement, and the balance that it led to. */
export interface Moved {
  tenant: string;
  id: string;
  v: number;
  balanceFen: number;
}
interface CouponFold {
  used: number;
  back: number;
}

/** What has been right for so long is not looked at again; later movements of it are. */
const FORGET_MS = 7 * 86_400_000;

export class Books {
  /** Sum of each account that is not zero, debit positive; by tenant. */
  readonly accounts = new Map<string, number>();
  /** What each wallet has at its newest record that was read. */
  readonly wallets = new Map<string, { v: number; balanceFen: number }>();
  /** Movements since the last `moved()`: the balance after each. */
  #moved: Moved[] = [];
  rows = 0;
  #sum = 0;
  readonly #orders = new Map<string, OrderFold>();
  readonly #payments = new Payments();
  readonly #coupons = new Map<string, CouponFold>();
  readonly #found = new Map<string, Difference>();

  take(row: AuditRow): void {
    this.rows++;
    if (row.kind === "wallet") this.#look(row);
    for (const event of row.events) {
      if (row.kind === "wallet") this.#wallet(row, event);
      else if (row.kind === "order") this.#order(row, event);
      else if (row.kind === "payment") this.#payments.take(row, event);
    }
  }

  /** All that does not fit; what may still be on its way is given `graceMs` from its last record. */
  differences(now: number, graceMs: number): Difference[] {
    const open: Difference[] = [...this.#found.values()];
    if (this.#sum !== 0) open.push(found("book-sum", "all accounts", `they sum to ${this.#sum}`));
    const isDue = (at: number): boolean => at + graceMs <= now;
    const isOld = (at: number): boolean => at + FORGET_MS <= now;
    for (const [key, order] of this.#orders) {
      if (order.overSince === null || !isDue(order.overSince)) continue;
      const own = this.#orderDifferences(key, order);
      if (own.length === 0 && isOld(order.overSince)) this.#orders.delete(key);
      open.push(...own);
    }
    open.push(...this.#payments.differences({ isDue, isOld }));
    for (const [key, { used, back }] of this.#coupons) {
      if (back > 1 || used > back + 1) {
        open.push(found("coupon-once", key, `used ${used} times, given back ${back}`));
      }
    }
    return open;
  }

  #orderDifferences(key: string, order: OrderFold): Difference[] {
    const [tenant = "", , id = ""] = key.split("/");
    const open: Difference[] = [];
    const heldFen = this.accounts.get(`${tenant}/hold:${id}`) ?? 0;
    if (heldFen !== 0) open.push(found("hold-closed", key, `${0 - heldFen} fen are still held`));
    if (order.paidFen !== null) {
      const dueFen = this.accounts.get(`${tenant}/due:${id}`) ?? 0;
      const tookFen = order.revenueFen - order.couponFen - order.adjustedFen - dueFen;
      if (tookFen !== order.paidFen) {
        const what = `it calls ${order.paidFen} fen paid, the book took ${tookFen}`;
        open.push(found("paid-in-full", key, what));
      }
      if (order.refundFen > tookFen) {
        const what = `${order.refundFen} fen went back of ${tookFen} taken`;
        open.push(found("refund-bounded", key, what));
      }
    }
    return open;
  }

  /** Movements that were read since the last call. */
  moved(): Moved[] {
    return this.#moved.splice(0);
  }

  /** A difference that somebody else saw, in what is shown of these books. */
  note(difference: Difference): void {
    this.#say(difference.rule, difference.where, difference.what);
  }

  #say(rule: Rule, where: string, what: string): void {
    this.#found.set(`${rule} ${where} ${what}`, found(rule, where, what));
  }

  #wallet(row: AuditRow, event: AuditEvent): void {
    const { tenant, id, v } = row;
    const where = `${tenant}/wallet/${id}#${v}`;
    this.#couponEvent(tenant, event);
    if (event.type === "PaymentBooked") this.#payments.booked(row, event);
    if (event.type === "RefundBooked") this.#payments.refunded(row, event);
    if (!("postings" in event)) return;
    let sum = 0;
    for (const posting of list(event["postings"])) {
      const fen = num(posting["fen"]);
      sum += fen;
      if (!Number.isSafeInteger(fen)) this.#say("book-sum", where, `${event.type}: no whole fen`);
      this.#post(tenant, text(posting["account"]), fen, text(event["orderId"]));
    }
    this.#sum += sum;
    if (sum !== 0) this.#say("book-sum", where, `${event.type} sums to ${sum}`);
    const balanceFen = num(event["balanceFen"]);
    const bookFen = 0 - (this.accounts.get(`${tenant}/wallet:${id}`) ?? 0);
    if (balanceFen !== bookFen || bookFen < 0) {
      this.#say("balance-shown", where, `${balanceFen} fen shown, ${bookFen} in the book`);
    }
    this.#moved.push({ tenant, id, v, balanceFen: bookFen });
    this.wallets.set(`${tenant}/${id}`, { v, balanceFen: bookFen });
  }

  #look({ tenant, id, v }: AuditRow): void {
    const key = `${tenant}/${id}`;
    this.wallets.set(key, { v, balanceFen: this.wallets.get(key)?.balanceFen ?? 0 });
  }

  #post(tenant: string, account: string, fen: number, orderId: string): void {
    const key = `${tenant}/${account}`;
    const after = (this.accounts.get(key) ?? 0) + fen;
    if (after === 0) this.accounts.delete(key);
    else this.accounts.set(key, after);
    if (orderId === "") return;
    const order = this.#orderAt(`${tenant}/order/${orderId}`);
    if (account.startsWith("revenue:")) order.revenueFen -= fen;
    else if (account === "coupon") order.couponFen += fen;
    else if (account === "refund") order.refundFen += fen;
    else if (account === "adjustment") order.adjustedFen += fen;
  }

  #couponEvent(tenant: string, event: AuditEvent): void {
    if (event.type !== "CouponUsed" && event.type !== "CouponReturned") return;
    const key = `${tenant}/coupon/${text(event["couponId"])}`;
    const coupon = this.#coupons.get(key) ?? { used: 0, back: 0 };
    if (event.type === "CouponUsed") coupon.used++;
    else coupon.back++;
    this.#coupons.set(key, coupon);
  }

  #orderAt(key: string): OrderFold {
    const known = this.#orders.get(key);
    if (known) return known;
    const fresh: OrderFold = {
      tariff: null,
      overSince: null,
      paidFen: null,
      revenueFen: 0,
      couponFen: 0,
      refundFen: 0,
      adjustedFen: 0,
    };
    this.#orders.set(key, fresh);
    return fresh;
  }

  #order({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const key = `${tenant}/order/${id}`;
    const order = this.#orderAt(key);
    switch (event.type) {
      case "ConnectorKept":
      case "CardChargeStarted":
        order.tariff = obj(event["tariff"]);
        return;
      case "ChargeDeclined":
      case "CardRefused":
      case "IdleProven":
        order.overSince ??= at;
        return;
      case "ChargeStartFailed":
        if (event["proven"] === true) order.overSince ??= at;
        return;
      case "ChargeEnded": {
        const { tariff } = order;
        const bill = obj(event["bill"]);
        const fault = tariff === null
          ? "it has no frozen tariff"
          : billFault(bill, list(event["segments"]), tariff);
        if (fault !== null) this.#say("bill-recomputed", key, fault);
        order.tariff = null; // it is needed no more
        return;
      }
      case "OrderPaid":
        if (order.paidFen !== null) this.#say("paid-in-full", key, "it was paid twice");
        order.paidFen = num(event["fen"]);
        order.overSince ??= at;
    }
  }
}

const found = (rule: Rule, where: string, what: string): Difference => ({ rule, where, what });
