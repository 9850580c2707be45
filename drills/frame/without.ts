// What a run with a safeguard off must look like: the check of its own clause is red, those of the
// others are not. What the parties then see may be wrong as well: that is what it is good for.
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Drill } from "./drill.ts";
import type { Outcome } from "./run.ts";

/** Safeguards with a check. */
export const safeguardsIn = (drill: Drill): Safeguard[] => [
  ...new Set(drill.parts.flatMap((part) => Object.keys(part.clauses) as Safeguard[])),
];

export function isRedAsMeant({ steps }: Outcome, name: Safeguard): boolean {
  const red = steps.filter(({ kind, ok }) => kind === "clause" && !ok);
  return red.length > 0 && red.every(({ safeguard }) => safeguard === name);
}

/** What the red check said. */
export const saidRed = ({ steps }: Outcome): string =>
  steps.find(({ kind, ok }) => kind === "clause" && !ok)?.said ?? "";

const IDS = /\b(ord|usr|pay|stn|DRILL)[_-][0-9A-Za-z-]{6,}/g;
const PROVEN = new URL("../proven.json", import.meta.url);
/** Keeps what was seen for docs/drills.md; null: it was not red as it must be. Ids of a run go. */
export async function prove(name: Safeguard, said: string | null): Promise<void> {
  const kept = JSON.parse(await Deno.readTextFile(PROVEN)) as Record<string, string>;
  if (said === null) delete kept[name];
  else kept[name] = said.replace(IDS, "$1_…").slice(0, 160);
  const sorted = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => a < b ? -1 : 1));
  await Deno.writeTextFile(PROVEN, `${JSON.stringify(sorted, null, 2)}\n`);
}
