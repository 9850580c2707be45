// The browser that the browser tests stand on.
import { expect, test } from "vitest";
import { openBrowser } from "./chromium.ts";

test("a browser opens and shows Chinese words", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent("<h1>充电中</h1>");
  expect(await page.textContent("h1")).toBe("充电中");
});
