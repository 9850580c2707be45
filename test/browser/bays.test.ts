// A car that stays after its charge, through the real pages in both languages: free time, fee, warning, release
// with its second confirmation, a patrol with a photo, the appeal, the bar and its lift.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pngPhoto } from "../../sim/photo.ts";
import type { Driver, Pile } from "../../sim/mod.ts";
import type { PatrolView } from "../../wire/patrol.ts";
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

const PILE = "SH-0301";
const N = 81;
const PHONE_NO = `139${String(N).padStart(8, "0")}`;
/** A minute of the rule is 600 ms: free for 9 s, at its cap after 60 s more; one overstay bars. */
const CHARGEWARD_SETTINGS = JSON.stringify({
  overstayMinuteMs: 600,
  bayWarnMs: 1_000,
  overstaysWarned: 1,
  overstaysMax: 1,
});
let world: World;
let server: Program;
let browser: Browser;
let place: Place;
let pile: Pile;
let driver: Driver;
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms", env: { CHARGEWARD_SETTINGS } });
  server = await world.startServer();
  place = await openPlace(server.url, `${world.dir}/node-1`);
  pile = await connectPile(world, server.url, await place.addPile(PILE, "native"), "native");
  driver = await richDriver(server.url, N);
  browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await pile?.stop();
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const phase = (page: Page, is: string) =>
  expect.poll(() => by(page, driverIds.stay).getAttribute("data-phase"), { timeout: 30_000 })
    .toBe(is);
const photo = {
  name: "bay.png",
  mimeType: "image/png",
  buffer: Buffer.from(pngPhoto(640, 480)),
};

/** A deed of the console with its reason and second look. */
async function deed(page: Page, ids: { reason: string; confirm: string }, name: string) {
  await by(page, ids.reason).fill("blocks the bay");
  await by(page, "reason-next").click();
  await picture(page, name);
  await accessible(page, name);
  await by(page, ids.confirm).click();
  await by(page, ids.confirm).waitFor({ state: "hidden" });
}
const stayDeed = { reason: opsIds.adjustReason, confirm: opsIds.confirmAdjust };

async function patrolled(page: Page): Promise<void> {
  const { items: [task] } = await place.ops.api.get<{ items: PatrolView[] }>("/v1/ops/patrols");
  await by(page, opsIds.patrol(task!.id)).getByRole("button").click({ timeout: 15_000 });
  await by(page, opsIds.takePatrol).click();
  await by(page, opsIds.takePatrol).waitFor({ state: "hidden" });
  await by(page, opsIds.patrolNote).fill("车主不在，已拍照");
  await by(page, opsIds.patrolPhoto).setInputFiles(photo);
  await picture(page, "patrol-zh-CN");
  await by(page, opsIds.finishPatrol).click();
  await page.locator("figure img").waitFor();
  await picture(page, "patrol-done-zh-CN");
  await accessible(page, "a patrol task that is done");
  await page.keyboard.press("Escape");
}

test("a car stays: told, charged for it, warned, released and patrolled, in Chinese", async () => {
  const { context, page } = await openPage(browser, errors, PHONE, "zh-CN");
  await signInDriver(page, server.url, PHONE_NO);
  const console = await openPage(browser, errors, DESK, "zh-CN");
  await signInToConsole(console.page, server.url, `${world.dir}/node-1`, "operator");
  const { id } = await driver.start({ pileId: PILE, limit: { energyWh: 100 }, autoCapture: true });
  await page.goto(`${server.url}/orders/${id}`);
  await phase(page, "free");
  await picture(page, "stay-free-zh-CN", true);
  await phase(page, "costs");
  await picture(page, "stay-costs-zh-CN", true);
  await accessible(page, "an order whose car stays");

  await by(console.page, opsIds.nav("bays")).click();
  await by(console.page, opsIds.bayRow(id)).waitFor({ timeout: 15_000 });
  await console.page.getByText("超时占用", { exact: true }).waitFor({ timeout: 15_000 });
  await picture(console.page, "bays-zh-CN", true);
  await accessible(console.page, "bays");
  await patrolled(console.page);
  await by(console.page, opsIds.bayRow(id)).getByRole("button").click();
  await by(console.page, opsIds.bayWarn).click();
  await deed(console.page, stayDeed, "bay-warn-zh-CN");
  await page.getByText("起清出车位").waitFor({ timeout: 15_000 });
  await picture(page, "stay-warned-zh-CN", true);
  const told = await driver.order(id);
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(told.stay!.releaseFrom!));
  await by(console.page, opsIds.bayConfirm).fill(`${PILE}/1`);
  await by(console.page, opsIds.bayRelease).click();
  await deed(console.page, stayDeed, "bay-release-zh-CN");
  await by(page, driverIds.stay).getByText("运维已解锁充电枪").waitFor({ timeout: 15_000 });
  expect(pile.log("command").some((one) => JSON.stringify(one).includes("unlock"))).toBe(true);
  pile.unplug();
  await phase(page, "left");
  await by(page, driverIds.stayAppeal).click();
  await by(page, driverIds.stayAppealText).fill("道闸打不开，出不去");
  await picture(page, "stay-appeal-zh-CN", true);
  await by(page, driverIds.stayAppealSend).click();
  await page.getByText("道闸打不开，出不去").waitFor();
  await accessible(page, "an order with an appeal");
  await context.close();
  await console.context.close();
  expect(errors).toEqual([]);
}, 150_000);

test(
  "barred, lifted, the fee waived; a blocked bay reported with a photo, in English",
  async () => {
    const [order] = (await driver.api.get<{ items: { id: string }[] }>("/v1/orders")).items;
    const { context, page } = await openPage(browser, errors, PHONE, "en");
    await signInDriver(page, server.url, PHONE_NO);
    await page.goto(`${server.url}/me`);
    await by(page, driverIds.barred).waitFor();
    await picture(page, "barred-en", true);
    await accessible(page, "me, barred");
    const console = await openPage(browser, errors, DESK, "en");
    await signInToConsole(console.page, server.url, `${world.dir}/node-1`, "service");
    await console.page.goto(`${server.url}/ops/orders?order=${order!.id}`);
    await by(console.page, opsIds.liftStartBar).click();
    await deed(
      console.page,
      { reason: opsIds.liftReason, confirm: opsIds.confirmLift },
      "bar-lift-en",
    );
    await by(console.page, opsIds.liftStartBar).waitFor({ state: "hidden" });
    await by(console.page, opsIds.overstayDecide).click();
    await deed(console.page, stayDeed, "overstay-waive-en");
    await picture(console.page, "stay-panel-en");
    await accessible(console.page, "an order with a decided overstay");
    await expect.poll(async () => (await driver.order(order!.id)).dues.at(-1)).toMatchObject({
      purpose: "overstay",
      status: "waived",
    });
    await page.goto(`${server.url}/orders/${order!.id}`);
    await phase(page, "left");
    await picture(page, "stay-waived-en", true);

    await page.goto(`${server.url}/piles/${PILE}`);
    await by(page, driverIds.bayReport).click();
    await by(page, driverIds.bayReportText).fill("A fuel car stands here");
    await by(page, driverIds.bayReportPhoto).setInputFiles(photo);
    await picture(page, "bay-report-en", true);
    await accessible(page, "the report of a blocked bay");
    await by(page, driverIds.bayReportSend).click();
    await page.getByText("Thank you").waitFor();
    await console.page.goto(`${server.url}/ops/bays`);
    await console.page.getByText("Reported by a driver").waitFor({ timeout: 15_000 });
    await picture(console.page, "bays-en", true);
    await by(console.page, opsIds.theme).click();
    await picture(console.page, "bays-dark", true);
    await accessible(console.page, "bays in the dark");
    await context.close();
    await console.context.close();
    expect(errors).toEqual([]);
  },
  150_000,
);
