// The test projects, one per kind of proof; run inside Deno by tools/test.ts, one after another.
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**", "**/dist/**"];

/** Files that share one way of running; a server in them takes a free port and a temp dir. */
function project(name: string, include: string[], timeoutMs: number, more = {}) {
  const setupFiles = ["./test/kit/seeds.config.ts"];
  const times = { testTimeout: timeoutMs, hookTimeout: Math.max(timeoutMs, 30_000) };
  return {
    extends: true as const,
    test: { name, include, exclude, setupFiles, ...times, ...more },
  };
}

/** One file at a time: a browser and a whole platform, or measured on both cores, fill the machine. */
const alone = { fileParallelism: false };

/** Drills wait for piles and timers most of the time. */
const DRILLS_AT_ONCE = 6;

export default defineConfig({
  plugins: [vue()],
  test: {
    pool: "forks",
    maxWorkers: 2,
    projects: [
      project(
        "unit",
        ["{actors,server,sim,tools,wire}/**/*.test.ts", "test/{kit,billing}/*.test.ts"],
        20_000,
      ),
      project("web", ["{web-kit,mobile-web,dashboard}/**/*.test.ts"], 20_000, {
        environment: "happy-dom",
      }),
      project("tidy", ["test/tidy.test.ts", "test/tidy/*.test.ts"], 60_000),
      project("contract", ["test/contract/**/*.test.ts"], 60_000),
      project("simulation", ["test/simulation/*.test.ts"], 600_000, alone),
      project("flow", ["test/flow/**/*.test.ts"], 120_000),
      project("race", ["test/race/**/*.test.ts"], 120_000),
      project("drills", ["drills/**/*.test.ts"], 180_000, {
        ...alone,
        maxConcurrency: DRILLS_AT_ONCE,
      }),
      project("browser", ["test/browser/**/*.test.ts"], 120_000, alone),
    ],
  },
});
