// The rule of samples is shown good and bad ones: a kind in three versions, all of them kept.
import { expect, test } from "vitest";
import type { AnyActor } from "../../actors/kit/mod.ts";
import { type Release, releases } from "./crate.ts";
import { frozenFaults, hashesOf, type Samples, shapeFaults } from "./shapes.ts";

const actorOf = (release: Release): AnyActor => releases[release];
const added = { type: "Added", word: "a", tell: null };
const events = {
  "Added": { ...added, sv: 1, by: 2 },
  "Added@2": { ...added, sv: 2, amount: 2 },
  "Added@3": { ...added, sv: 3, amount: { whole: 2 } },
};
const states = {
  "state": { total: 2, words: { a: 1 } },
  "state@2": { sum: { whole: 2 }, words: { a: 1 } },
  "state@3": { sum: { whole: 2 }, words: [["a", 1]] },
};
const journals = [
  { name: "old", id: "c", events: [{ at: 1, ...events.Added }], state: states.state },
  {
    name: "mixed",
    id: "c",
    sv: 2,
    events: [{ at: 1, ...events["Added@2"] }],
    state: states["state@2"],
  },
];
const all: Samples = { events, ...states, journals };
const { "Added@3": _e, ...events2 } = events;
const { "state@3": _s, ...states2 } = states;
const upTo2: Samples = { events: events2, ...states2, journals };

test.each<[string, Release, Samples]>([
  ["the first", "r1", {
    events: { Added: events.Added },
    state: states.state,
    journals: [journals[0]!],
  }],
  ["the second that writes the first", "r2w1", upTo2],
  ["the second", "r2", upTo2],
  ["the third that writes the second", "r3w2", all],
  ["the third", "r3", all],
])("%s release reads what was shipped until then", (_name, release, samples) => {
  expect(shapeFaults(actorOf(release), samples)).toEqual([]);
});

test.each<[string, string, Release, Samples]>([
  ["a state without sample", "no sample of the state, version 3", "r3", {
    events,
    ...states2,
    journals,
  }],
  ["an event without sample", "no sample of event 'Added', version 3", "r3", {
    ...all,
    events: events2,
  }],
  ["a new event version that nobody wrote down", "no sample of event 'Added', version 2", "r2", {
    ...upTo2,
    events: { Added: events.Added },
  }],
  ["an event that lies in no journal", "no journal has an 'Added'", "r2", {
    ...upTo2,
    journals: [],
  }],
  ["a sample under another name", "event 'Added@2' is no sample of what it is called", "r2", {
    ...upTo2,
    events: { ...events2, "Added@2": events.Added },
  }],
  ["a shape of a release to come", "state@3 cannot be lifted: LaterShape", "r2", {
    ...upTo2,
    "state@3": states["state@3"],
  }],
  ["a journal that folds to another state", "journal 'old' does not fold", "r2", {
    ...upTo2,
    journals: [{ ...journals[0]!, state: { total: 3, words: {} } }],
  }],
])("%s is found", (_name, says, release, samples) => {
  expect(shapeFaults(actorOf(release), samples).join()).toContain(says);
});

test("an older shape that cannot hold what the new one says is found", () => {
  const lossy: AnyActor = {
    ...actorOf("r2w1"),
    writes: { sv: 1, state: () => ({ total: 0, words: {} }) },
  };
  expect(shapeFaults(lossy, upTo2).join()).toContain("state is another one after it was written");
});

test("a shipped sample that is changed or gone is found, a new one wants its line", () => {
  const shipped = hashesOf("crate", upTo2);
  expect(frozenFaults(shipped, shipped)).toEqual([]);
  const changed = { ...upTo2, events: { ...events2, Added: { ...events.Added, by: 3 } } };
  expect(frozenFaults(shipped, hashesOf("crate", changed))).toEqual([
    "crate Added: was shipped as it was: add a new version with a converter",
  ]);
  const gone = { ...upTo2, events: { "Added@2": events["Added@2"] } };
  expect(frozenFaults(shipped, hashesOf("crate", gone))).toEqual([
    "crate Added: was shipped, its sample must stay",
  ]);
  expect(frozenFaults(shipped, hashesOf("crate", all))).toEqual([
    expect.stringMatching(/^new, to be added: "crate Added@3": "[0-9a-f]{32}"$/),
    expect.stringMatching(/^new, to be added: "crate state@3": "[0-9a-f]{32}"$/),
  ]);
});
