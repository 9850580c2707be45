// The programs of the platform as processes: what each may see, reach, read and write. None may
// start a process or load native code; only the launcher and the engines do that.
import { join } from "node:path";
import type { ChildPlan } from "../../server/engines/mod.ts";
import { SETTING_NAMES, SETTING_PREFIXES } from "./settings.ts";

/** What a program needs beside its settings. */
export interface ProgramPlan {
  readonly name: string;
  /** Its first file, relative to the root. */
  readonly script: string;
  readonly root: string;
  /** `host:port` that it listens on or calls; "all" where an address cannot be known before. */
  readonly net: readonly string[] | "all";
  /** Beside the code itself. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** What is neither read nor written although it lies inside of something that is. */
  readonly never: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

// Names that a runtime or a driver asks this machine for; none tells a secret.
const SYSTEM =
  "hostname,osRelease,osUptime,loadavg,systemMemoryInfo,cpus,uid,gid,networkInterfaces";

// Where Deno itself keeps its cache of compiled files.
const FOR_DENO = ["HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR"];

// The code, and what is served of it; never the whole root, which may hold the data folder.
const CODE = [
  "actors",
  "dashboard",
  "deno.json",
  "drills",
  "mobile-web",
  "node_modules",
  "package.json",
  "server",
  "sim",
  "web-kit",
  "wire",
];

/** The permission flags of a program, exact: what is not named is refused. */
export function permissions({ root, net, read, write, never }: ProgramPlan): string[] {
  const names = [...SETTING_NAMES, ...SETTING_PREFIXES.map((prefix) => `${prefix}*`)];
  return [
    "--no-prompt",
    "--no-remote",
    `--allow-env=${names.join(",")}`,
    "--ignore-env", // npm packages look for names of other platforms: those read as absent
    net === "all" ? "--allow-net" : `--allow-net=${[...new Set(net)].join(",")}`,
    ...paths("--allow-read", [...CODE.map((name) => join(root, name)), ...read]),
    ...paths("--allow-write", write),
    ...paths("--deny-read", never),
    ...paths("--deny-write", never),
    `--allow-sys=${SYSTEM}`,
  ];
}

function paths(flag: string, list: readonly string[]): string[] {
  return list.length === 0 ? [] : [`${flag}=${list.join(",")}`];
}

/** The program as a child process that sees its settings alone. */
export function childPlan(plan: ProgramPlan): ChildPlan {
  const own = Object.fromEntries(FOR_DENO.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
  return {
    name: plan.name,
    command: Deno.execPath(),
    args: ["run", ...permissions(plan), join(plan.root, plan.script)],
    cwd: plan.root,
    env: { ...own, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", ...plan.env },
    clearEnv: true,
    logFile: plan.logFile,
  };
}

/** The `host:port` pairs of a URL with one or more hosts; "all" where DNS decides (`+srv`). */
export function hostsOf(url: string, defaultPort: number): readonly string[] | "all" {
  if (url.includes("+srv://")) return "all";
  const authority = /^[a-z+]+:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1] ?? url;
  return authority.split(",").map((host) => /:\d+$/.test(host) ? host : `${host}:${defaultPort}`);
}

/** Joins net lists; one "all" makes the whole "all". */
export function joinNet(...lists: readonly (readonly string[] | "all")[]) {
  return lists.some((list) => list === "all") ? "all" : lists.flatMap((list) => list as string[]);
}

/** The files that `*_FILE` settings name. */
export function secretFiles(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).filter(([name]) => name.endsWith("_FILE")).map(([, file]) => file);
}
