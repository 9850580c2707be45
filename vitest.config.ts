// The test projects, one per kind of proof; run inside Deno by tools/test.ts.
import { defineConfig } from "vitest/config";

const secret = ["**/node_modules/**", "**/dist/**"];

/** A project whose files share one way of running; servers in it take free ports and temp dirs. */
function project(name: string, include: string[], more: Record<string, unknown> = {}) {
  return { extends: true as const, test: { name, include, exclude: secret, ...more } };
}

export default defineConfig({
  test: {
    pool: "forks",
    projects: [
      project("unit", ["{actors,server,sim,tools,wire,web-kit}/**/*.test.ts", "test/kit/*.test.ts"]),
      project("tidy", ["test/tidy.test.ts", "test/tidy/*.test.ts"]),
    ],
  },
});
