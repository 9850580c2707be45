// Makes a failing run small: fewer faults, fewer drivers and nodes, fewer taps, fewer steps, as long as
// the same invariant breaks. What is left is told in words.
import { type Fault, FAULTS } from "./faults.ts";
import { doReserve, doStay, type RunOptions } from "./options.ts";
import { type Outcome, run } from "./run.ts";

const DRIVERS_MAX = 4;

/** Null: it does not break the same invariant. */
function broken(options: RunOptions, invariant: string): Outcome | null {
  const outcome = run(options);
  return outcome.breach?.invariant === invariant ? outcome : null;
}

/** The smallest run found that breaks what this one breaks; itself, where it breaks nothing. */
function shrink(options: RunOptions): RunOptions {
  const first = run(options);
  if (!first.breach) return options;
  const { invariant } = first.breach;
  let best: RunOptions = options;
  let outcome = first;
  const attempt = (smaller: RunOptions): boolean => {
    const found = broken(smaller, invariant);
    if (!found) return false;
    best = smaller;
    outcome = found;
    return true;
  };
  attempt({ ...best, stays: false });
  attempt({ ...best, reservations: false });
  for (let drivers = 1; drivers < DRIVERS_MAX; drivers++) if (attempt({ ...best, drivers })) break;
  for (const nodes of [1, 2]) if (attempt({ ...best, nodes })) break;
  const off = new Set<Fault>();
  for (const fault of FAULTS) {
    const without = new Set([...off, fault]);
    if (outcome.hits.has(fault) ? attempt({ ...best, off: without }) : true) off.add(fault);
  }
  attempt({ ...best, off });
  const skipped = new Set<number>();
  for (let action = outcome.actions - 1; action >= 0; action--) {
    const without = new Set([...skipped, action]);
    if (attempt({ ...best, skipped: without })) skipped.add(action);
  }
  if (outcome.breach!.step < best.steps) attempt({ ...best, steps: outcome.breach!.step });
  return best;
}

/** The story of a seed, and what must be kept to have it again. */
export function storyOf(options: RunOptions): string {
  const small = shrink(options);
  const { story } = run({ ...small, told: true });
  const only = FAULTS.filter((fault) => !small.off?.has(fault));
  const flags = { stays: doStay(small), reservations: doReserve(small) };
  const kept = { ...small, ...flags, off: undefined, only };
  return [...story, "", JSON.stringify(kept)].join("\n");
}
