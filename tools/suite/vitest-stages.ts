// The stages that run tests: one vitest project each, inside Deno, counted by vitest's own report.
import { exists } from "../../server/engines/mod.ts";
import { hasFile, held, type Outcome, type Stage } from "./stage.ts";

/** The projects of vitest.config.ts, cheapest first, and where their tests lie. */
const PROJECTS: readonly (readonly [name: string, folders: readonly string[]])[] = [
  ["tidy", ["test/tidy"]],
  ["unit", ["actors", "server", "sim", "tools", "wire", "test/kit"]],
  ["web", ["web-kit", "mobile-web", "dashboard"]],
  ["contract", ["test/contract"]],
  ["simulation", ["test/simulation"]],
  ["flow", ["test/flow"]],
  ["race", ["test/race"]],
  ["drills", ["drills"]],
  ["browser", ["test/browser"]],
];

/** Its tests come with the drills; every other project without tests has lost them, and fails. */
const TO_COME = "drills";

export const VITEST_STAGES: readonly Stage[] = PROJECTS.map(([name, folders]) => ({
  name,
  applies: () =>
    name !== TO_COME || folders.some((folder) => exists(folder) && hasFile(folder, ".test.ts")),
  run: (filters) => runProject(name, filters),
}));

/** What is read of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

async function runProject(project: string, filters: readonly string[]): Promise<Outcome> {
  const file = `.cache/tests-${project}.json`;
  await Deno.mkdir(".cache", { recursive: true });
  await Deno.remove(file).catch(() => {});
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const quiet = ["--silent=passed-only", ...(filters.length > 0 ? ["--passWithNoTests"] : [])];
  const script = "node_modules/vitest/vitest.mjs";
  const args = ["run", "-A", script, "run", "--project", project, ...reporters, ...quiet];
  const run = new Deno.Command(Deno.execPath(), {
    args: [...args, ...filters],
    env: { NO_COLOR: Deno.stdout.isTerminal() ? "" : "1" },
    stdin: "null",
  }).spawn();
  const { success } = await held(run, () => run.status);
  return count(
    exists(file) ? JSON.parse(await Deno.readTextFile(file)) : null,
    success,
    filters.length > 0,
  );
}

/** Errors outside a test, files that do not load and a run without a test count as failures too. */
export function count(report: Report | null, success: boolean, filtered = false): Outcome {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  const ran = passed + failed > 0 || filtered;
  const fine = success && report?.success === true && ran;
  return { passed, failed: fine ? failed : Math.max(failed, 1), output: "" };
}
