// A deed with a reason and a second look: nothing happens before both.
import { mount } from "@vue/test-utils";
import { beforeEach, expect, test, vi } from "vitest";
import { words } from "../../words.ts";
import ReasonDialog from "./ReasonDialog.vue";

async function open() {
  const page = mount(ReasonDialog, {
    props: {
      title: "强制停止订单 ord_0001",
      says: "says",
      action: "强制停充",
      busy: false,
      refused: null,
      ids: { reason: "reason", confirm: "confirm" },
    },
    global: { plugins: [words.i18n], stubs: { teleport: true } },
  });
  await vi.waitUntil(() => page.find("textarea").exists());
  return page;
}

beforeEach(() => words.use("zh-CN"));

test("without a reason there is no next step and no deed", async () => {
  const page = await open();
  expect(page.find('[data-testid="reason-next"]').attributes("disabled")).toBeDefined();
  expect(page.find('[data-testid="confirm"]').exists()).toBe(false);
});

test("the reason is shown again before the deed, which carries it", async () => {
  const page = await open();
  await page.find("textarea").setValue("  车主来电  ");
  await page.find('[data-testid="reason-next"]').trigger("click");
  expect(page.emitted("go")).toBeUndefined();
  expect(page.text()).toContain("原因：车主来电");
  await page.find('[data-testid="confirm"]').trigger("click");
  expect(page.emitted("go")).toEqual([["车主来电"]]);
});
