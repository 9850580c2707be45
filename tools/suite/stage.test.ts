import { expect, test } from "vitest";
import { total } from "./stage.ts";
import { count, VITEST_STAGES } from "./vitest-stages.ts";

const report = (passed: number, failed: number, success = failed === 0) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numFailedTestSuites: 0,
  success,
});

test("passed and failed are summed over stages", () => {
  const outcomes = [{ passed: 3, failed: 0, output: "" }, { passed: 1, failed: 2, output: "" }];
  expect(total(outcomes)).toEqual({ passed: 4, failed: 2 });
});

test("a suite that ran nothing has failed", () => {
  expect(total([])).toEqual({ passed: 0, failed: 1 });
});

test.each([
  ["failed tests are counted", report(5, 2), false, { passed: 5, failed: 2 }],
  ["an error outside the tests counts as one", report(5, 0), false, { passed: 5, failed: 1 }],
  ["a file that does not load counts as one", report(5, 0, false), true, { passed: 5, failed: 1 }],
  ["a run without a report counts as one", null, false, { passed: 0, failed: 1 }],
  ["a stage that lost its tests counts as one", report(0, 0), true, { passed: 0, failed: 1 }],
  ["all passed", report(5, 0), true, { passed: 5, failed: 0 }],
])("%s", (_sentence, given, success, expected) => {
  expect(count(given, success)).toMatchObject(expected);
});

test("a filter may leave a stage without tests", () => {
  expect(count(report(0, 0), true, true)).toMatchObject({ passed: 0, failed: 0 });
});

test("no stage but the drills may be missing", () => {
  const names = VITEST_STAGES.filter(({ name }) => name !== "drills").map(({ name }) => name);
  expect(names).toContain("browser");
  const before = Deno.cwd();
  const empty = Deno.makeTempDirSync();
  Deno.chdir(empty);
  try {
    expect(VITEST_STAGES.filter((stage) => stage.applies()).map(({ name }) => name)).toEqual(names);
  } finally {
    Deno.chdir(before);
    Deno.removeSync(empty);
  }
});
