// Words: every code in both languages, with something to do next; lookups by whole keys.
import { beforeEach, expect, test } from "vitest";
import { isRefusalCode, refusals } from "../wire/refusals.ts";
import { createWords, flatten, preferredLocale } from "./i18n.ts";
import { en } from "./words/en.ts";
import { zhCN } from "./words/zh-CN.ts";

const own = { "page.title": "{n} piles" };
const ownZh = { "page.title": "{n} 个桩" };
const make = () =>
  createWords<"page.title">({
    "zh-CN": () => Promise.resolve({ ...flatten(zhCN), ...ownZh }),
    "en": () => Promise.resolve({ ...flatten(en), ...own }),
  });

beforeEach(() => localStorage.clear());

test.each([["zh-CN", zhCN], ["en", en]] as const)(
  "%s says of every refusal what is the case and what to do next",
  (_name, words) => {
    for (const code of Object.keys(refusals).filter(isRefusalCode)) {
      const [say, next] = words.refusal[code];
      expect(say.length, code).toBeGreaterThan(1);
      expect(next.length, code).toBeGreaterThan(1);
    }
  },
);

test("both languages have the same keys and none is left untranslated", () => {
  const [chinese, english] = [flatten(zhCN), flatten(en)];
  expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort());
  for (const [key, text] of Object.entries(english)) {
    expect(text, key).not.toMatch(/\p{Script=Han}/u);
  }
});

test("the words that the design document gives are said as given", () => {
  expect(zhCN.refusal["pile.unplugged"][0]).toBe("请检查充电枪是否插紧/对准");
  expect(zhCN.refusal["wallet.balance-too-low"][0]).toBe("余额不足");
  expect(zhCN.refusal["network.lost"][0]).toContain("网络连接异常");
  expect(zhCN.side.vehicle[0]).toBe("车辆BMS异常，请检查车辆");
  expect(zhCN.order["start-failed"]).toBe("启动失败");
});

test("a code with dots is looked up whole, a code without words shows itself", async () => {
  const words = make();
  await words.use("zh-CN");
  expect(words.ofCode("refusal", "qr.unknown", "say")).toBe("没有找到这个桩编号");
  expect(words.ofCode("refusal", "new.code", "say")).toBe("new.code");
  expect(words.ofCode("refusal", "new.code", "next")).toBe("");
  expect(words.t("page.title", { n: 3 })).toBe("3 个桩");
});

test("a language chosen is kept, and the page says which it is", async () => {
  const words = make();
  await words.use("en");
  expect(words.t("page.title", { n: 3 })).toBe("3 piles");
  expect(document.documentElement.lang).toBe("en");
  expect(preferredLocale()).toBe("en");
});
