// A bill that was estimated because the pile was lost, and the true meter that comes later.
import { describe, expect, test } from "vitest";
import { ChargeTown, ok, ORDER, segment, T0, USER } from "../../test/kit/charge-town.ts";

const method = "power-until-stop";
/** 1 kWh was read, the rest of `wh` follows by the rule; 1.00 yuan a kWh. */
const estimated = (wh: number, highWh = 40_000) => ({
  reason: "remote",
  estimated: { lowWh: 2_000, highWh: 1_000 + highWh, method },
  segments: [segment(1_000), { ...segment(wh - 1_000), source: "estimated" }],
});
function town(wh: number, { fen = 20_000, autoCapture = true } = {}) {
  const made = new ChargeTown().person(fen).charging({ pay: { by: "wallet", autoCapture } });
  made.order({ type: "StopCharge" });
  made.ended(wh, estimated(wh));
  made.run();
  return made;
}
const sum = (book: Record<string, number>) =>
  Object.values(book).reduce((all, fen) => all + fen, 0);
const corrections = (made: ChargeTown) =>
  made.log.filter(({ event }) => event.type === "BillCorrected").length;

test("the bill says that it is an estimate, by which rule and within which bounds", () => {
  const made = town(20_000);
  expect(made.view()).toMatchObject({
    status: "paid",
    ending: "user",
    bill: {
      totalFen: 2_000,
      energyWh: 20_000,
      estimated: { lowFen: 100, highFen: 4_000, method },
    },
  });
  expect(made.incidents()).toEqual(["2.5 end-unknown retrying"]);
  expect(made.notices()).toContain("charge.bill-estimated");
});

describe("the true meter of a bill that is paid", () => {
  test.each([
    ["shows less: the difference goes back", 15_000, { fen: -500, waivedFen: 0 }, 18_500],
    ["shows a little more: it is taken", 23_000, { fen: 300, waivedFen: 0 }, 17_700],
    ["shows much more: above 5 yuan it is waived", 40_000, { fen: 500, waivedFen: 1_500 }, 17_500],
    ["shows the same: nothing moves", 20_000, { fen: 0, waivedFen: 0 }, 18_000],
  ])("%s", (_name, wh, correction, balanceFen) => {
    const made = town(20_000);
    made.ended(wh);
    made.run();
    expect(made.view()).toMatchObject({
      status: "paid",
      bill: { totalFen: 2_000 },
      correction: { trueFen: wh / 10, energyWh: wh, booked: true, ...correction },
    });
    expect(made.balanceFen).toBe(balanceFen);
    expect(sum(made.book())).toBe(0);
    expect(made.incidents()).toContain("2.5 true-meter compensated");
    const lines = made.state<{ lines: { cause: string; reason?: string }[] }>("wallet", USER).lines;
    const last = lines.at(-1)!;
    if (correction.fen !== 0) {
      expect(last).toMatchObject({ cause: "correction", reason: "true-meter" });
    }
  });

  test("told twice corrects once", () => {
    const made = town(20_000);
    made.ended(15_000);
    made.ended(15_000);
    made.ended(12_000);
    made.run();
    expect(made.balanceFen).toBe(18_500);
    expect(corrections(made)).toBe(2); // the order's and the wallet's
  });

  test("takes no more than there is: no debt is made of it", () => {
    const made = town(20_000, { fen: 6_700 });
    made.send(
      { kind: "wallet", id: USER },
      { type: "PlaceHold", orderId: "ord_b0001", fen: 4_600 },
      {
        kind: "actor",
        id: "order/ord_b0001",
      },
    );
    made.ended(24_000);
    made.run();
    expect(made.view()).toMatchObject({ correction: { fen: 100, waivedFen: 300, booked: true } });
    expect(made.balanceFen).toBe(0);
    expect(sum(made.book())).toBe(0);
  });

  test("that cannot be believed moves nothing: a person looks", () => {
    const made = town(20_000);
    made.ended(15_000, { implausible: "register-backward" });
    made.run();
    expect(made.balanceFen).toBe(18_000);
    expect(made.incidents()).toContain("2.5 true-meter-implausible needs-person");
  });
});

describe("the true meter of a bill that nobody has paid", () => {
  test("replaces it, down or a little up", () => {
    for (const wh of [15_000, 23_000]) {
      const made = town(20_000, { autoCapture: false });
      made.ended(wh);
      made.run();
      expect(made.view()).toMatchObject({
        status: "awaiting-payment",
        bill: { totalFen: wh / 10 },
        dues: [{ fen: wh / 10 }],
      });
      expect((made.view().bill as { estimated?: unknown }).estimated).toBeUndefined();
    }
  });

  test("far up: what was billed is paid first, then at most 5 yuan more", () => {
    const made = town(20_000, { autoCapture: false });
    made.ended(40_000);
    made.run();
    expect(made.view()).toMatchObject({ dues: [{ fen: 2_000 }], correction: { booked: false } });
    made.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
    made.run();
    expect(made.view()).toMatchObject({ status: "paid", correction: { fen: 500, booked: true } });
    expect(made.balanceFen).toBe(20_000 - 2_500);
  });

  test("comes while a payment is open: balanced once that is over", () => {
    const made = town(20_000, { autoCapture: false });
    made.order({ type: "PayOrder", purpose: "charge", by: "wechat" });
    made.run();
    made.ended(15_000);
    made.run();
    expect(made.view()).toMatchObject({ correction: { fen: -500, booked: false } });
    made.provider.query = () => ok({ status: "succeeded", fen: 2_000, providerRef: "w-1" });
    made.advance(10_000);
    made.run();
    expect(made.view()).toMatchObject({ status: "paid", correction: { booked: true } });
    expect(made.balanceFen).toBe(20_500);
  });
});

test("after a month without a word the estimate stands, and the order is over", () => {
  const made = town(20_000);
  made.advance(30 * 86_400_000);
  made.run();
  made.ended(15_000);
  made.run();
  expect(made.balanceFen).toBe(18_000);
  expect(made.state<{ awaitsMeter?: true }>("order", ORDER).awaitsMeter).toBeUndefined();
  expect(T0).toBeLessThan(made.log.at(-1)!.at ?? Infinity);
});

describe("a bill that people have moved", () => {
  const service = { kind: "ops" as const, id: "ops_1", roles: ["service"] };
  const reduce = (made: ChargeTown, fen: number) =>
    made.order({ type: "AdjustOrder", fen, reason: "spoke with them", name: "Wang" }, service);

  test("is not moved by the true meter as well: a person looks, no yuan goes back twice", () => {
    const made = town(20_000);
    expect(reduce(made, 2_000).reply?.ok).toBe(true);
    made.run();
    made.ended(15_000);
    made.run();
    expect(made.balanceFen).toBe(20_000);
    expect(made.incidents()).toContain("2.5 true-meter-late needs-person");
    expect(made.state<{ awaitsMeter?: true }>("order", ORDER).awaitsMeter).toBeUndefined();
  });

  test("after it was corrected gives back what is left of it, and no more", () => {
    const made = town(20_000);
    made.ended(15_000);
    made.run();
    expect(made.balanceFen).toBe(18_500);
    expect(reduce(made, 2_000).reply).toMatchObject({
      refusal: { code: "refund.too-much", facts: { maxFen: 1_500 } },
    });
    expect(reduce(made, 1_500).reply?.ok).toBe(true);
    made.run();
    expect(made.balanceFen).toBe(20_000);
  });

  test("reduced before it was paid is never replaced below what it was reduced by", () => {
    const made = town(20_000, { autoCapture: false });
    expect(reduce(made, 1_900).reply?.ok).toBe(true);
    made.ended(15_000);
    made.run();
    expect(made.view()).toMatchObject({ dues: [{ fen: 100 }] });
    made.order({ type: "PayOrder", purpose: "charge", by: "wallet" });
    made.run();
    expect(made.view()).toMatchObject({ status: "paid" });
    expect(made.balanceFen).toBe(19_900);
  });
});
