// The cases worked by hand: every equation of the page holds exactly, and the platform comes to the
// same lines, coupon, total and overstay.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HERE, platformSays, type Row } from "./table.ts";

interface Case {
  title: string;
  given: string;
  steps: string[];
}
const page = readFileSync(join(HERE, "worked.md"), "utf8");
const cases = page.split("\n## ").slice(1).map((text): Case => {
  const [title = "", ...lines] = text.split("\n");
  const given = lines.find((line) => line.startsWith("`"))?.slice(1, -1) ?? "";
  return {
    title,
    given,
    steps: lines.filter((line) => line.startsWith("- ")).map((line) => line.slice(2)),
  };
});

/** `flat | start | meter | readings`, then `<coupon> paid <when>`, `gun out <after>`, `blocked …`. */
function rowOf(given: string): Row {
  const [tariff = "", start = "", meter = "", readings = "", ...more] = given.split(" | ");
  const with_ = (word: RegExp) => more.map((part) => word.exec(part)).find((found) => found);
  const coupon = with_(/^(cpn_\S+) paid (\S+)$/);
  return {
    tariff,
    start,
    "meter at start": meter,
    "meter readings": readings,
    coupon: coupon?.[1] ?? "",
    "paid at": coupon?.[2] ?? "",
    "gun out": with_(/^gun out (\S+)$/)?.[1] ?? "",
    "pile blocked": with_(/^blocked (.+)$/)?.[1] ?? "",
  };
}

/** A decimal as an integer of 10^-10: what a hand works out has fewer digits. */
const exact = (text: string): bigint => {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(10, "0"));
};
const ONE = exact("1");

/** From left to right, as on a pocket calculator; none of the page's equations mixes × with +. */
function calculated(formula: string): bigint {
  const [first = "0", ...rest] = formula.split(" ");
  let value = exact(first);
  for (let i = 0; i < rest.length; i += 2) {
    const by = exact(rest[i + 1]!);
    const sign = rest[i];
    if (sign === "+") value += by;
    else if (sign === "−") value -= by;
    else if (sign === "×") value = value * by / ONE;
    else value = value * ONE / by;
  }
  return value;
}
const NUMBER = String.raw`\d+(?:\.\d+)?`;
const EQUATION = new RegExp(`(${NUMBER}(?: [+−×/] ${NUMBER})+) = (${NUMBER})`, "g");

const after = (steps: readonly string[], word: string) =>
  steps.find((step) => step.startsWith(`${word}: `))?.slice(word.length + 2);

test("there are at least 60, each with a result", () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  for (const { title, steps } of cases) expect(after(steps, "Result"), title).toBeTruthy();
});

describe.each(cases)("$title", ({ given, steps }) => {
  test("every equation holds", () => {
    const equations = steps.flatMap((step) => [...step.matchAll(EQUATION)]);
    for (const [text, formula = "", result = ""] of equations) {
      expect(calculated(formula), text).toBe(exact(result));
    }
    const said = steps.join(" ").split(" = ").length - 1;
    const empty = steps.includes("Result: nothing = 0.00") ? 1 : 0;
    expect(equations.length, "an equation that was not read").toBe(said - empty);
  });

  test("the platform comes to the same", () => {
    const says = platformSays(rowOf(given));
    const [lines = "", bill] = after(steps, "Result")!.split(" = ");
    const fen = says["lines"]!.split("; ").filter(Boolean).map((line) => line.split(" = ")[1]);
    expect(fen.join(" + ") || "nothing").toBe(lines);
    expect(says["before coupon"]).toBe(bill);
    const [formula, total] = after(steps, "Coupon")?.split(" = ") ?? [];
    const refused = after(steps, "Refused");
    expect(says["coupon takes"]).toBe(refused ?? formula?.split(" − ")[1] ?? "");
    expect(says["total"]).toBe(total ?? bill);
    expect(says["overstay"]).toBe(after(steps, "Overstay")?.split(" = ")[1] ?? "");
  });
});
