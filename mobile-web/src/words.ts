// The driver client's words: screens and codes in one language at a time.
import { createWords, flatten } from "@chargeward/web-kit/mod.ts";
import { faultOfNotice } from "../../wire/notice.ts";
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

/** What a notice says: in the fault's words where it names one, as SMS and push do. */
export function noticeSays({ code, facts }: { code: string; facts: Record<string, unknown> }) {
  const fault = faultOfNotice(code, facts);
  const [group, name] = fault === null ? ["notice", code] as const : ["fault", fault] as const;
  return { say: ofCode(group, name, "say"), next: ofCode(group, name, "next") };
}
