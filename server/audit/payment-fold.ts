// What the auditor knows of payments and of what goes back of them through their providers: what came in
// is booked once, and what goes back has left its wallet once, if it had ever been booked there.
import { type AuditEvent, type AuditRow, type Difference, num, ownerOf, text } from "./rows.ts";

interface PaymentFold {
  /** Tenant and user; empty: not read yet. */
  owner: string;
  fen: number | null;
  succeededAt: number | null;
  bookedAt: number | null;
  booked: number;
  bookedFen: number;
  purpose: string;
  /** Its bill was paid already: it goes back, and is booked nowhere. */
  isDouble: boolean;
  /** Asked back of the provider, each refund once. */
  backFen: number;
}
interface RefundFold {
  owner: string;
  /** What the provider was asked for. */
  askedFen: number | null;
  booked: number;
  bookedFen: number;
  /** Of money that no wallet has booked: too late, or for a bill that was paid. */
  wasUnbooked: boolean;
  /** Stood or declined: nothing of it is sent again. */
  isOver: boolean;
  at: number;
}
/** May what happened at that moment still be on its way? And is it old enough to be forgotten? */
interface Ages {
  isDue(at: number): boolean;
  isOld(at: number): boolean;
}

export class Payments {
  readonly #payments = new Map<string, PaymentFold>();
  readonly #refunds = new Map<string, RefundFold>();

  /** An event of a payment's own record. */
  take({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const key = `${tenant}/payment/${id}`;
    const refundId = text(event["refundId"]);
    switch (event.type) {
      case "PaymentRequested": {
        const payment = this.#paymentAt(key);
        payment.owner = ownerOf(tenant, text(event["userId"]));
        payment.purpose = text(event["purpose"]);
        payment.fen = num(event["fen"]);
        return;
      }
      case "PaymentSucceeded":
        this.#paymentAt(key).succeededAt ??= at;
        return;
      case "DoubleDebitFound":
        this.#paymentAt(key).isDouble = true;
        this.#refundAt(tenant, refundId, at).wasUnbooked = true;
        return;
      case "RefundAsked":
        return this.#asked(key, this.#refundAt(tenant, refundId || `${id}-r1`, at), event, at);
      case "RefundStood":
      case "RefundDeclined":
        this.#refundAt(tenant, refundId || `${id}-r1`, at).isOver = true;
    }
  }

  /** A wallet is told by its payment, whose own record lies before; but perhaps not here yet. */
  booked({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const payment = this.#paymentAt(`${tenant}/payment/${text(event["paymentId"])}`);
    payment.owner = ownerOf(tenant, id);
    payment.booked++;
    payment.bookedFen += num(event["fen"]);
    payment.bookedAt = at;
  }

  /** Money left a wallet, to go back through the provider. */
  refunded({ tenant, id, at }: AuditRow, event: AuditEvent): void {
    const refund = this.#refundAt(tenant, text(event["refundId"]), at);
    refund.owner = ownerOf(tenant, id);
    refund.booked++;
    refund.bookedFen += num(event["fen"]);
    refund.at = Math.max(refund.at, at);
  }

  differences(ages: Ages): Difference[] {
    return [...this.#paymentDifferences(ages), ...this.#refundDifferences(ages)];
  }

  #paymentDifferences({ isDue, isOld }: Ages): Difference[] {
    const open: Difference[] = [];
    for (const [where, payment] of this.#payments) {
      const { owner, fen, succeededAt, bookedAt, booked, bookedFen, purpose } = payment;
      const { isDouble, backFen } = payment;
      if (fen !== null && backFen > fen) {
        const what = `${backFen} fen were asked back of ${fen} paid`;
        open.push({ rule: "refund-bounded", where, what, owner });
      }
      const last = Math.max(succeededAt ?? 0, bookedAt ?? 0);
      if (last === 0 || !isDue(last)) continue;
      const wanted = succeededAt !== null && purpose !== "binding" && !isDouble ? 1 : 0;
      if (booked !== wanted) {
        const what = `booked ${booked} times, to be ${wanted}`;
        open.push({ rule: "payment-booked", where, what, owner });
      } else if (wanted === 1 && fen !== null && bookedFen !== fen) {
        const what = `${bookedFen} fen are booked of ${fen} paid`;
        open.push({ rule: "payment-booked", where, what, owner });
      } else if (isOld(last)) this.#payments.delete(where);
    }
    return open;
  }

  #refundDifferences({ isDue, isOld }: Ages): Difference[] {
    const open: Difference[] = [];
    for (const [where, refund] of this.#refunds) {
      const { owner, askedFen, booked, bookedFen, wasUnbooked, isOver, at } = refund;
      if (!isDue(at)) continue;
      const wanted = askedFen !== null && !wasUnbooked ? 1 : 0;
      if (booked !== wanted || bookedFen !== wanted * (askedFen ?? 0)) {
        const sent = askedFen === null ? "it was never sent" : `${askedFen} were sent`;
        const what = `${bookedFen} fen left the wallet in ${booked} bookings, ${sent}`;
        open.push({ rule: "refund-booked", where, what, owner });
      } else if (isOver && isOld(at)) this.#refunds.delete(where);
    }
    return open;
  }

  /** The first time; one that nobody knows the fate of is sent again under its number. */
  #asked(key: string, refund: RefundFold, event: AuditEvent, at: number): void {
    if (refund.askedFen !== null) return;
    refund.askedFen = num(event["fen"]);
    refund.at = Math.max(refund.at, at);
    if (!("refundId" in event)) refund.wasUnbooked = true;
    const payment = this.#payments.get(key); // one that is forgotten was in order
    if (payment) payment.backFen += refund.askedFen;
    refund.owner ||= payment?.owner ?? "";
  }

  #paymentAt(key: string): PaymentFold {
    const known = this.#payments.get(key);
    if (known) return known;
    const fresh: PaymentFold = {
      owner: "",
      fen: null,
      succeededAt: null,
      bookedAt: null,
      booked: 0,
      bookedFen: 0,
      purpose: "",
      isDouble: false,
      backFen: 0,
    };
    this.#payments.set(key, fresh);
    return fresh;
  }

  #refundAt(tenant: string, refundId: string, at: number): RefundFold {
    const key = `${tenant}/refund/${refundId}`;
    const known = this.#refunds.get(key);
    if (known) return known;
    const fresh = {
      owner: "",
      askedFen: null,
      booked: 0,
      bookedFen: 0,
      wasUnbooked: false,
      isOver: false,
      at,
    };
    this.#refunds.set(key, fresh);
    return fresh;
  }
}
