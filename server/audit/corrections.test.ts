// The auditor on bills that were estimated, and what their true meter makes of them.
import { describe, expect, test } from "vitest";
import { ChargeTown, driver, ok, segment, USER } from "../../test/kit/charge-town.ts";
import { type AuditRow, Books, type Rule } from "./mod.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);
const METHOD = "power-until-stop";
const FINANCE = { kind: "ops" as const, id: "ops_0001", roles: ["finance"] };
const COUPON = {
  id: "cpn_a0001",
  off: { kind: "percent", percent: 50 },
  thresholdFen: 1_000,
  validFrom: 0,
  validUntil: NOW,
  currency: "CNY",
};

type Body = Record<string, unknown>;
/** 1 kWh was read and the rest is a guess: 20 kWh, 20.00 yuan. */
function estimated(autoCapture: boolean, fen = 20_000, pay: Body = {}, end: Body = {}) {
  const town = new ChargeTown().person(0);
  const payment = { kind: "payment", id: "pay_recharge0001" };
  const split = { energyFen: 0, serviceFen: 0 };
  const recharge = { purpose: "recharge", fen, ...split, by: "wechat" };
  town.send(payment, { type: "OpenPayment", userId: USER, ...recharge }, driver(USER));
  town.run();
  const paid = { type: "ProviderReported", outcome: "succeeded", providerRef: "42", fen };
  town.send(payment, paid, { kind: "provider", id: "wechat" });
  town.run();
  const grant = { type: "GrantCoupon", terms: COUPON };
  town.send({ kind: "wallet", id: USER }, grant, { kind: "actor", id: "campaign/cmp_0001" });
  town.charging({ pay: { by: "wallet", autoCapture, ...pay } });
  town.order({ type: "StopCharge" });
  return tells(town, 20_000, {
    reason: "remote",
    estimated: { lowWh: 2_000, highWh: 41_000, method: METHOD },
    segments: [segment(1_000), { ...segment(19_000), source: "estimated" }],
    ...end,
  });
}
/** The pile tells the end. */
function tells(town: ChargeTown, wh: number, more = {}): ChargeTown {
  town.ended(wh, more);
  town.run();
  return town;
}
function asks(town: ChargeTown, type: string, body: Body): ChargeTown {
  town.order({ type, reason: "the meter was wrong", ...body }, FINANCE);
  town.run();
  return town;
}
function pays(town: ChargeTown, by = "wallet"): ChargeTown {
  town.order({ type: "PayOrder", purpose: "charge", by });
  town.run();
  return town;
}
const rowsOf = (town: ChargeTown): AuditRow[] =>
  town.log.map(({ actor, at, v, event }) => (
    { tenant: "main", ...actor, v, at, events: [structuredClone(event)] }
  ));
function foundIn(rows: readonly AuditRow[]) {
  const books = new Books();
  for (const row of rows) books.take(row);
  return books.differences(NOW, 0);
}
function holdAnother(town: ChargeTown, fen: number): ChargeTown {
  const principal = { kind: "actor" as const, id: "order/ord_b0001" };
  const hold = { type: "PlaceHold", orderId: "ord_b0001", fen };
  town.send({ kind: "wallet", id: USER }, hold, principal);
  return town;
}

test.each<[string, string, () => ChargeTown]>([
  ["an estimate that was paid", "OrderPaid", () => estimated(true)],
  ["paid, and the true meter shows less", "CorrectionBooked", () => tells(estimated(true), 15_000)],
  ["paid, and it shows a little more", "CorrectionBooked", () => tells(estimated(true), 23_000)],
  [
    "paid, and it shows far more: a part is waived",
    "CorrectionBooked",
    () => tells(estimated(true), 40_000),
  ],
  ["paid, and it shows the same", "BillCorrected", () => tells(estimated(true), 20_000)],
  ["paid, and there is not enough for the rest", "CorrectionBooked", () => {
    return tells(holdAnother(estimated(true, 6_700), 4_600), 24_000);
  }],
  ["replaced, then paid", "OrderPaid", () => pays(tells(estimated(false), 15_000))],
  ["replaced upward, then paid", "OrderPaid", () => pays(tells(estimated(false), 23_000))],
  ["far up before it was paid", "CorrectionBooked", () => pays(tells(estimated(false), 40_000))],
  ["replaced after it was overdue", "OrderOverdue", () => {
    const town = estimated(false);
    town.advance(DAY_MS + 1_000);
    town.run();
    return pays(tells(town, 15_000));
  }],
  ["reduced by hand, then replaced", "AdjustmentBooked", () => {
    const reduced = asks(estimated(false), "AdjustOrder", { fen: 300, name: "Wang" });
    return pays(tells(reduced, 15_000));
  }],
  ["paid, corrected, and a part given back by hand", "AdjustmentBooked", () => {
    return asks(tells(estimated(true), 15_000), "AdjustOrder", { fen: 700, name: "Wang" });
  }],
  ["a bill in review, replaced and then waived", "ReviewDecided", () => {
    const held = estimated(true, 20_000, {}, { implausible: "over the rated power" });
    return asks(tells(held, 15_000), "DecideReview", { accept: false });
  }],
  ["with a coupon that takes half", "CouponUsed", () => {
    return tells(estimated(true, 20_000, { couponId: COUPON.id }), 15_000);
  }],
  ["corrected while a payment was open", "PaymentDelivered", () => {
    const town = tells(pays(estimated(false), "wechat"), 15_000);
    town.provider.query = () => ok({ status: "succeeded", fen: 2_000, providerRef: "w-1" });
    town.advance(10_000);
    town.run();
    return town;
  }],
  ["a meter that cannot be believed", "IncidentRaised", () => {
    return tells(estimated(true), 15_000, { implausible: "register-backward" });
  }],
  ["an estimate that stands after a month", "EstimateStands", () => {
    const town = estimated(true);
    town.advance(30 * DAY_MS);
    town.run();
    return town;
  }],
])("no difference: %s (%s)", (_name, type, story) => {
  const rows = rowsOf(story());
  expect(rows.flatMap(({ events }) => events.map((event) => event.type))).toContain(type);
  expect(foundIn(rows)).toEqual([]);
});

test("the true meter of weeks later is held against the frozen tariff all the same", () => {
  const town = estimated(true);
  const paid = rowsOf(town);
  town.advance(20 * DAY_MS);
  town.run();
  tells(town, 15_000);
  const books = new Books();
  for (const row of paid) books.take(row);
  expect(books.differences(paid.at(-1)!.at + 19 * DAY_MS, 0)).toEqual([]);
  const later = rowsOf(town).slice(paid.length);
  corrected(later, "order").bill.totalFen += 1;
  for (const row of later) books.take(row);
  expect(new Set(books.differences(NOW, 0).map(({ rule }) => rule))).toEqual(
    new Set<Rule>(["bill-recomputed", "correction-booked"]),
  );
});

test("a correction that is on its way is given its time", () => {
  const rows = rowsOf(tells(estimated(true), 15_000));
  const open = rows.filter(({ events }) => events[0]!.type !== "CorrectionBooked");
  const { at } = open.at(-1)!;
  const books = new Books();
  for (const row of open) books.take(row);
  expect(books.differences(at + 999, 1_000)).toEqual([]);
  expect(books.differences(at + 1_000, 1_000).map(({ rule }) => rule)).toEqual([
    "correction-booked",
  ]);
});

/** What a test spoils of an event. */
interface Spoilt {
  fen: number;
  fromFen: number;
  waivedFen: number;
  how: string;
  bill: { totalFen: number; estimated: { highFen: number } };
  segments: { wh: number }[];
  postings: { fen: number }[];
}
const eventIn = (rows: AuditRow[], kind: string, type: string) =>
  rows.filter((row) => row.kind === kind).flatMap(({ events }) => events)
    .find((event) => event.type === type) as unknown as Spoilt;
const corrected = (rows: AuditRow[], kind: string) => eventIn(rows, kind, "BillCorrected");
const less = () => rowsOf(tells(estimated(true), 15_000));
const more = () => rowsOf(tells(estimated(true), 23_000));
const replaced = () => rowsOf(pays(tells(estimated(false), 15_000)));

describe("a difference:", () => {
  test.each<[string, Rule[], () => AuditRow[], (rows: AuditRow[]) => AuditRow[] | undefined]>([
    [
      "a total that the true meter does not come to",
      ["bill-recomputed", "correction-booked"],
      less,
      (rows) => {
        corrected(rows, "order").bill.totalFen += 1;
      },
    ],
    ["energy that the true meter did not show", ["bill-recomputed"], less, (rows) => {
      corrected(rows, "order").segments[0]!.wh += 1_000;
    }],
    ["an estimate outside its own bounds", ["bill-recomputed"], less, (rows) => {
      eventIn(rows, "order", "ChargeEnded").bill.estimated.highFen = 1_999;
    }],
    ["a bill that was another one", ["correction-booked"], less, (rows) => {
      corrected(rows, "order").fromFen -= 100;
    }],
    ["more given back than the meters differ", ["correction-booked"], less, (rows) => {
      const event = corrected(rows, "wallet");
      event.postings[0]!.fen -= 1;
      event.postings[1]!.fen += 1;
      (event as unknown as { balanceFen: number }).balanceFen += 1;
    }],
    [
      "asked for and booked nowhere",
      ["correction-booked"],
      less,
      (rows) =>
        rows.filter(({ kind, events }) => kind !== "wallet" || events[0]!.type !== "BillCorrected"),
    ],
    [
      "booked, and no order asked for it",
      ["correction-booked"],
      less,
      (rows) =>
        rows.filter(({ kind, events }) =>
          kind !== "order" || !/BillCorrected|CorrectionBooked/.test(events[0]!.type)
        ),
    ],
    ["not all of it went back", ["correction-booked"], less, (rows) => {
      eventIn(rows, "order", "CorrectionBooked").fen += 100;
    }],
    ["more taken than was asked for", ["correction-booked"], more, (rows) => {
      corrected(rows, "order").fen -= 100;
      corrected(rows, "order").waivedFen += 100;
    }],
    ["corrected down, and all of the first bill given back", ["refund-bounded"], less, (rows) => {
      const { id } = rows.find(({ kind }) => kind === "order")!;
      const postings = [{ account: "refund", fen: 2_000 }, {
        account: `wallet:${USER}`,
        fen: -2_000,
      }];
      const event = { type: "AdjustmentBooked", orderId: id, postings, balanceFen: 20_500 };
      return [...rows, {
        tenant: "main",
        kind: "wallet",
        id: USER,
        v: 99,
        at: 1,
        events: [event],
      }];
    }],
    ["corrected twice", ["correction-booked"], less, (rows) => {
      const again = rows.find(({ kind, events }) => {
        return kind === "order" && events[0]!.type === "BillCorrected";
      })!;
      return [...rows, again];
    }],
    ["a paid bill is replaced", ["correction-booked"], less, (rows) => {
      corrected(rows, "order").how = "replaced";
    }],
    ["the old bill is paid after it was replaced", ["paid-in-full"], replaced, (rows) => {
      corrected(rows, "order").how = "balanced";
      corrected(rows, "order").fen = 0;
      corrected(rows, "order").waivedFen = -500;
    }],
  ])("%s", (_name, rules, story, spoil) => {
    const rows = story();
    const found = foundIn(spoil(rows) ?? rows).map(({ rule }) => rule);
    expect(new Set(found)).toEqual(new Set(rules));
  });
});
