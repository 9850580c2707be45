// Golden journals of whole charges: stored shapes, once shipped, fold to the same state for ever (J6).
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AnyActor } from "../kit/mod.ts";
import { payment } from "../payment/mod.ts";
import { user } from "../user/mod.ts";
import { wallet } from "../wallet/mod.ts";
import { order } from "./mod.ts";

interface Samples {
  events: Record<string, { type: string; sv: number }>;
  state: unknown;
  journals: { name: string; id: string; events: { at: number; type: string }[]; state: unknown }[];
}
const samplesOf = (kind: string): Samples =>
  JSON.parse(readFileSync(new URL(`../../wire/samples/${kind}.json`, import.meta.url), "utf8"));

const actors = [order, user, wallet, payment] as unknown as AnyActor[];
const journals = actors.flatMap((actor) =>
  samplesOf(actor.kind).journals.map((journal) => ({ actor, journal, kind: actor.kind }))
);

test.each(journals)(
  "the $kind of a charge $journal.name folds to its state",
  ({ actor, journal }) => {
    const self = { kind: actor.kind, id: journal.id };
    let state = actor.initial;
    for (const { at, ...event } of journal.events) state = actor.evolve(state, event, { at, self });
    expect(JSON.parse(JSON.stringify(state))).toEqual(journal.state);
  },
);

test.each(actors)("each event of $kind has its sample and lies in a journal", ({ kind }) => {
  const { events, journals } = samplesOf(kind);
  const lived = new Set(journals.flatMap((journal) => journal.events.map(({ type }) => type)));
  expect(Object.keys(events).filter((type) => !lived.has(type))).toEqual([]);
  for (const [type, event] of Object.entries(events)) expect(event).toMatchObject({ type, sv: 1 });
});
