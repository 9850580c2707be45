// The browser that the browser tests stand on.
import { expect, test } from "vitest";
import { openBrowser } from "./chromium.ts";

test("a browser opens and shows Chinese words, in fields as well", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent("<h1>充电中</h1><textarea placeholder='原因'></textarea>");
  expect(await page.textContent("h1")).toBe("充电中");
});
