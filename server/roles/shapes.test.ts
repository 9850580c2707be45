// Every shape that was ever shipped, of every kind that the platform hosts, is kept as a sample and
// can be read by this release. The list of what was shipped is wire/samples/frozen.json.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { frozenFaults, hashesOf, type Samples, shapeFaults } from "../../test/kit/shapes.ts";
import frozen from "../../wire/samples/frozen.json" with { type: "json" };
import golden from "../../wire/samples/record.json" with { type: "json" };
import { type Draft, seal, unseal } from "../runtime/mod.ts";
import { actorKinds } from "./actors.ts";

const samplesOf = (kind: string): Samples =>
  JSON.parse(readFileSync(new URL(`../../wire/samples/${kind}.json`, import.meta.url), "utf8"));

test.each(actorKinds)("$kind reads all its shapes, and its journals fold as ever", (actor) => {
  expect(shapeFaults(actor, samplesOf(actor.kind))).toEqual([]);
});

test("no sample of what was shipped is changed or gone, and new ones are written down", () => {
  const kinds = actorKinds.map(({ kind }) => hashesOf(kind, samplesOf(kind)));
  expect(frozenFaults(frozen, Object.assign({}, ...kinds))).toEqual([]);
});

test("the same record is the same bytes as ever", () => {
  const { prevSum, text, ...rest } = golden;
  const { sum, bytes } = seal(rest.record as unknown as Draft, prevSum);
  expect(new TextDecoder().decode(bytes)).toBe(text);
  expect(unseal(new TextEncoder().encode(text), prevSum)).toEqual({ ...rest.record, sum });
});
