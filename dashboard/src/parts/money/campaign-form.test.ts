import { expect, test } from "vitest";
import { campaignBody } from "../../../../wire/campaign.ts";
import { bodyOf, type CampaignForm, freshForm, idsIn } from "./campaign-form.ts";

const NOW = Date.UTC(2026, 10, 28, 4);
const form = (more: Partial<CampaignForm> = {}): CampaignForm => (
  { ...freshForm(NOW), name: "Autumn", from: "2026-11-28", until: "2026-11-30", ...more }
);

test("what is typed becomes what the platform takes", () => {
  const body = bodyOf(form({ off: "5.5", threshold: "0", budget: "55", perUser: "2" }));
  expect(campaignBody.parse(body)).toMatchObject({
    name: "Autumn",
    terms: { off: { kind: "amount", fen: 550 }, thresholdFen: 0, currency: "CNY" },
    budgetFen: 5_500,
    perUser: 2,
  });
  const { validFrom, validUntil } = body!.terms;
  expect(validUntil - validFrom).toBe(3 * 86_400_000); // the last day counts
  expect(bodyOf(form({ kind: "percent", percent: "10", off: "20" }))?.terms.off)
    .toEqual({ kind: "percent", percent: 10, maxFen: 2_000 });
});

test.each<[string, Partial<CampaignForm>]>([
  ["no name", { name: "  " }],
  ["nothing off", { off: "0" }],
  ["not an amount", { off: "5,5" }],
  ["a budget below one coupon", { budget: "4.99" }],
  ["it ends before it begins", { until: "2026-11-27" }],
  ["no day", { from: "" }],
  ["more than the whole bill", { kind: "percent", percent: "101" }],
  ["nobody may have one", { perUser: "0" }],
])("%s: nothing is sent", (_name, more) => {
  expect(bodyOf(form(more))).toBeNull();
});

test("people are told apart however they are pasted", () => {
  expect(idsIn(" usr_a, usr_b\nusr_c；usr_d ")).toEqual(["usr_a", "usr_b", "usr_c", "usr_d"]);
});
