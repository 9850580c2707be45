// What drills of bays after the charge do and look at: a car that stays, the fee for it, its own notices.
import type { Order } from "../../wire/http.ts";
import type { Charge } from "./common.ts";
import { must, until } from "./see.ts";

/** A minute of the rule, in drills: a grace of 15 is over in about a second. */
export const MINUTE_MS = 60;
export const BAY_TIMES = { overstayMinuteMs: MINUTE_MS };

export type Stay = NonNullable<Order["stay"]>;

export const stayOf = ({ driver, orderId }: Charge): Promise<Stay> =>
  until("the stay after the charge", async () => (await driver.driver.order(orderId)).stay);
export const dueOf = async ({ driver, orderId }: Charge) =>
  (await driver.driver.order(orderId)).dues.find(({ purpose }) => purpose === "overstay");

/** The charge is stopped, and the car stays where it is. */
export async function stays({ driver, orderId }: Charge): Promise<Stay> {
  await driver.driver.stop(orderId);
  await driver.until(orderId, "paid", "awaiting-payment", "overdue");
  return await until("the stay after the charge", async () => {
    return (await driver.driver.order(orderId)).stay;
  }, 3_000);
}
/** The gun is out, and the platform knows. */
export async function leaves(cast: Charge): Promise<Stay> {
  cast.pile.unplug();
  return await until("the gun is out", async () => {
    const stay = await stayOf(cast);
    return stay.leftAt !== undefined && stay;
  });
}

/** What the rule makes of the times on record: to the fen. */
export function ruled({ since, leftAt, freeMs, rule, minuteMs }: Stay): number {
  const graceEnd = Date.parse(since) + rule.graceMinutes * minuteMs;
  const minutes = Math.floor((Date.parse(leftAt!) - graceEnd - freeMs) / minuteMs);
  return Math.min(Math.max(minutes, 0) * rule.fenPerMinute, rule.capFen);
}

export async function paid(cast: Charge): Promise<void> {
  const due = await dueOf(cast);
  if (due?.status !== "open" && due?.status !== "overdue") return;
  const { driver: { driver }, orderId } = cast;
  await driver.api.post(`/v1/orders/${orderId}/payments`, { purpose: "overstay", by: "wallet" });
  must((await dueOf(cast))?.status === "paid", "the fee is not paid");
}
