// Pages in a real browser for tests: opened, signed in to, judged by axe, kept as pictures.
import { join } from "node:path";
import axe from "axe-core";
import { Secret, TOTP } from "otpauth";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";
import { buildPage, PAGES } from "../../tools/launch/pages.ts";
import { driverIds, opsIds } from "../../web-kit/testids.ts";
import { accountOf } from "./place.ts";
import { ROOT } from "./world.ts";

export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
/** Set to keep what the pages looked like: docs/pictures. */
const pictures = Deno.env.get("CHARGEWARD_PICTURES");

export interface Opened {
  context: BrowserContext;
  page: Page;
}
export const by = (page: Page, id: string) => page.getByTestId(id);

export async function buildPages(): Promise<void> {
  for (const page of PAGES) {
    const logFile = join(Deno.makeTempDirSync(), "build.log");
    await buildPage(ROOT, page, { logFile, say: () => {} });
  }
}

/** `errors` gets what the page complained of. */
export async function openPage(
  browser: Browser,
  errors: string[],
  viewport: { width: number; height: number },
  locale: string,
): Promise<Opened> {
  const context = await browser.newContext({ viewport, locale, deviceScaleFactor: 2 });
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const said = `${message.text()} ${message.location().url}`;
    // the console asks whether somebody is signed in: "no" is an answer
    if (message.type() === "error" && !said.includes("/ops/auth/session")) errors.push(said);
  });
  return { context, page };
}

export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (pictures === undefined) return;
  await page.waitForTimeout(600); // fonts and transitions
  await page.screenshot({ path: join(ROOT, "docs", "pictures", `${name}.png`), fullPage });
}

/** What fades in is pale for a moment: a page is judged when it stands still. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    interface Moving {
      playState: string;
      effect: { getComputedTiming(): { iterations: number } } | null;
    }
    const { document } = globalThis as unknown as { document: { getAnimations(): Moving[] } };
    return document.getAnimations().every(({ playState, effect }) =>
      playState !== "running" || effect?.getComputedTiming().iterations === Infinity
    );
  });
}

/** WCAG 2.2 A and AA, by axe. */
export async function accessible(page: Page, name: string): Promise<void> {
  await settled(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await axe.run({ runOnly: tags });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
  expect(found, `axe on ${name}`).toEqual([]);
}

/** Signs in to the console as the demo's account of that role; a one-time code is good once. */
export async function signInToConsole(
  page: Page,
  origin: string,
  dataDir: string,
  role: string,
  seen: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { name, password, totpSecret } = await accountOf(dataDir, role);
  await page.goto(`${origin}/ops/`);
  await by(page, opsIds.name).fill(name);
  await by(page, opsIds.password).fill(password);
  await seen();
  await by(page, opsIds.signIn).click();
  const totp = new TOTP({ secret: Secret.fromBase32(totpSecret) });
  await by(page, opsIds.totp).fill(totp.generate());
  await by(page, opsIds.signIn).click();
  await by(page, opsIds.wall).waitFor();
}

/** The newest code that was sent there; empty: none. */
async function smsCode(origin: string, phone: string): Promise<string> {
  const answer = await fetch(`${origin}/sandbox/inbox?phone=${phone}`);
  const items = await answer.json() as { code?: string; at: string }[];
  const newest = items.find((item) => item.code !== undefined);
  return newest ? `${newest.at} ${newest.code}` : "";
}

/** Signs in to the driver's client with the code of the demo's inbox. */
export async function signInDriver(page: Page, origin: string, phone: string): Promise<void> {
  const before = await smsCode(origin, phone);
  await page.goto(`${origin}/`);
  await page.goto(`${origin}/sign-in`);
  await by(page, driverIds.phone).fill(phone);
  await by(page, driverIds.sendCode).click();
  await expect.poll(() => smsCode(origin, phone), { timeout: 10_000 }).not.toBe(before);
  const [, code = ""] = (await smsCode(origin, phone)).split(" ");
  await by(page, driverIds.code).fill(code);
  const agree = by(page, driverIds.agree);
  if (await agree.count() > 0) await agree.click();
  await by(page, driverIds.signIn).click();
  await page.waitForURL((url) => !url.pathname.includes("sign-in"));
}
