// Invariants inside a decision: one that breaks ends the actor's turn, nothing of it is stored.
// A refusal is for what people and devices may do wrong; this is for what must not be possible.

/** Throws a Bug (an error of that name, with facts) unless `holds`. */
export function assert(
  holds: boolean,
  broken: string,
  facts: Record<string, unknown> = {},
): asserts holds {
  if (holds) return;
  throw Object.assign(new RangeError(`${broken}: ${JSON.stringify(facts)}`), {
    name: "Bug",
    facts,
  });
}
