// A tariff's way through the console: drafted from the one in force, its faults said in words,
// simulated on a charge that was, published after a second look, taken back; and what drivers see of it.
// Then what finance does by hand: coupons of a campaign, a driver's credit, a look at the books.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cityTariff, type Driver, type Pile } from "../../sim/mod.ts";
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
  signInToConsole,
} from "../kit/pages.ts";
import { connectPile, openPlace, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const PILE = "SH-0001";
const fees = {
  sessionFen: 100,
  minimumFen: 500,
  parking: { freeMinutes: 60, fenPerHour: 400, capFen: 2_000 },
};

let world: World;
let server: Program;
let browser: Browser;
let pile: Pile;
let driver: Driver;
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  const tariff = { ...cityTariff("test"), fees };
  const place = await openPlace(server.url, `${world.dir}/node-1`, tariff);
  pile = await connectPile(world, server.url, await place.addPile(PILE, "native"), "native");
  driver = await richDriver(server.url, 7);
  browser = await openBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await pile?.stop();
  await world?.[Symbol.asyncDispose]();
}, 60_000);

async function chargeOnce(): Promise<string> {
  const { id } = await driver.start({ pileId: PILE, limit: { energyWh: 100 } });
  await driver.until(id, ["awaiting-payment"], 60_000);
  return id;
}

const findings = (page: Page) =>
  by(page, opsIds.tariffFindings).locator("[data-code]").evaluateAll((found) =>
    found.map((one) => one.getAttribute("data-code"))
  );

/** Reason, second look, done. */
async function confirm(page: Page, reason: string, name: string): Promise<void> {
  await by(page, opsIds.tariffReason).fill(reason);
  await by(page, "reason-next").click();
  await picture(page, name);
  await accessible(page, name);
  await by(page, opsIds.tariffConfirm).click();
  await by(page, opsIds.tariffConfirm).waitFor({ state: "hidden" });
}
const inForce = (page: Page, version: string) =>
  page.getByRole("heading", { name: version }).first().waitFor();

test("a tariff is drafted, checked, simulated, published and taken back", async () => {
  const orderId = await chargeOnce();
  const { context, page } = await openPage(browser, errors, DESK, "zh-CN");
  await signInToConsole(page, server.url, `${world.dir}/node-1`, "operator");
  await by(page, opsIds.nav("tariffs")).click();
  await inForce(page, "tv_test-1");
  await by(page, opsIds.tariffNew).click();
  expect(await by(page, opsIds.tariffVersion).inputValue()).toBe("tv_test-2");
  await by(page, opsIds.tariffPrice(0, "energy")).fill("32.57"); // a comma too far right
  await picture(page, "tariffs-editor-zh-CN", true);
  await accessible(page, "tariff editor");
  await by(page, opsIds.tariffSave).click();
  await expect.poll(() => findings(page)).toEqual(["energy-price-high"]);
  await picture(page, "tariffs-findings-zh-CN", true);

  await page.getByRole("button", { name: "编辑" }).click();
  for (let row = 0; row < 10; row++) {
    await by(page, opsIds.tariffPrice(row, "energy")).fill(row === 0 ? "0.6" : "1.5");
  }
  await by(page, opsIds.tariffSave).click();
  await expect.poll(() => findings(page)).toEqual(["price-jump"]);
  const simulated = by(page, opsIds.tariffSimulated);
  await expect.poll(async () => {
    await by(page, opsIds.tariffSimulate("tv_test-2")).click();
    await simulated.waitFor();
    return await simulated.getByText(orderId).count();
  }, { timeout: 20_000 }).toBe(1);
  await picture(page, "tariffs-simulated-zh-CN", true);
  await accessible(page, "tariffs with a simulation");

  await by(page, opsIds.language).click();
  await by(page, opsIds.tariffPublish("tv_test-2")).click();
  await confirm(page, "summer prices", "tariffs-publish-en");
  await inForce(page, "tv_test-2");
  await expect.poll(async () => (await driver.quote(PILE)).tariffVersion).toBe("tv_test-2");
  await by(page, opsIds.tariffBack).click();
  await confirm(page, "published by mistake", "tariffs-back-en");
  await inForce(page, "tv_test-1");
  await expect.poll(async () => (await driver.quote(PILE)).tariffVersion).toBe("tv_test-1");
  await picture(page, "tariffs-en", true);
  await by(page, opsIds.theme).click();
  await picture(page, "tariffs-dark", true);
  await accessible(page, "tariffs in the dark");
  await context.close();
  await driverSees(orderId);
  expect(errors).toEqual([]);
}, 150_000);

test("finance grants coupons, lends to a driver and has the books looked at", async () => {
  const orderId = (await driver.api.get<{ items: { id: string }[] }>("/v1/orders")).items[0]!.id;
  const { context, page } = await openPage(browser, errors, DESK, "zh-CN");
  await signInToConsole(page, server.url, `${world.dir}/node-1`, "finance");
  await by(page, opsIds.nav("campaigns")).click();
  await by(page, opsIds.campaignName).fill("秋季满减");
  await by(page, opsIds.openCampaign).click();
  await page.getByText("减 ¥5.00, 账单满 ¥30.00").waitFor();
  await picture(page, "campaigns-zh-CN", true);
  await accessible(page, "campaigns");
  await page.getByRole("button", { name: "发放", exact: true }).click();
  await by(page, opsIds.grantPeople).fill(driver.userId);
  await by(page, opsIds.grantGo).click();
  await by(page, opsIds.grantPeople).waitFor({ state: "hidden" });
  const coupons = async () =>
    (await driver.api.get<{ items: { status: string }[] }>("/v1/coupons")).items;
  await expect.poll(coupons).toMatchObject([{ status: "usable" }]);

  await page.goto(`${server.url}/ops/orders?order=${orderId}`);
  await by(page, opsIds.creditLimit).fill("30");
  await by(page, opsIds.setCredit).click();
  await by(page, opsIds.creditReason).fill("trusted");
  await by(page, "reason-next").click();
  await by(page, opsIds.confirmCredit).click();
  await page.getByText("现行额度 ¥30.00").waitFor();
  await picture(page, "credit-zh-CN");
  await accessible(page, "an order with its driver's credit");

  await page.goto(`${server.url}/ops/approvals`);
  const books = by(page, opsIds.books);
  await books.getByRole("button").click();
  await books.getByText(/已读 \d+ 条记录/).waitFor({ timeout: 20_000 });
  await books.getByText("账目审计：一致").waitFor();
  await picture(page, "books-zh-CN", true);
  await accessible(page, "approvals and books");
  await context.close();
  expect(errors).toEqual([]);
}, 120_000);

/** Prices with their fees before, the bill with its lines after. */
async function driverSees(orderId: string): Promise<void> {
  const { context, page } = await openPage(browser, errors, PHONE, "zh-CN");
  await page.goto(`${server.url}/sign-in`);
  await by(page, driverIds.phone).fill(driver.phone);
  const codes = async () => {
    const answer = await fetch(`${server.url}/sandbox/inbox?phone=${driver.phone}`);
    const items = await answer.json() as { code?: string; at: string }[];
    const coded = items.filter(({ code }) => code !== undefined);
    return coded.sort((a, b) => b.at.localeCompare(a.at)).map(({ code }) => code!);
  };
  const known = (await codes()).length; // the driver's own sign-in had one
  await by(page, driverIds.sendCode).click();
  await expect.poll(async () => (await codes()).length, { timeout: 10_000 }).toBeGreaterThan(known);
  await by(page, driverIds.code).fill((await codes())[0]!);
  const agree = by(page, driverIds.agree);
  if (await agree.count() > 0) await agree.click();
  await by(page, driverIds.signIn).click();
  await page.waitForURL((url) => !url.pathname.includes("sign-in"));
  await page.goto(`${server.url}/orders/${orderId}`);
  const bill = by(page, driverIds.bill);
  await bill.waitFor();
  for (const word of ["电费", "服务费", "启动费", "最低消费补足", "电表"]) {
    await bill.getByText(word).first().waitFor();
  }
  expect(await by(page, driverIds.billTotal).innerText()).toBe("¥5.00");
  await picture(page, "bill-fees-zh-CN", true);
  await accessible(page, "a bill with fees");
  await page.goto(`${server.url}/piles/${PILE}`);
  await page.getByText("查看全部").or(page.locator(".fold")).first().click();
  await page.getByText("最低消费").first().waitFor();
  await picture(page, "pile-prices-zh-CN", true);
  await accessible(page, "prices with fees");
  await context.close();
}
