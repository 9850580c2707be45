// A reservation through the real pages, in both languages: rules before the tap, the countdown, a cancel with
// its cost, another one, and the charge that it becomes.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pile } from "../../sim/mod.ts";
import { driverIds } from "../../web-kit/testids.ts";
import { openBrowser } from "../kit/chromium.ts";
import {
  accessible,
  buildPages,
  by,
  openPage,
  PHONE,
  picture,
  signInDriver,
} from "../kit/pages.ts";
import { connectPile, openPlace, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const PILE = "SH-0101";
let world: World;
let server: Program;
let browser: Browser;
let pile: Pile;
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  const place = await openPlace(server.url, `${world.dir}/node-1`);
  pile = await connectPile(world, server.url, await place.addPile(PILE, "native"), "native");
  browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await pile?.stop();
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const status = (page: Page, is: string) =>
  expect.poll(() => by(page, driverIds.reservationStatus).getAttribute("data-status"), {
    timeout: 15_000,
  }).toBe(is);

/** From the page of the pile to 已预约. */
async function reserve(page: Page, locale: string, minutes: number): Promise<void> {
  await page.goto(`${server.url}/piles/${PILE}`);
  await by(page, driverIds.reserve).click();
  await by(page, driverIds.reserveRules).waitFor();
  await by(page, driverIds.reserveFor(minutes)).click();
  await picture(page, `reserve-${locale}`, true);
  await accessible(page, "reserve page");
  await by(page, driverIds.reserveGo).click();
  await status(page, "reserved");
}

async function whole(locale: string, n: number): Promise<void> {
  const phone = `139${String(n).padStart(8, "0")}`;
  await richDriver(server.url, n);
  const { context, page } = await openPage(browser, errors, PHONE, locale);
  await signInDriver(page, server.url, phone);
  await reserve(page, locale, 15);
  const count = by(page, driverIds.reservationCount);
  const before = await count.innerText();
  await expect.poll(() => count.innerText(), { timeout: 5_000 }).not.toBe(before);
  await picture(page, `reservation-${locale}`, true);
  await accessible(page, "reservation page");
  await by(page, driverIds.reservationCancel).click();
  await by(page, driverIds.confirmReservationCancel).waitFor();
  await picture(page, `reservation-cancel-${locale}`);
  await by(page, driverIds.confirmReservationCancel).click();
  await status(page, "cancelled");

  await reserve(page, locale, 60);
  await page.goto(`${server.url}/`);
  await by(page, driverIds.activeBar).click(); // one tap away from everywhere
  await by(page, driverIds.reservationStart).click();
  await expect.poll(() => by(page, driverIds.start).isEnabled(), { timeout: 10_000 }).toBe(true);
  await picture(page, `pile-reserved-${locale}`, true);
  await by(page, driverIds.start).click();
  await by(page, driverIds.energy).waitFor({ timeout: 20_000 });
  await by(page, driverIds.stop).click();
  await by(page, driverIds.confirmStop).click();
  await by(page, driverIds.receipt).waitFor({ timeout: 20_000 });
  await context.close();
}

test("reserved, cancelled, reserved again and charged, in Chinese", async () => {
  await whole("zh-CN", 71);
  expect(errors).toEqual([]);
}, 120_000);

test("reserved, cancelled, reserved again and charged, in English", async () => {
  pile.unplug();
  pile.plug();
  await whole("en", 72);
  expect(errors).toEqual([]);
}, 120_000);
