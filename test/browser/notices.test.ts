// What a driver sees of an abnormal end, of a push, of help and of no network at all, and what the
// console sees of a call for help; the stickers with the station's number.
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Driver, newKey, type Pile } from "../../sim/mod.ts";
import { driverIds, opsIds } from "../../web-kit/testids.ts";
import type { LockView } from "../../wire/lock.ts";
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

const NUMBER = "021-55500100";
const patience = { timeout: 20_000 };

let world: World;
let server: Program;
let place: Place;
let browser: Browser;
const piles: Pile[] = [];
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  server = await world.startServer();
  place = await openPlace(server.url, `${world.dir}/node-1`);
  browser = await openBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
}, 60_000);

interface Charging {
  page: Page;
  driver: Driver;
  pile: Pile;
  orderId: string;
}

let desk: Page | undefined;
/** One for all that follow: a one-time code is good once. */
async function consolePage(): Promise<Page> {
  if (desk !== undefined) return desk;
  const { page } = await openPage(browser, errors, DESK, "zh-CN");
  await signInToConsole(page, server.url, `${world.dir}/node-1`, "operator");
  return desk = page;
}

/** A driver whose charge runs, with its page open. */
async function charging(n: number, locale: string): Promise<Charging> {
  const made = await place.addPile(`HELP-${n}`, "native");
  const pile = await connectPile(world, server.url, made, "native");
  piles.push(pile);
  const driver = await richDriver(server.url, n);
  await expect.poll(async () => (await driver.quote(made.id)).why ?? null, patience).toBeNull();
  const { tariffVersion } = await driver.quote(made.id);
  const pay = { by: "wallet", autoCapture: true };
  const body = { pileId: made.id, connector: 1, tariffVersion, pay, ageMs: 0 };
  const key = newKey();
  const { body: order } = await driver.api.ask<{ id: string }>("POST", "/v1/orders", { key, body });
  await driver.until(order.id, ["charging"], 15_000);
  const { page } = await openPage(browser, errors, PHONE, locale);
  await signInDriver(page, server.url, `139${String(n).padStart(8, "0")}`);
  await page.goto(`${server.url}/orders/${order.id}`);
  await by(page, driverIds.stationCall).waitFor(patience);
  return { page, driver, pile, orderId: order.id };
}

/** Shows a push to the page's service worker as the browser's push service would. */
async function pushed(page: Page, data: object): Promise<void> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  const registered = new Promise<string>((done) =>
    cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const ours = registrations.find(({ scopeURL }) => scopeURL === `${server.url}/`);
      if (ours) done(ours.registrationId);
    })
  );
  await cdp.send("ServiceWorker.enable");
  const registrationId = await registered;
  const message = { origin: server.url, registrationId, data: JSON.stringify(data) };
  await cdp.send("ServiceWorker.deliverPushMessage", message);
}
interface Shown {
  title: string;
  tag: string;
  data: string;
}
/** What the worker shows from now on; a browser without a screen shows nothing itself. */
async function shownBy(page: Page): Promise<() => Promise<Shown[]>> {
  const [worker] = page.context().serviceWorkers();
  interface Scope {
    shown: Shown[];
    registration: {
      showNotification(title: string, options: { tag: string; data: string }): Promise<void>;
    };
  }
  await worker!.evaluate(() => {
    const scope = globalThis as unknown as Scope;
    scope.shown = [];
    scope.registration.showNotification = (title, { tag, data }) =>
      Promise.resolve(void scope.shown.push({ title, tag, data }));
  });
  return () => worker!.evaluate(() => (globalThis as unknown as Scope).shown);
}

test("a pulled gun is said over the page and kept in the inbox until it is read", async () => {
  const { page, pile, orderId } = await charging(1, "zh-CN");
  pile.unplug();
  await page.getByText("充电枪被拔出，充电已结束").first().waitFor(patience);
  await picture(page, "gun-pulled-zh-CN");
  await page.goto(`${server.url}/me`);
  await by(page, driverIds.unread).waitFor(patience);
  expect((await by(page, driverIds.unread).innerText()).trim()).toBe("1");
  await accessible(page, "me page with a badge");
  await page.goto(`${server.url}/me/notices`);
  await page.getByText("账单按实际电量计算；需要继续请重新启动").waitFor(patience);
  await picture(page, "notices-zh-CN");
  await accessible(page, "notices page");
  expect(await page.locator(`a[href="/orders/${orderId}"]`).count()).toBe(1);
  await page.goto(`${server.url}/me`);
  await by(page, driverIds.balance).waitFor();
  await expect.poll(() => by(page, driverIds.unread).count(), patience).toBe(0);
  await page.context().close();
});

test("a push is shown under its notice's own tag; without a network the last order has the number", async () => {
  const { page, orderId } = await charging(2, "en");
  await expect.poll(() => page.context().serviceWorkers().length, patience).toBe(1);
  const shown = await shownBy(page);
  const path = `/orders/${orderId}`;
  const message = { id: "n1", code: "charge.fault", title: "Interrupted", body: "Unplug", path };
  await pushed(page, message);
  await pushed(page, message);
  const once = { title: "Interrupted", tag: "n1", data: path }; // one tag: the second takes its place
  await expect.poll(shown, patience).toEqual([once, once]);

  await page.reload(); // its files go through the worker from now on
  await by(page, driverIds.stationCall).waitFor(patience);
  const before = errors.length;
  await page.context().setOffline(true);
  await page.reload();
  await by(page, driverIds.lastOrder).waitFor(patience);
  const last = await by(page, driverIds.lastOrder).innerText();
  expect(last).toContain(NUMBER);
  expect(last).toMatch(/HELP-2/);
  await picture(page, "offline-en");
  await accessible(page, "page without a network");
  await page.context().setOffline(false);
  errors.splice(before); // what could not be fetched was said: that is so
  await page.context().close();
});

test("help rings the console, is taken and closed there; stickers have the number", async () => {
  const { page, driver, orderId } = await charging(3, "zh-CN");
  const desk = await consolePage();
  await by(page, driverIds.help).click();
  await page.locator("dialog textarea").fill("停不下来");
  await page.getByRole("button", { name: "提交求助" }).click();
  const state = () => by(page, driverIds.helpState).getAttribute("data-state");
  await expect.poll(state, patience).toBe("open");
  await accessible(page, "help sheet");
  await desk.getByText("车主一键求助").first().waitFor(patience);
  await by(desk, opsIds.nav("help")).click();
  const row = desk.getByText("停不下来");
  await row.waitFor(patience);
  await picture(desk, "help-zh-CN");
  await accessible(desk, "console's help page");
  await desk.getByRole("button", { name: "查看" }).click();
  await by(desk, opsIds.takeTicket).click();
  await expect.poll(state, patience).toBe("taken");
  await picture(page, "help-taken-zh-CN");
  await by(desk, opsIds.forceStop).click();
  await by(desk, opsIds.forceStopReason).fill("车主无法停止");
  await desk.getByRole("button", { name: "下一步" }).click();
  await by(desk, opsIds.confirmForceStop).click();
  await driver.until(orderId, ["awaiting-payment", "paid"], 20_000);
  await by(desk, opsIds.ticketNote).fill("已远程停止，请拔枪");
  await picture(desk, "ticket-zh-CN");
  await by(desk, opsIds.closeTicket).click();
  await expect.poll(state, patience).toBe("closed");
  await page.getByText("已远程停止，请拔枪").waitFor(patience);
  await page.goto(`${server.url}/me/help`);
  await page.getByText("已处理完毕").waitFor(patience);
  await accessible(page, "my help page");

  await desk.goto(`${server.url}/ops/stickers`);
  await desk.locator(".sticker img").first().waitFor(patience);
  expect(await desk.locator(".sticker").count()).toBe(piles.length);
  expect(await desk.locator(".sticker").first().innerText()).toContain(NUMBER);
  await picture(desk, "stickers-zh-CN", true);
  await accessible(desk, "stickers page");
  await by(desk, opsIds.stationPhone).fill("021-55500199");
  await by(desk, opsIds.saveStationPhone).click();
  await desk.getByText("021-55500199").first().waitFor(patience);
  await desk.emulateMedia({ media: "print" });
  await picture(desk, "stickers-print", true);
  await desk.emulateMedia({ media: "screen" });
  await page.context().close();
});

/** Reserved from now on behind a ground lock, which is up by then. */
async function reservedBay(n: number): Promise<{ pile: Pile; id: string; path: string }> {
  const made = await place.addPile(`LOCK-${n}`, "native");
  const behind = { unplugged: true, lock: { form: "lock" as const } };
  const pile = await connectPile(world, server.url, made, "native", behind);
  piles.push(pile);
  pile.driveOff();
  const locks = `/v1/ops/piles/${made.id}/locks`;
  const fit = { connector: 1, form: "ground-lock", rests: "down", way: { by: "pile" } };
  await place.ops.api.post(locks, fit);
  const position = async () =>
    (await place.ops.api.get<{ items: LockView[] }>(locks)).items[0]?.position;
  await expect.poll(position, patience).toBe("up");
  const driver = await richDriver(server.url, n);
  const { id } = await driver.reserve({ pileId: made.id });
  return { pile, id: made.id, path: `/reservations/${id}` };
}

test("a reserved bay: closed to others, opened by its holder, broken and raised by ops", async () => {
  const { pile, id, path } = await reservedBay(4);
  const { page: other } = await openPage(browser, errors, PHONE, "en");
  await signInDriver(other, server.url, "13900000005");
  await other.goto(`${server.url}/piles/${id}`);
  await other.getByText("closed for the driver who reserved it").waitFor(patience);
  expect(await by(other, driverIds.lowerLock).count()).toBe(0);
  await picture(other, "lock-kept-en", true);

  const { page } = await openPage(browser, errors, PHONE, "zh-CN");
  await signInDriver(page, server.url, "13900000004");
  await page.goto(`${server.url}${path}`);
  await by(page, driverIds.lowerLock).waitFor(patience);
  await picture(page, "lock-up-zh-CN", true);
  await by(page, driverIds.lowerLock).click();
  await page.getByText("车位已打开").waitFor(patience);
  pile.breakLock("motor");
  await page.getByText("该车位的地锁故障").waitFor(patience);
  await picture(page, "lock-broken-zh-CN", true);
  await accessible(page, "reservation with a broken lock");
  await by(page, driverIds.lockHelp).click();
  await page.locator('dialog a[href^="tel:021-"]').waitFor(patience);
  await other.getByText("The ground lock of this bay").waitFor(patience);
  await picture(other, "lock-broken-en", true);

  const desk = await consolePage();
  await desk.goto(`${server.url}/ops/`);
  await by(desk, opsIds.wallPile(id)).click();
  const panel = by(desk, opsIds.locks);
  await panel.getByText("自报故障").waitFor(patience);
  await panel.getByText("过程记录").click();
  await picture(desk, "lock-console-zh-CN");
  await accessible(desk, "console's pile with a broken lock");
  pile.lockByHand("down");
  await panel.getByText("已降下").waitFor(patience);
  await by(desk, opsIds.moveLock(1, "up")).click();
  await by(desk, "command-reason").fill("预约车位");
  await picture(desk, "lock-raise-zh-CN");
  await desk.getByRole("button", { name: "下一步" }).click();
  await by(desk, "confirm-command").click();
  await panel.getByText("已升起").waitFor(patience);
  for (const one of [page, other]) await one.context().close();
});

test("no page complained of anything", () => expect(errors).toEqual([]));
