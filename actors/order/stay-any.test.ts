// M7 under any story: the pile goes off and on, faults, is shut, the clock of one of the two nodes jumps,
// and at some moment the gun is pulled. What is charged never exceeds what the true times allow.
import fc from "fast-check";
import { expect, test } from "vitest";
import { costUntil, feeFrom, graceUntil, type Stay, TOLD_MAX } from "./stay.ts";
import { overstayOf } from "../tariff/mod.ts";
import { ChargeTown, ok, ORDER, PILE, T0 } from "../../test/kit/charge-town.ts";

const MIN = 60_000;
const RULE = { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 };
const HOUR = 60 * MIN;

interface Step {
  afterMs: number;
  what: "blocked" | "opened" | "jump";
  byMs: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.integer({ min: 0, max: 40 * MIN }),
  what: fc.constantFrom("blocked", "opened", "jump"),
  byMs: fc.integer({ min: -HOUR, max: HOUR }),
});
interface Story {
  steps: readonly Step[];
  restMs: number;
  /** Whose clock is wrong; the other one is right. */
  wrong: "nobody" | "pile" | "order";
}
const story: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(step, { maxLength: 14 }),
  restMs: fc.integer({ min: 0, max: 3 * HOUR }),
  wrong: fc.constantFrom<"nobody" | "pile" | "order">("nobody", "pile", "order"),
});

/** Plays it; what it cost, and what true clocks allow at most. */
function played({ steps, restMs, wrong }: Story) {
  const town = new ChargeTown().person(20_000).charging({
    pay: { by: "wallet", autoCapture: false },
  });
  const pile = { kind: "actor" as const, id: `pile/${PILE}` };
  let stays = false;
  town.pile.AskBay = () => ok({ at: pileAt(), stays });
  let trueAt = town.at;
  let skewMs = 0;
  const orderAt = () => Math.max(town.at, trueAt + (wrong === "order" ? skewMs : 0));
  const pileAt = () => trueAt + (wrong === "pile" ? skewMs : 0);
  const told = (what: string, why?: string) => {
    town.advance(Math.max(0, orderAt() - town.at));
    const body = { what, at: pileAt(), ...(why ? { why } : {}) };
    stays = what !== "left";
    town.send({ kind: "order", id: ORDER }, { type: "BayTold", ...body }, pile);
    town.run();
  };
  town.ended(1_000);
  town.run();
  const endedAt = trueAt;
  told("taken");
  const blocked: { fromAt: number; toAt: number }[] = [];
  let since: number | null = null;
  for (const { afterMs, what, byMs } of steps) {
    trueAt += afterMs;
    if (what === "jump") skewMs = byMs;
    if (what === "blocked" && since === null) {
      since = trueAt;
      told("blocked", "offline");
    }
    if (what === "opened" && since !== null) {
      blocked.push({ fromAt: since, toAt: trueAt });
      since = null;
      told("opened");
    }
  }
  trueAt += restMs;
  if (since !== null) blocked.push({ fromAt: since, toAt: trueAt });
  told("left");
  const { stay } = town.state<{ stay: Stay }>("order", ORDER);
  const most = overstayOf(RULE, { endedAt, untilAt: trueAt, blocked }).fen;
  return { town, stay, fen: stay.due?.bill.fen ?? 0, most, endedAt };
}

test("what is charged never exceeds what the true times allow", () => {
  let met = 0;
  fc.assert(
    fc.property(story, (one) => {
      const { town, stay, fen, most } = played(one);
      expect(fen).toBeLessThanOrEqual(Math.min(most, RULE.capFen));
      expect(fen % RULE.fenPerMinute).toBe(0);
      const from = feeFrom(stay);
      if (fen > 0) {
        met++;
        expect(from).not.toBeNull();
        expect(from!).toBeGreaterThanOrEqual(graceUntil(stay));
        expect(town.notices()).toContain("bay.fee-soon"); // announced before it began
      }
      expect(stay.told).toBeLessThanOrEqual(TOLD_MAX + 1);
      // unplugged: nothing that comes later changes it
      const bill = stay.due?.bill;
      town.advance(5 * HOUR);
      expect(town.state<{ stay: Stay }>("order", ORDER).stay.due?.bill).toEqual(bill);
    }),
    { numRuns: 250 },
  );
  expect(met).toBeGreaterThan(20);
});

test("with right clocks it is exactly that, less what was free until its driver was told", () => {
  fc.assert(
    fc.property(story, (one) => {
      const { stay, fen, most } = played({ ...one, wrong: "nobody" });
      const from = feeFrom(stay);
      if (from === graceUntil(stay)) expect(fen).toBe(most);
      else expect(fen).toBeLessThanOrEqual(most);
    }),
    { numRuns: 120 },
  );
});

test("a later moment never costs less, and never more than its minutes", () => {
  const stay: Stay = {
    rule: RULE,
    minuteMs: MIN,
    soonMinutes: 5,
    againMinutes: 60,
    since: T0,
    announcedAt: T0 + 10 * MIN,
    told: 0,
    free: [{ fromAt: T0 + 20 * MIN, toAt: T0 + 30 * MIN }],
  };
  const span = fc.integer({ min: 0, max: 4 * HOUR });
  fc.assert(fc.property(span, span, (a, b) => {
    const [less, more] = [Math.min(a, b), Math.max(a, b)].map((ms) =>
      costUntil(stay, T0 + ms).fen
    ) as [number, number];
    expect(less).toBeLessThanOrEqual(more);
    expect(more).toBeLessThanOrEqual(Math.floor(Math.max(a, b) / MIN) * RULE.fenPerMinute);
  }));
});
