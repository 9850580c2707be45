// Ways to spoil true texts, for property tests of decoders, with a seed that is printed.
import fc from "fast-check";

interface Change {
  how: "cut" | "double" | "replace" | "truncate";
  /** Place in the text, 0 to 1. */
  at: number;
  length: number;
  piece: string;
}
const nasty = ["-", "1e999", "null", "[]", "{}", '"', "\\ud800", "0", "true", "99999999999", "1.5"];
const change: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom<Change["how"][]>("cut", "double", "replace", "truncate"),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 12 }),
  piece: fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 6, unit: "binary" })),
});

function changed(text: string, { how, at, length, piece }: Change): string {
  const from = Math.floor(at * text.length);
  const to = from + length;
  switch (how) {
    case "cut":
      return text.slice(0, from) + text.slice(to);
    case "double":
      return text.slice(0, to) + text.slice(from);
    case "replace":
      return text.slice(0, from) + piece + text.slice(to);
    case "truncate":
      return text.slice(0, from);
  }
}

/** Texts of the list with one to four changes. */
export const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => changes.reduce(changed, text));

/** The same JSON with one value at a time replaced by another kind or an extreme one. */
export const revalued = (bodies: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.tuple(fc.constantFrom(...bodies), fc.nat(), extreme).map(([body, place, value]) => {
    const copy: unknown = structuredClone(body);
    const places: [Record<string, unknown>, string][] = [];
    const walk = (at: unknown) => {
      if (typeof at !== "object" || at === null) return;
      for (const key of Object.keys(at)) {
        places.push([at as Record<string, unknown>, key]);
        walk((at as Record<string, unknown>)[key]);
      }
    };
    walk(copy);
    const [holder, key] = places[place % Math.max(places.length, 1)] ?? [{}, ""];
    holder[key] = value;
    return copy;
  });
const extreme = fc.oneof(
  fc.constantFrom(null, true, "", [], {}, -1, 0, 0.5, 1e21, -0, 2 ** 53, "\ud800", "1e5", "NaN"),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer(),
  fc.string({ maxLength: 60 }),
);

/** Settings of a run. Its seed is printed; FUZZ_SEED: another, or `random`; FUZZ_RUNS: longer. */
export function printed(runs: number): { numRuns: number; seed: number } {
  const wanted = Deno.env.get("FUZZ_SEED") ?? "20261123";
  const seed = wanted === "random" ? Date.now() % 2 ** 31 : Number(wanted);
  console.info(`FUZZ_SEED=${seed}`);
  return { numRuns: Number(Deno.env.get("FUZZ_RUNS") ?? runs), seed };
}
