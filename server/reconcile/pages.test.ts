// Pages of payments come to all of them, each once, whatever shares its moment with the end of a page.
import { expect, test } from "vitest";
import type { PaymentView } from "../../wire/money.ts";
import { allOf } from "./pages.ts";

const PAGE = 3;
const dated = (n: number, at: number) => ({
  at,
  view: { paymentId: `pay_000${n}` } as PaymentView,
});

test.each([
  ["none", []],
  ["less than a page", [1, 2]],
  ["a page and some, three of one moment", [1, 2, 3, 3, 3, 4, 5]],
  ["whole pages", [1, 2, 3, 4, 5, 6]],
])("%s", async (_name, moments) => {
  const all = moments.map((at, n) => dated(n, at));
  const found = await allOf(
    (from) => Promise.resolve(all.filter(({ at }) => at >= from).slice(0, PAGE)),
    0,
  );
  expect(found).toEqual(all);
});
