// A person's way through the real pages: sign in, find a pile by its code, start, watch numbers move,
// stop, pay, receipt; and the wall of ops that shows the same charge within a second.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Pile } from "../../sim/mod.ts";
import { driverIds, opsIds } from "../../web-kit/testids.ts";
import { openBrowser } from "../kit/chromium.ts";
import {
  accessible,
  buildPages,
  by,
  DESK,
  type Opened,
  openPage,
  PHONE,
  picture,
  signInDriver,
  signInToConsole,
} from "../kit/pages.ts";
import { connectPile, openPlace, type Place } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

let world: World;
let server: Program;
let place: Place;
let browser: Browser;
let pile: Pile;
let code: string;
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  place = await openPlace(server.url, `${world.dir}/node-1`);
  const made = await place.addPile("SH-0001", "native");
  code = made.code;
  pile = await connectPile(world, server.url, made, "native");
  for (let n = 2; n <= 6; n++) await place.addPile(`SH-000${n}`, "ocpp1.6");
  browser = await openBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await pile?.stop();
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const open = (viewport: typeof DESK, locale: string) => openPage(browser, errors, viewport, locale);

async function opsWall(locale: string): Promise<Opened> {
  const opened = await open(DESK, locale);
  const { page } = opened;
  const role = locale === "en" ? "operator" : "service"; // a one-time code is good once
  await signInToConsole(
    page,
    server.url,
    `${world.dir}/node-1`,
    role,
    () => picture(page, `ops-sign-in-${locale}`),
  );
  return opened;
}

const number = async (page: Page, id: string): Promise<number> =>
  Number((await by(page, id).innerText()).replace(/[^0-9.]/g, ""));

async function recharge(page: Page): Promise<void> {
  await page.goto(`${server.url}/me`);
  await by(page, driverIds.recharge).first().click();
  await picture(page, "recharge");
  await by(page, driverIds.rechargeAmount(50_000)).click();
  await by(page, driverIds.rechargeGo).click();
  await by(page, driverIds.handoffPay).click();
  await expect.poll(() => number(page, driverIds.balance), { timeout: 15_000 }).toBe(500);
}

async function charge(locale: string, phone: string): Promise<void> {
  const { context, page } = await open(PHONE, locale);
  const wall = await opsWall(locale);
  await page.goto(`${server.url}/`);
  await picture(page, `entry-${locale}`);
  await signInDriver(page, server.url, phone);
  await picture(page, `stations-${locale}`);
  await recharge(page);
  await picture(page, `me-${locale}`);
  await page.goto(`${server.url}/p/${code}`);
  await by(page, driverIds.start).waitFor();
  await expect.poll(() => by(page, driverIds.start).isEnabled(), { timeout: 10_000 }).toBe(true);
  await picture(page, `pile-${locale}`);
  await accessible(page, "pile page");
  const consent = by(page, driverIds.autoCapture);
  await consent.click(); // payment is confirmed by hand below
  await by(page, driverIds.start).click();
  await sameOnWall(page, wall.page, locale);
  await by(page, driverIds.energy).waitFor();
  await moves(page);
  await picture(page, `charging-${locale}`);
  await accessible(page, "charging page");
  await by(page, driverIds.stop).click();
  await picture(page, `stop-${locale}`);
  await by(page, driverIds.confirmStop).click();
  await by(page, driverIds.pay).waitFor({ timeout: 20_000 });
  await picture(page, `summary-${locale}`);
  await accessible(page, "summary page");
  await by(page, driverIds.pay).click();
  await by(page, driverIds.receipt).waitFor({ timeout: 20_000 });
  await picture(page, `paid-${locale}`);
  await by(page, driverIds.receipt).click();
  await page.waitForURL((url) => url.pathname.includes("receipt"));
  await picture(page, `receipt-${locale}`);
  await accessible(page, "receipt page");
  await page.goto(`${server.url}/orders`);
  await picture(page, `orders-${locale}`);
  await wall.context.close();
  await context.close();
}

/** Phone and wall say "charging" within a second of each other, whoever is first. */
async function sameOnWall(phone: Page, wall: Page, locale: string): Promise<void> {
  const words = locale === "zh-CN" ? "充电中" : "Charging";
  const cell = opsIds.wallPile("SH-0001");
  const says = (page: Page, id: string) =>
    by(page, id).filter({ hasText: words }).waitFor({ timeout: 20_000 })
      .then(() => performance.now());
  const [onPhone, onWall] = await Promise.all([
    says(phone, driverIds.orderStatus),
    says(wall, cell),
  ]);
  console.log(`wall ${Math.round(onWall - onPhone)} ms after the phone (${locale})`);
  expect(Math.abs(onWall - onPhone)).toBeLessThan(1_000);
  await picture(wall, `wall-${locale}`);
  await accessible(wall, "wall");
  await by(wall, cell).click();
  await by(wall, opsIds.drawer).waitFor();
  await picture(wall, `wall-pile-${locale}`);
}

/** Energy, money and time go up while one looks. */
async function moves(page: Page): Promise<void> {
  const before = await number(page, driverIds.energy);
  await expect.poll(() => number(page, driverIds.energy), { timeout: 15_000 })
    .toBeGreaterThan(before);
  expect(await number(page, driverIds.power)).toBeGreaterThan(0);
}

test("a whole charge in Chinese, and the wall beside it", async () => {
  await charge("zh-CN", "13900000001");
  expect(errors).toEqual([]);
}, 150_000);

test("a whole charge in English, and the wall beside it", async () => {
  pile.unplug();
  pile.plug();
  await charge("en", "13900000002");
  expect(errors).toEqual([]);
}, 150_000);
