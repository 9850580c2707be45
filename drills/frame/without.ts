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
