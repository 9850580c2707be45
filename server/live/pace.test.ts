import { expect, test } from "vitest";
import { paced } from "./pace.ts";

const pace = { tickMs: 900, tickJitterMs: 400 };

/** Those of the moments at which a tick is sent. */
function sent(moments: number[]): number[] {
  let tickedAt = 0;
  return moments.filter((now) => {
    const next = paced(tickedAt, now, pace);
    tickedAt = next ?? tickedAt;
    return next !== null;
  });
}

test.each<[string, number[], number[]]>([
  ["one a second passes", [1_000, 2_000, 3_000], [1_000, 2_000, 3_000]],
  ["late ones do not cost the next", [1_000, 2_390, 3_000, 4_000], [1_000, 2_390, 3_000, 4_000]],
  ["of a burst one passes", [1_000, 1_001, 1_002, 1_400], [1_000]],
])("%s", (_name, moments, expected) => expect(sent(moments)).toEqual(expected));

test("a fast pile gets no more than its share over time", () => {
  const moments = Array.from({ length: 1_000 }, (_none, n) => 1_000 + n * 10);
  expect(sent(moments).length).toBeLessThanOrEqual(10_000 / 900 + 2);
});
