// Checks that run nothing of ours: types, format, lint.
import { exists } from "../../server/engines/mod.ts";
import { asOne, hasFile, type Outcome, quietly, type Stage } from "./stage.ts";

/** Folders whose TypeScript runs in Deno. */
export const DENO_FOLDERS = [
  "actors",
  "bench",
  "drills",
  "server",
  "sim",
  "test",
  "tools",
  "wire",
] as const;

/** Folders whose TypeScript runs in a browser. */
export const WEB_FOLDERS = ["dashboard", "mobile-web", "web-kit"] as const;

const CACHE = ".cache";
const DENO_TYPES = `${CACHE}/deno.d.ts`; // lets the linter know Deno's own names; see tsconfig.json

const here = (folders: readonly string[]) => folders.filter((folder) => exists(folder));

/** Runs a script of a package inside Deno. */
const npm = (script: string, args: readonly string[]) =>
  quietly(Deno.execPath(), ["run", "-A", `node_modules/${script}`, ...args]);

const types: Stage = {
  name: "types",
  applies: () => true,
  run: async () =>
    asOne(await quietly(Deno.execPath(), ["check", "--quiet", ...here(DENO_FOLDERS)])),
};

const webTypes: Stage = {
  name: "web types",
  applies: () => webProjects().length > 0,
  async run() {
    const runs: Outcome[] = [];
    for (const project of webProjects()) {
      const memory = `${CACHE}/${project.replaceAll("/", "-")}.tsbuildinfo`;
      const again = ["--incremental", "--tsBuildInfoFile", memory];
      runs.push(asOne(await npm("vue-tsc/bin/vue-tsc.js", ["--noEmit", "-p", project, ...again])));
    }
    return join(runs);
  },
};

const format: Stage = {
  name: "format",
  applies: () => true,
  run: async () => asOne(await quietly(Deno.execPath(), ["fmt", "--check", "--quiet"])),
};

const lint: Stage = {
  name: "lint",
  applies: () => true,
  async run() {
    await writeDenoTypes();
    const args = ["--type-aware", ...here([...DENO_FOLDERS, ...WEB_FOLDERS])];
    return asOne(await quietly("node", ["node_modules/oxlint/bin/oxlint", ...args]));
  },
};

const vueLint: Stage = {
  name: "vue lint",
  applies: () => vueFolders().length > 0,
  run: async () => {
    const folders = vueFolders().map((folder) => `${folder}/**/*.vue`);
    return asOne(await npm("eslint/bin/eslint.js", ["--max-warnings", "0", ...folders]));
  },
};

export const STATIC_STAGES: readonly Stage[] = [types, webTypes, format, lint, vueLint];

function vueFolders(): string[] {
  return here(WEB_FOLDERS).filter((folder) => hasFile(folder, ".vue"));
}

function webProjects(): string[] {
  return here(WEB_FOLDERS.map((folder) => `${folder}/tsconfig.json`));
}

async function writeDenoTypes(): Promise<void> {
  const { text } = await quietly(Deno.execPath(), ["types"], { NO_COLOR: "1" });
  if (exists(DENO_TYPES) && await Deno.readTextFile(DENO_TYPES) === text) return;
  await Deno.mkdir(CACHE, { recursive: true });
  await Deno.writeTextFile(DENO_TYPES, text);
}

function join(outcomes: readonly Outcome[]): Outcome {
  const sum = (key: "passed" | "failed") => outcomes.reduce((all, one) => all + one[key], 0);
  const output = outcomes.map((one) => one.output).join("");
  return { passed: sum("passed"), failed: sum("failed"), output };
}
