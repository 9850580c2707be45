// Flow B through the real pages, in both languages: the station's rules set by ops, reserved, cancelled at its
// cost, reserved again, another pile scanned, the charge that it becomes; a no-show and an appeal; ops see all.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Driver, Pile } from "../../sim/mod.ts";
import { pngPhoto } from "../../sim/photo.ts";
import { driverIds, opsIds } from "../../web-kit/testids.ts";
import { openBrowser } from "../kit/chromium.ts";
import {
  accessible,
  buildPages,
  by,
  DESK,
  openPage,
  PHONE,
  picture,
  signInDriver,
  signInToConsole,
} from "../kit/pages.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const PILE = "SH-0101";
const OTHER = "SH-0102";
const LATE_MS = 20_000;
let world: World;
let server: Program;
let browser: Browser;
let place: Place;
let operator: Page;
let service: Page;
const piles: Pile[] = [];
const codes: Record<string, string> = {};
const errors: string[] = [];

async function openConsole(role: string): Promise<Page> {
  const { page } = await openPage(browser, errors, DESK, "zh-CN");
  await signInToConsole(page, server.url, `${world.dir}/node-1`, role);
  await by(page, opsIds.nav("reservations")).click();
  await by(page, opsIds.reservations).waitFor();
  return page;
}
beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  place = await openPlace(server.url, `${world.dir}/node-1`);
  for (const id of [PILE, OTHER]) {
    const made = await place.addPile(id, "native");
    codes[id] = made.code;
    piles.push(await connectPile(world, server.url, made, "native"));
  }
  browser = await openBrowser();
  operator = await openConsole("operator");
  service = await openConsole("service");
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const phoneOf = (n: number) => `139${String(n).padStart(8, "0")}`;
const text = (page: Page, id: string) => by(page, id).innerText();
const status = (page: Page, is: string, timeout = LATE_MS) =>
  expect.poll(() => by(page, driverIds.reservationStatus).getAttribute("data-status"), { timeout })
    .toBe(is);
const idIn = (page: Page) => new URL(page.url()).pathname.split("/").at(-1)!;
const tab = (page: Page, name: string) => by(page, opsIds.reservationTab(name)).click();
/** Reason, second look, done. */
async function sure(page: Page, reason: string, confirm: string): Promise<void> {
  await by(page, reason).fill("测试 test");
  await by(page, "reason-next").click();
  await by(page, confirm).click();
  await by(page, confirm).waitFor({ state: "hidden" });
}

/** Ops set what a cancel costs from the first minute on; out of bounds it is refused in words. */
async function setRules(locale: string, depositYuan: string): Promise<void> {
  await tab(operator, "rules");
  await by(operator, opsIds.reserveRuleEdit).click();
  const field = (name: string) => by(operator, opsIds.reserveRuleField(name));
  await field("freeMs").fill("16");
  await field("depositFen").fill(depositYuan);
  await by(operator, opsIds.reserveRuleSave).click();
  await sure(operator, opsIds.reserveRuleReason, opsIds.confirmReserveRule);
  await by(operator, "refusal").waitFor();
  const wanted = errors.findIndex((said) => said.includes("reservation-rules")); // that refusal
  if (wanted >= 0) errors.splice(wanted, 1);
  await picture(operator, `reservation-rules-${locale}`, true);
  await accessible(operator, "rules of a station");
  await field("freeMs").fill("15");
  await by(operator, opsIds.reserveRuleSave).click();
  await sure(operator, opsIds.reserveRuleReason, opsIds.confirmReserveRule);
  await by(operator, opsIds.reserveRuleEdit).waitFor();
  await tab(operator, "list");
}

/** From the list of stations to 已预约, at the rules that are shown. */
async function reserve(page: Page, locale: string, minutes: number, fees: string[]) {
  await page.goto(`${server.url}/`);
  await by(page, driverIds.stationRow(place.stationId)).click();
  await by(page, driverIds.pileRow(PILE)).click();
  await by(page, driverIds.reserve).click();
  await by(page, driverIds.reserveFor(minutes)).click();
  const shown = await text(page, driverIds.reserveRules);
  for (const fee of fees) expect(shown).toContain(fee);
  await picture(page, `reserve-${locale}`, true);
  await accessible(page, "reserve page");
  await by(page, driverIds.reserveGo).click();
  await status(page, "reserved");
}

async function cancelled(page: Page, locale: string): Promise<void> {
  await by(page, driverIds.reservationCancel).click();
  const sheet = by(page, driverIds.confirmReservationCancel);
  await sheet.waitFor();
  expect(await page.getByRole("dialog").innerText()).toContain("¥5.00");
  await picture(page, `reservation-cancel-${locale}`);
  await accessible(page, "cancel sheet");
  await sheet.click();
  await status(page, "cancelled");
}

/** The countdown runs, and the way there is in each map's own coordinates. */
async function promised(page: Page, locale: string): Promise<void> {
  const count = by(page, driverIds.reservationCount);
  const before = await count.innerText();
  await expect.poll(() => count.innerText(), { timeout: 5_000 }).not.toBe(before);
  const way = (map: string) => by(page, driverIds.way(map)).getAttribute("href");
  expect(await way("geo")).toMatch(/^geo:31\.2,121\.4\?/);
  expect(await way("amap")).toContain("coordinate=gaode");
  expect(await way("baidu")).toContain("coord_type=bd09ll");
  expect(await way("apple")).toContain("maps.apple.com");
  await picture(page, `reservation-${locale}`, true);
  await accessible(page, "reservation page");
}

async function charged(page: Page, locale: string, driver: Driver): Promise<void> {
  const reservationId = idIn(page);
  const row = by(operator, opsIds.reservationRow(reservationId));
  const is = (wanted: string) =>
    expect.poll(() => row.getAttribute("data-status"), { timeout: LATE_MS }).toBe(wanted);
  await is("reserved");
  await page.goto(`${server.url}/p/${codes[OTHER]}`); // another pile is scanned
  await page.getByText(PILE).first().waitFor();
  await picture(page, `pile-other-${locale}`, true);
  await accessible(page, "another pile");
  await page.goto(`${server.url}/p/${codes[PILE]}`);
  await expect.poll(() => by(page, driverIds.start).isEnabled(), { timeout: LATE_MS }).toBe(true);
  await picture(page, `pile-reserved-${locale}`, true);
  await by(page, driverIds.start).click();
  await by(page, driverIds.energy).waitFor({ timeout: LATE_MS });
  await is("fulfilled");
  await by(page, driverIds.stop).click();
  await by(page, driverIds.confirmStop).click();
  await by(page, driverIds.receipt).waitFor({ timeout: LATE_MS });
  const causes = async () =>
    (await driver.api.get<{ items: { cause: string }[] }>("/v1/wallet/lines")).items
      .map(({ cause }) => cause);
  await expect.poll(causes, { timeout: LATE_MS })
    .toEqual(expect.arrayContaining(["deposit", "reservation-fee", "deposit-return", "hold"]));
  await picture(operator, `reservations-${locale}`, true);
  await accessible(operator, "reservations of a station");
}

async function whole(locale: string, n: number, depositYuan: string): Promise<void> {
  await setRules(locale, depositYuan);
  const driver = await richDriver(server.url, n);
  const { context, page } = await openPage(browser, errors, PHONE, locale);
  await signInDriver(page, server.url, phoneOf(n));
  const fees = [`¥${depositYuan}`, "¥5.00", "¥20.00"];
  await reserve(page, locale, 15, fees);
  await promised(page, locale);
  await cancelled(page, locale);
  await reserve(page, locale, 60, fees);
  await charged(page, locale, driver);
  await context.close();
}

/** Their minutes are short, the first no-show suspends, and a person looks at each appeal. */
async function hurried(n: number): Promise<Driver> {
  const driver = await richDriver(server.url, n);
  const settings = { reserveMinuteMs: 600, noShowsMax: 1, appealsFree: 0 };
  const mode = { runId: `drl_browser${n}`, ids: [driver.userId], without: [], settings };
  await place.ops.api.ask("PUT", "/v1/ops/drills/mode", { body: { ...mode, forMs: 300_000 } });
  return driver;
}

async function missed(locale: string, n: number): Promise<void> {
  const driver = await hurried(n);
  const { context, page } = await openPage(browser, errors, PHONE, locale);
  await signInDriver(page, server.url, phoneOf(n));
  const { id } = await driver.reserve({ pileId: OTHER, minutes: 15 });
  await page.goto(`${server.url}/reservations/${id}`);
  await status(page, "no-show", 40_000);
  await by(page, driverIds.noShows).waitFor();
  expect(await page.locator("main").innerText()).toContain("¥20.00");
  await picture(page, `no-show-${locale}`, true);
  await accessible(page, "a no-show");
  await page.goto(`${server.url}/piles/${OTHER}/reserve`);
  const may = () => by(page, driverIds.reserveGo).isEnabled();
  await expect.poll(may, { timeout: LATE_MS }).toBe(false);
  await picture(page, `reserve-suspended-${locale}`, true);
  await accessible(page, "reserving is suspended");

  await tab(service, "no-shows");
  await by(service, opsIds.noShowRow(driver.userId)).waitFor({ timeout: LATE_MS });
  await picture(service, `no-shows-${locale}`, true);
  await accessible(service, "no-shows");
  await by(service, opsIds.liftBar(driver.userId)).click();
  await sure(service, opsIds.liftReason, opsIds.confirmLift);
  await page.reload();
  await expect.poll(may, { timeout: LATE_MS }).toBe(true);
  await context.close();
}

async function appealed(locale: string, n: number): Promise<void> {
  const driver = await hurried(n);
  const { context, page } = await openPage(browser, errors, PHONE, locale);
  await signInDriver(page, server.url, phoneOf(n));
  const { id } = await driver.reserve({ pileId: OTHER, minutes: 60, inMs: 600_000 });
  await page.goto(`${server.url}/reservations/${id}`);
  await by(page, driverIds.appeal).click();
  await by(page, driverIds.appealText).fill("油车占位 a fuel car is in the bay");
  const [photo, seen] = [by(page, driverIds.appealPhoto), page.locator("main img")];
  await photo.setInputFiles({
    name: "bay.png",
    mimeType: "image/png",
    buffer: Buffer.from(pngPhoto(64, 48)),
  });
  await seen.waitFor();
  await picture(page, `reservation-appeal-${locale}`, true);
  await accessible(page, "an appeal");
  await by(page, driverIds.appealSend).click();
  await status(page, "appealed");

  await tab(service, "appeals");
  await by(service, opsIds.reservationRow(id)).click({ timeout: LATE_MS });
  await by(service, opsIds.reservationDrawer).getByText("油车占位").waitFor();
  await by(service, opsIds.appealPhoto).waitFor(); // as the driver sent it, without its metadata
  await picture(service, `appeal-${locale}`, true);
  await accessible(service, "an appeal on the console");
  await by(service, opsIds.grantAppeal).click();
  await sure(service, opsIds.appealReason, opsIds.confirmAppeal);
  await expect.poll(async () => (await driver.wallet()).balanceFen, { timeout: LATE_MS })
    .toBe(50_000);
  await page.getByText("测试 test").waitFor({ timeout: LATE_MS }); // the reason, over the socket
  await picture(page, `reservation-appealed-${locale}`, true);
  await accessible(page, "an appeal that was granted");
  await service.keyboard.press("Escape");
  await context.close();
}

test("the whole of it in Chinese", async () => {
  await whole("zh-CN", 71, "30.00");
  expect(errors).toEqual([]);
}, 240_000);

test("a no-show and an appeal in Chinese", async () => {
  await missed("zh-CN", 81);
  await appealed("zh-CN", 82);
  expect(errors).toEqual([]);
}, 240_000);

test("the whole of it in English", async () => {
  for (const page of [operator, service]) await by(page, opsIds.language).click();
  for (const pile of piles) {
    pile.unplug();
    pile.plug();
  }
  await whole("en", 72, "25.00");
  expect(errors).toEqual([]);
}, 240_000);

test("a no-show and an appeal in English", async () => {
  await missed("en", 83);
  await appealed("en", 84);
  expect(errors).toEqual([]);
}, 240_000);
