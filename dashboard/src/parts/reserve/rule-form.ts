// A station's rules of reservations as they are typed: yuan and minutes; null: something is no number.
import type { ReserveRule } from "../../../../wire/slot.ts";
import { fenIn } from "../../data/fen.ts";

const MINUTE_MS = 60_000;
export type RuleForm = Record<keyof ReserveRule, string>;
type Unit = "yuan" | "minutes" | "span";
export const units: Record<keyof ReserveRule, Unit> = {
  depositFen: "yuan",
  cancelFeeFen: "yuan",
  noShowFeeFen: "yuan",
  minutesMin: "minutes",
  minutesMax: "minutes",
  freeMs: "span",
  aheadMs: "span",
};
export const fields = Object.keys(units) as (keyof ReserveRule)[];

/** As a person reads it. */
export function written(field: keyof ReserveRule, value: number): string {
  switch (units[field]) {
    case "yuan":
      return (value / 100).toFixed(2);
    case "minutes":
      return String(value);
    case "span":
      return String(value / MINUTE_MS);
  }
}

export const formOf = (rule: ReserveRule): RuleForm =>
  Object.fromEntries(fields.map((field) => [field, written(field, rule[field])])) as RuleForm;

const wholeIn = (text: string): number | null => /^[0-9]{1,5}$/.test(text) ? Number(text) : null;

function numberIn(field: keyof ReserveRule, text: string): number | null {
  if (units[field] === "yuan") return fenIn(text);
  const whole = wholeIn(text);
  return whole === null || units[field] === "minutes" ? whole : whole * MINUTE_MS;
}

export function ruleIn(form: RuleForm): ReserveRule | null {
  const rule: Partial<ReserveRule> = {};
  for (const field of fields) {
    const value = numberIn(field, form[field].trim());
    if (value === null) return null;
    rule[field] = value;
  }
  return rule as ReserveRule;
}
