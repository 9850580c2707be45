// The card of a notice: a fault that it names speaks in its own words, as it does in SMS and push.
import { expect, test } from "vitest";
import { faultWordsZh } from "../../../../wire/faults/mod.ts";
import { notices } from "../../../../wire/notice.ts";
import { show } from "../../test-platform.ts";
import NoticeCard from "./NoticeCard.vue";

const ended = notices["charge.fault"].zh;
test.each<[string, Record<string, unknown>, readonly [string, string]]>([
  [
    "charge.fault",
    { orderId: "ord_0001", fault: "bms-insulation" },
    faultWordsZh["bms-insulation"],
  ],
  ["charge.fault", { orderId: "ord_0001", fault: "of a later release" }, ended],
  ["charge.fault", { orderId: "ord_0001" }, ended],
  [
    "charge.start-failed",
    { orderId: "ord_0001", fault: "bms-insulation" },
    notices["charge.start-failed"].zh,
  ],
])("%s with %o says %o", async (code, facts, [say, next]) => {
  const { page } = await show(NoticeCard, { notice: { id: "n1", code, facts } });
  expect(page.find("strong").text()).toBe(say);
  expect(page.find(".text span").text()).toBe(next);
});

test.each([
  ["reservation.confirmed", "status"],
  ["reservation.trouble", "alert"],
  ["charge.fault", "alert"],
])("%s is told as %s", async (code, role) => {
  const { page } = await show(NoticeCard, { notice: { id: "n1", code, facts: {} } });
  expect(page.find("section").attributes("role")).toBe(role);
});
