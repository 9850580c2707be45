// The page of whoever is on call: two nodes with their figures, a lane that is parked because wallets
// cannot be loaded, tried by hand once they can, and a node that died.
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Driver, newKey, type Pile } from "../../sim/mod.ts";
import { opsIds } from "../../web-kit/testids.ts";
import { openBrowser } from "../kit/chromium.ts";
import {
  accessible,
  buildPages,
  by,
  DESK,
  openPage,
  picture,
  signInToConsole,
} from "../kit/pages.ts";
import { connectPile, openPlace, type Place, richDriver } from "../kit/place.ts";
import type { Program } from "../kit/processes.ts";
import { startWorld, type World } from "../kit/world.ts";

const NODES = ["node-1", "node-2"];
/** Ten tries with growing pauses. */
const PARKED_MS_MAX = 60_000;

let world: World;
let servers: Program[];
let place: Place;
let browser: Browser;
const piles: Pile[] = [];
const errors: string[] = [];

beforeAll(async () => {
  await buildPages();
  world = await startWorld({ sync: "100ms" });
  const env = { CHARGEWARD_TEST_FAULTS: JSON.stringify({ closed: "wallet" }) };
  servers = [];
  for (const node of NODES) {
    servers.push(await world.startServer({ node, env, script: "test/kit/faulty-server.ts" }));
  }
  place = await openPlace(servers[0]!.url, join(world.dir, NODES[0]!));
  browser = await openBrowser();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await Promise.all(piles.map((pile) => pile.stop()));
  await world?.[Symbol.asyncDispose]();
}, 60_000);

const closedFiles = () => NODES.map((node) => join(world.dir, node, "closed"));

/** A pile with a car at it. */
async function pileAt(id: string): Promise<string> {
  const made = await place.addPile(id, "native");
  piles.push(await connectPile(world, servers[0]!.url, made, "native"));
  return id;
}

async function start(driver: Driver, pileId: string, tariffVersion: string): Promise<string> {
  const pay = { by: "wallet", autoCapture: true };
  const body = { pileId, connector: 1, tariffVersion, pay, ageMs: 0 };
  return await driver.api.ask("POST", "/v1/orders", { key: newKey(), body }).then(
    ({ status }) => String(status),
    (refused: { code?: string }) => String(refused.code),
  );
}

/** Three charges that run, and one whose order cannot reach its driver's wallet. */
async function charges(): Promise<void> {
  let tariffVersion = "";
  for (let n = 1; n <= 3; n++) {
    const pileId = await pileAt(`SH-000${n}`);
    const driver = await richDriver(servers[0]!.url, n, 20_000);
    tariffVersion = (await driver.quote(pileId)).tariffVersion;
    expect(await start(driver, pileId, tariffVersion)).toBe("202");
  }
  await Promise.all(closedFiles().map((file) => Deno.writeTextFile(file, "")));
  const poor = await richDriver(servers[0]!.url, 9, 0);
  const pileId = await pileAt("SH-0009");
  void start(poor, pileId, tariffVersion);
}

/** What is said of a fact in the page, as soon as it is. */
const says = (page: Page, text: string) =>
  page.getByTestId(opsIds.nodes).getByText(text).first().waitFor({ timeout: 15_000 });

/** Reason, second look, done: the row is gone once its outcome is known. */
async function tryNow(page: Page, row: Locator, reason: string): Promise<void> {
  await row.getByRole("button").click();
  await by(page, opsIds.retryReason).fill(reason);
  await accessible(page, "reason");
  await by(page, "reason-next").click();
  await by(page, opsIds.confirmRetry).click();
  await by(page, opsIds.confirmRetry).waitFor({ state: "hidden" });
  await row.waitFor({ state: "hidden" });
}

test("nodes with their figures, a parked lane tried by hand, a node that died", async () => {
  await charges();
  const { context, page } = await openPage(browser, errors, DESK, "zh-CN");
  const dataDir = join(world.dir, NODES[0]!);
  await signInToConsole(page, servers[0]!.url, dataDir, "operator");
  await by(page, opsIds.nav("nodes")).click();
  for (const node of NODES) await says(page, node);
  const parked = page.getByRole("row").filter({ hasText: "PlaceHold" });
  await parked.waitFor({ timeout: PARKED_MS_MAX });
  await picture(page, "nodes-zh-CN", true);
  await accessible(page, "nodes");
  await by(page, opsIds.theme).click();
  await picture(page, "nodes-dark", true);
  await accessible(page, "nodes in the dark");
  await by(page, opsIds.theme).click();

  await parked.getByRole("link").first().click();
  await by(page, "actor-drawer").getByText("PlaceHold").waitFor();
  await picture(page, "nodes-actor-zh-CN");
  await accessible(page, "one actor");
  await page.keyboard.press("Escape");
  await by(page, "actor-drawer").waitFor({ state: "hidden" });

  await Promise.all(closedFiles().map((file) => Deno.remove(file)));
  await tryNow(page, parked, "钱包已恢复");
  await says(page, "已送达");
  const others = page.getByRole("button", { name: "立即重试" });
  for (let left = await others.count(); left > 0; left--) {
    await tryNow(page, others.first().locator("xpath=ancestor::tr"), "钱包已恢复");
  }
  await says(page, "没有滞留消息");
  await by(page, opsIds.language).click();
  await says(page, "Nothing is parked");
  await picture(page, "nodes-en", true);

  await servers[1]!.kill();
  await says(page, "Silent");
  await accessible(page, "a node that died");
  await picture(page, "nodes-died-en", true);
  expect(errors).toEqual([]);
  await context.close();
}, 150_000);
