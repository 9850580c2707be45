// Any order of messages, stops, payments, ends, repeats and time: the money rules hold after every
// step (M1, M2), nothing is paid twice (M4), final states absorb (O2), every question is answered (O3).
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  ChargeTown,
  driver,
  no,
  ok,
  ops,
  ORDER,
  PILE,
  segment,
  T0,
  tariff,
  USER,
} from "../../test/kit/charge-town.ts";

const orderAt = { kind: "order", id: ORDER };
const maybe = { maxLength: 30, size: "max" as const };
const nat = fc.nat({ max: 1_000 });
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), steps: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pile" as const), n: nat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("driver" as const), n: nat }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("provider" as const), n: nat }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), n: nat }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

interface Plan {
  seed: number;
  balanceFen: number;
  by: "wallet" | "wechat" | "card";
  autoCapture: boolean;
  /** How far it goes as it should before anything odd happens. */
  reach: number;
  deeds: Deed[];
}
const plan: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  balanceFen: fc.constantFrom(0, 7_000, 20_000),
  by: fc.constantFrom("wallet", "wechat", "card"),
  autoCapture: fc.boolean(),
  reach: fc.nat({ max: 4 }),
  deeds: fc.array(deed, maybe),
});

/** The town's only chance: numbers that follow from the plan's seed. */
function dice(seed: number) {
  let state = seed >>> 0;
  return (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 16) % n;
  };
}

const FINAL = ["declined", "paid"];
function watched(town: ChargeTown): void {
  let last = "absent";
  let paid = 0;
  town.onRecord = () => {
    const sums = Object.values(town.book());
    expect(sums.reduce((sum, one) => sum + one, 0)).toBe(0); // M1
    const { status } = town.state<{ status: string }>("order", ORDER);
    if (FINAL.includes(last)) expect(status).toBe(last); // O2
    last = status;
    const wallet = town.state<{ orders: Record<string, { status: string }> }>("wallet", USER);
    const book = wallet.orders?.[ORDER];
    if (book?.status === "closed") expect(town.book()[`hold:${ORDER}`] ?? 0).toBe(0); // M2
    paid = town.types("order", ORDER).filter((type) => type === "OrderPaid").length;
    expect(paid).toBeLessThanOrEqual(1); // M4
  };
}

const pileWords = (town: ChargeTown, n: number): void => {
  const wh = (n % 5) * 9_000;
  const reading = { registerWh: 1_000 + n, deviceAt: T0 + n };
  const words: (() => unknown)[] = [
    () => town.started(),
    () => town.says("MeterAdvanced", { ...reading, segments: [segment(n)] }),
    () => town.says("ConnectorWaits", { why: "unplugged" }),
    () => town.says("ConnectorStartFailed", { why: "device-silent", proven: false }),
    () => town.says("ConnectorStartFailed", { why: "device-silent", proven: true }),
    () => town.ended(wh),
    () => town.ended(wh, { reason: "unplugged" }),
    () => town.ended(wh, { reason: "local" }),
    () => town.ended(wh, { implausible: "jump" }),
  ];
  words[n % words.length]!();
};
const driverWords = (town: ChargeTown, n: number): void => {
  const pay = (by: string) => town.order({ type: "PayOrder", purpose: "charge", by });
  const words: (() => unknown)[] = [
    () => town.order({ type: "StopCharge" }),
    () => town.order({ type: "ForceStop", reason: "any" }, ops),
    () => pay("wallet"),
    () => pay("wechat"),
    () => pay("alipay"),
  ];
  words[n % words.length]!();
};
/** A callback for whatever payment of the order exists, or giving it up. */
const providerWords = (town: ChargeTown, n: number): void => {
  const opened = town.told("OpenPayment").length;
  if (opened === 0) return;
  const id = `pay_${ORDER.slice(4)}-${1 + n % opened}`;
  const to = { kind: "payment", id };
  const { by, fen } = town.state<{ by?: string; fen?: number }>("payment", id);
  if (!by || fen === undefined) return;
  if (n % 4 === 0) town.send(to, { type: "ClosePayment" }, driver(USER));
  else {
    const outcome = n % 4 === 1 ? "failed" : "succeeded";
    const body = { outcome, fen, providerRef: "r" };
    town.send(to, { type: "ProviderReported", ...body }, { kind: "provider", id: by });
  }
};

function act(town: ChargeTown, one: Deed): void {
  switch (one.do) {
    case "deliver":
      for (let i = 0; i < one.steps; i++) town.step();
      return;
    case "pile":
      return pileWords(town, one.n);
    case "driver":
      return driverWords(town, one.n);
    case "provider":
      return providerWords(town, one.n);
    case "wait":
      return town.advance([5_000, 60_000, 600_000, 90_000_000][one.n % 4]!);
  }
}

function begin(town: ChargeTown, { by, autoCapture }: Plan): string {
  if (by !== "card") return town.start({ pay: { by, autoCapture } }).id;
  return town.order({
    type: "StartByCard",
    userId: USER,
    pileId: PILE,
    connector: 1,
    stationId: "stn_north",
    tariff,
    registerWh: 1_000,
    deviceAt: T0,
    ratedPowerW: 60_000,
    txId: 7,
  }, { kind: "actor", id: `pile/${PILE}` }).id;
}

/** The faults heal: the pile proves what it must, the driver pays what is due. */
function heal(town: ChargeTown): void {
  town.provider.create = () => ok({ status: "open" });
  town.provider.close = () => ok({ status: "closed" });
  town.advance(7_200_000);
  if (["authorizing", "starting", "charging", "stopping"].includes(town.status)) {
    town.order({ type: "StopCharge" });
    town.ended(1_000);
    town.run();
  }
  town.says("ConnectorStartFailed", { why: "device-silent", proven: true });
  if (town.status === "bill-review") {
    const finance = { kind: "ops" as const, id: "ops_0002", roles: ["finance"] };
    town.order({ type: "DecideReview", accept: true, reason: "checked" }, finance);
  }
  town.advance(7_200_000); // open payments are closed
  if (town.status !== "awaiting-payment" && town.status !== "overdue") return;
  const body = { paymentId: "pay_heal0001", purpose: "recharge", by: "wechat", fen: 50_000 };
  const split = { energyFen: 0, serviceFen: 0 };
  const from = { kind: "actor" as const, id: "payment/pay_heal0001" };
  town.send({ kind: "wallet", id: USER }, { type: "BookPayment", ...body, ...split }, from);
  town.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
  town.run();
}

function settledWell(town: ChargeTown, tap: string): void {
  expect(town.idle).toBe(true);
  expect(town.answer(orderAt, tap)).toBeDefined(); // O3
  expect(["declined", "start-failed", "paid"]).toContain(town.status);
  const book = town.book();
  expect(book[`hold:${ORDER}`] ?? 0).toBe(0); // M2
  expect(book[`due:${ORDER}`] ?? 0).toBe(0);
  const state = town.state<{ paidFen?: number }>("order", ORDER);
  const revenue = 0 - (book["revenue:energy"] ?? 0) - (book["revenue:service"] ?? 0);
  expect(revenue).toBe(state.paidFen ?? 0); // M3, M4, M5: what was billed, once
  expect(town.state("user", USER)).toMatchObject({ openOrders: [], debts: [] });
  expect(town.timers("order", ORDER).size).toBe(0);
}

/** What the plans must have met, or they have proven little. */
const SOMETIMES = [
  "ChargeDeclined",
  "ChargeStartFailed",
  "IdleProven",
  "CardCleared",
  "CardRefused",
  "MeterRead",
  "ReviewDecided",
  "AttemptFailed",
  "PaymentSucceeded",
  "PaymentRecreated",
  "OrderOverdue",
  "DebtSettled",
  "RefundStood",
  "HoldReleased",
  "HoldCaptured",
  "BillPaid",
  "FactNoted",
];

test("whatever happens in whatever order, the money is right and the order ends", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(plan, (one) => {
      const roll = dice(one.seed);
      const town = new ChargeTown({ pick: roll, twice: () => roll(4) === 0 })
        .person(one.balanceFen).bind("wechat");
      town.provider.create = () =>
        [
          () => ok({ status: "open" }),
          () => no("outcome.unknown"),
          () => no("provider.refused"),
          () => no("unavailable"),
        ][roll(4)]!();
      town.provider.query = () =>
        [() => ok({ status: "open" }), () => no("unavailable"), () => no("payment.unknown")][
          roll(3)
        ]!();
      town.provider.close = () => roll(2) ? ok({ status: "closed" }) : no("outcome.unknown");
      watched(town);
      const tap = begin(town, one);
      if (one.reach > 0) town.run();
      if (one.reach > 1) town.started();
      if (one.reach > 2) town.ended(9_000);
      if (one.reach > 3) town.run();
      for (const deed of one.deeds) act(town, deed);
      heal(town);
      settledWell(town, tap);
      for (const { event } of town.log) seen.add(event.type);
    }),
    { numRuns: 1_000 },
  );
  expect(SOMETIMES.filter((type) => !seen.has(type))).toEqual([]);
}, 60_000);
