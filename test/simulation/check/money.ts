// M: every posting balances, a hold is captured or released once and never after its end, a charge is
// paid once and never over its bill, and what the provider has not said is never booked.
import { billOf, energyOf } from "../../../actors/tariff/mod.ts";
import type { Posting } from "../../../wire/money.ts";
import type { Bill, Segment, Tariff } from "../../../wire/tariff.ts";
import type { Paid } from "../provider.ts";
import { bare, type Checker, isSame, type Seen, type Verdicts } from "./kit.ts";

type Event = ReturnType<typeof bare>;
interface Hold {
  fen: number;
  status: "held" | "over" | "barred";
}

export class Money {
  readonly accounts = new Map<string, number>();
  readonly holds = new Map<string, Hold>();
  readonly #bills = new Map<string, number>();
  /** What was taken for each order, from wherever. */
  readonly #taken = new Map<string, number>();
  readonly #paid = new Set<string>();

  constructor(
    readonly verdicts: Verdicts,
    readonly payments: ReadonlyMap<string, Paid>,
  ) {}

  readonly check: Checker = (seen) => {
    for (const stored of seen.record.events) {
      const event = bare(stored);
      if (seen.kind === "wallet") this.#wallet(seen, event);
      else if (seen.kind === "order") this.#order(seen, event);
      else if (seen.kind === "payment") this.#payment(seen, event);
    }
  };

  #wallet({ id }: Seen, event: Event): void {
    const { breach, count } = this.verdicts;
    const orderId = String(event["orderId"]);
    const fen = Number(event["fen"]);
    this.#post(event, id);
    const hold = this.holds.get(orderId);
    switch (event.type) {
      case "HoldPlaced":
        if (hold) breach("M2", `${orderId}: a hold stands ${hold.status} already`);
        this.holds.set(orderId, { fen, status: "held" });
        return;
      case "CreditPlaced":
        if (hold) breach("M2", `${orderId}: a hold stands ${hold.status} already`);
        count("credit-placed");
        return void this.holds.set(orderId, { fen, status: "held" });
      case "HoldRaised":
        if (hold?.status !== "held" || hold.fen + fen !== event["toFen"]) {
          breach("M2", `${orderId}: ${fen} fen added to a hold that is not so`);
        }
        count("hold-raised");
        return void this.holds.set(orderId, { fen: Number(event["toFen"]), status: "held" });
      case "CouponUsed":
        return count("coupon-used");
      case "CouponReturned":
        return count("coupon-returned");
      case "AdjustmentBooked":
        return count("adjustment-booked");
      case "HoldBarred":
        count("hold-barred");
        return void this.holds.set(orderId, { fen: 0, status: "barred" });
      case "HoldReleased":
        if (hold?.status !== "held" || hold.fen !== fen) {
          breach("M2", `${orderId}: ${fen} fen released of a hold that is not so`);
        }
        count("hold-released");
        return void this.holds.set(orderId, { fen, status: "over" });
      case "HoldCaptured": {
        const { capturedFen, releasedFen, fromBalanceFen } = event as unknown as {
          capturedFen: number;
          releasedFen: number;
          fromBalanceFen: number;
        };
        if (hold?.status !== "held" || capturedFen + releasedFen !== hold.fen) {
          breach("M2", `${orderId}: capture and release are not the hold`);
        }
        this.holds.set(orderId, { fen: hold?.fen ?? 0, status: "over" });
        return this.#take(orderId, capturedFen + fromBalanceFen);
      }
      case "OverstayBooked": {
        const { paymentId } = event as { paymentId?: string };
        return paymentId === undefined ? undefined : this.#truth(paymentId, fen);
      }
      case "BillPaid":
      case "BillCorrected":
        return this.#take(orderId, fen);
      case "PaymentBooked":
        this.#truth(String(event["paymentId"]), fen);
        if (event["to"] === "bill") this.#take(orderId, fen);
    }
  }

  #post(event: Event, userId: string): void {
    const postings = event["postings"] as Posting[] | undefined;
    if (!postings) return;
    let sum = 0;
    for (const { account, fen } of postings) {
      sum += fen;
      this.accounts.set(account, (this.accounts.get(account) ?? 0) + fen);
    }
    const whole = postings.every(({ fen }) => Number.isSafeInteger(fen));
    if (sum !== 0 || !whole) this.verdicts.breach("M1", `${event.type}: postings sum to ${sum}`);
    const balance = -(this.accounts.get(`wallet:${userId}`) ?? 0);
    if (balance !== event["balanceFen"] || balance < 0) {
      this.verdicts.breach(
        "M1",
        `${userId}: balance ${Number(event["balanceFen"])}, in the books ${balance}`,
      );
    }
  }

  #take(orderId: string, fen: number): void {
    const taken = (this.#taken.get(orderId) ?? 0) + fen;
    this.#taken.set(orderId, taken);
    const bill = this.#bills.get(orderId);
    if (bill === undefined) this.verdicts.breach("M9", `${orderId}: money taken before its bill`);
    else if (taken > bill) {
      this.verdicts.breach("M4", `${orderId}: ${taken} fen taken for a bill of ${bill}`);
    }
  }

  #order({ id, before }: Seen, event: Event): void {
    const { breach } = this.verdicts;
    switch (event.type) {
      case "ChargeEnded": {
        const { bill, segments, startRegisterWh, registerWh, deviceAt, review } =
          event as unknown as {
            bill: Bill;
            segments: Segment[];
            startRegisterWh: number;
            registerWh: number;
            deviceAt: number;
            review: string | null;
          };
        if (this.#bills.has(id)) breach("E3", `${id}: settled twice`);
        this.#bills.set(id, bill.totalFen);
        const { tariff } = before!.state as { tariff: Tariff };
        const stopRegisterWh = Math.max(registerWh, startRegisterWh);
        const { startAt = 0 } = bill;
        const charge = { segments, startRegisterWh, stopRegisterWh, startAt, stopAt: deviceAt };
        const { estimated: _bounds, ...exact } = bill;
        if (!isSame(exact, billOf(charge, tariff, bill.coupon))) {
          breach("M5", `${id}: the bill is not what its meter and tariff say`);
        }
        if (review === null && energyOf(segments) !== registerWh - startRegisterWh) {
          breach("E2", `${id}: segments are not stop - start`);
        }
        return;
      }
      case "BillCorrected": {
        const { bill, fromFen, fen, waivedFen, how } = event as unknown as {
          bill: Bill;
          fromFen: number;
          fen: number;
          waivedFen: number;
          how: string;
        };
        if (fromFen !== this.#bills.get(id) || bill.totalFen !== fromFen + fen + waivedFen) {
          breach("M5", `${id}: its correction is not the difference`);
        }
        this.#bills.set(id, how === "replaced" ? bill.totalFen : fromFen + Math.max(fen, 0));
        return;
      }
      case "OrderPaid":
        if (this.#paid.has(id)) breach("M4", `${id}: paid twice`);
        this.#paid.add(id);
    }
  }

  #payment({ id }: Seen, event: Event): void {
    const { status: truth, saidClosed } = this.payments.get(id) ?? {};
    const { breach, count } = this.verdicts;
    switch (event.type) {
      case "PaymentSucceeded":
        if (truth !== "succeeded") {
          breach("M8", `${id}: booked as paid, the provider says ${truth}`);
        }
        return;
      case "PaymentFailed":
      case "PaymentClosed":
        // An answer that said closed may be older than money that came all the same.
        if (truth === "succeeded" && !saidClosed) {
          breach("M8", `${id}: booked as unpaid, the provider was paid`);
        }
        return;
      case "PaymentRecreated":
        return count("payment-recreated");
      case "RefundStood":
        return count("payment-refunded");
      case "AmountMisreported":
        return count("callback-misreported");
    }
  }

  #truth(paymentId: string, fen: number): void {
    const truth = this.payments.get(paymentId);
    if (paymentId.startsWith("pay_first")) return; // what the world began with
    if (truth?.status !== "succeeded" || truth.fen !== fen) {
      this.verdicts.breach("M8", `${paymentId}: ${fen} fen booked that were not paid`);
    }
  }
}
