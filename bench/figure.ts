// What a bench comes to: one figure a line, for people or as JSON with the commit it was taken at.
import { quantile } from "./numbers.ts";

export type Area = "runtime" | "charge" | "telemetry" | "ocpp" | "ending" | "gaps";

/** `npm run bench -- --json` prints one of these a line, with `commit` added. */
export interface Figure {
  area: Area;
  measure: string;
  value: number;
  unit: string;
  /** What `ratio` is a ratio to, measured in the same run. */
  baseline?: number;
  ratio?: number;
  /** At most 1: of `ratio`; else of `value`. */
  aim?: number;
}

export interface Run {
  figures: Figure[];
  /** Which engines, and what about this run one must know to read it. */
  notes: string[];
}

/** p50 and p99 of times in ms. */
export function spans(area: Area, measure: string, times: readonly number[]): Figure[] {
  return ([["p50", 0.5], ["p99", 0.99]] as const).map(([name, share]) => ({
    area,
    measure: `${measure} ${name}`,
    value: round(quantile(times, share)),
    unit: "ms",
  }));
}

/** Three digits that count: more would only say how the wind blew. */
export function round(value: number): number {
  if (!Number.isFinite(value) || value === 0) return 0;
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6)));
}

/** The commit of the tree, with `+` where files differ from it. */
export async function commitOf(root: string): Promise<string> {
  const git = async (...args: string[]) => {
    const command = new Deno.Command("git", { args, cwd: root, stderr: "null" });
    return new TextDecoder().decode((await command.output()).stdout).trim();
  };
  try {
    const changed = await git("status", "--porcelain", "--untracked-files=no");
    return `${await git("rev-parse", "--short", "HEAD")}${changed === "" ? "" : "+"}`;
  } catch {
    return "unknown"; // no git, or an archive of the tree
  }
}

export function tell({ figures, notes }: Run, commit: string, json: boolean): void {
  if (json) {
    for (const figure of figures) console.log(JSON.stringify({ ...figure, commit }));
    return;
  }
  for (const note of notes) console.log(`# ${note}`);
  for (const { measure, value, unit, baseline, ratio, aim } of figures) {
    const beside = ratio === undefined ? "" : `  = ${ratio.toFixed(2)} of ${baseline ?? "?"}`;
    const wanted = aim === undefined ? "" : `  (aim ${aim})`;
    const number = String(round(value)).padStart(9);
    console.log(`${measure.padEnd(72)} ${number} ${unit}${beside}${wanted}`);
  }
}
