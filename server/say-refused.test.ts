import { expect, test } from "vitest";
import { TestClock, uncounted } from "../test/kit/http-world.ts";
import { isBadInput, sayRefused } from "./say-refused.ts";

test("a flood of one code is one line a second that counts the rest; other codes are heard", () => {
  const lines: Record<string, unknown>[] = [];
  const silent = () => {};
  const info = (facts: object) => void lines.push({ ...facts });
  const log = { debug: silent, info, warn: silent, error: silent };
  const clock = new TestClock();
  const say = sayRefused({ clock, log, metrics: uncounted });
  const where = "POST /v1/orders";
  for (let i = 0; i < 1_000; i++) say({ where, code: "key.missing", by: "driver" });
  expect(lines).toHaveLength(200);
  say({ where, code: "auth.required", by: "nobody", trace: "t1" });
  expect(lines.at(-1)).toEqual({ where, code: "auth.required", by: "nobody", trace: "t1" });
  clock.at += 1_000;
  say({ where, code: "key.missing", by: "driver" });
  expect(lines.at(-1)).toMatchObject({ code: "key.missing", leftOut: 800 });
  expect(lines).toHaveLength(202);
});

test("bad input is told from the ordinary no's of a charge", () => {
  const bad = ["request.malformed", "key.clock", "auth.csrf", "push.foreign", "order.unknown"];
  const ordinary = ["pile.offline", "wallet.balance-too-low", "order.price-changed", "overloaded"];
  expect(bad.every(isBadInput)).toBe(true);
  expect(ordinary.some(isBadInput)).toBe(false);
});
