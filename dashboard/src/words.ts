// The console's words: screens and codes in one language at a time.
import { createWords, flatten } from "@chargeward/web-kit/mod.ts";
import type { ScreenKey } from "./words/zh-CN.ts";

export const words = createWords<ScreenKey>({
  "zh-CN": async () => {
    const [{ zhCN }, { screen }] = await Promise.all([
      import("@chargeward/web-kit/words/zh-CN.ts"),
      import("./words/zh-CN.ts"),
    ]);
    return { ...flatten(zhCN), ...screen };
  },
  "en": async () => {
    const [{ en }, { screen }] = await Promise.all([
      import("@chargeward/web-kit/words/en.ts"),
      import("./words/en.ts"),
    ]);
    return { ...flatten(en), ...screen };
  },
});
export const { t, ofCode, locale } = words;
