// A new campaign as it is typed, and what is sent of it; null: something is missing or makes no sense.
import type * as z from "zod";
import type { campaignBody } from "../../../../wire/campaign.ts";
import { fenIn } from "../../data/fen.ts";

type Body = z.infer<typeof campaignBody>;
export interface CampaignForm {
  name: string;
  kind: "amount" | "percent";
  /** Yuan off, or at most so many. */
  off: string;
  percent: string;
  threshold: string;
  /** Days of the reader, `2026-11-30`; the last one counts. */
  from: string;
  until: string;
  budget: string;
  perUser: string;
}
const DAY_MS = 86_400_000;

export function freshForm(now: number): CampaignForm {
  const day = (at: number) => {
    const { year, month, date } = partsOf(new Date(at));
    return `${year}-${month}-${date}`;
  };
  return {
    name: "",
    kind: "amount",
    off: "5",
    percent: "90",
    threshold: "30",
    from: day(now),
    until: day(now + 30 * DAY_MS),
    budget: "1000",
    perUser: "1",
  };
}
const two = (n: number) => String(n).padStart(2, "0");
const partsOf = (at: Date) => ({
  year: at.getFullYear(),
  month: two(at.getMonth() + 1),
  date: two(at.getDate()),
});

export function bodyOf(form: CampaignForm): Body | null {
  const offFen = fenIn(form.off);
  const thresholdFen = fenIn(form.threshold);
  const budgetFen = fenIn(form.budget);
  const validFrom = midnight(form.from, 0);
  const validUntil = midnight(form.until, 1);
  const percent = wholeIn(form.percent);
  const perUser = wholeIn(form.perUser);
  const name = form.name.trim();
  const isMoney = offFen !== null && offFen > 0 && thresholdFen !== null && budgetFen !== null;
  if (!isMoney || budgetFen < offFen) return null;
  if (name === "" || perUser === null || perUser < 1) return null;
  if (!(validFrom < validUntil)) return null;
  if (form.kind === "percent" && (percent === null || percent < 1 || percent > 100)) return null;
  const off: Body["terms"]["off"] = form.kind === "amount"
    ? { kind: "amount", fen: offFen }
    : { kind: "percent", percent: percent!, maxFen: offFen };
  const terms = { off, thresholdFen, validFrom, validUntil, currency: "CNY" as const };
  return { name, terms, budgetFen, perUser };
}

const wholeIn = (text: string): number | null => /^[0-9]{1,3}$/.test(text) ? Number(text) : null;
/** Where the reader is, so many days after the begin of that one; NaN: no day. */
function midnight(day: string, later: number): number {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year!, month! - 1, date! + later).getTime();
}

/** Ids of people as they are pasted: by line, comma or blank. */
export const idsIn = (text: string): string[] =>
  text.split(/[\s,，;；]+/).filter((id) => id !== "");
