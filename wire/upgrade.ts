// How stored shapes grow: each version is lifted to the next by one step, written once and kept for
// ever. Who has n - 1 steps knows n versions.

/** Makes version n + 1 of version n. */
export type Step = (value: never) => unknown;

/** `steps[0]` lifts version 1, and so on; what comes back is of the newest version. */
export function lift(steps: readonly Step[], version: number, value: unknown): unknown {
  return steps.slice(version - 1).reduce<unknown>((lifted, step) => step(lifted as never), value);
}
