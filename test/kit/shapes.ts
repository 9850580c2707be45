// What stored samples must say of an actor's shapes, over all its versions: each is there, is what it
// was when it was shipped, can be lifted to the present one, and written as the release before.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { AnyActor } from "../../actors/kit/mod.ts";
import { presentRecord } from "../../server/present.ts";
import type { JournalRecord, StoredEvent } from "../../wire/envelope.ts";

/** Of one kind, by name and version: `LinkOpened` is the first, `LinkOpened@2` the second. */
export interface Samples {
  events: Record<string, StoredEvent>;
  journals?: Journal[];
  /** `state`, `state@2`, … */
  [state: string]: unknown;
}
export interface Journal {
  name: string;
  id: string;
  /** Version of `state`; absent: 1. */
  sv?: number;
  events: { at: number; type: string; sv?: number }[];
  state: unknown;
}

const record = { v: 1, at: 0, done: [], in: {}, out: [], timers: {}, sum: "" };
const cause = {
  command: "sample",
  type: "sample",
  principal: { kind: "system" as const, id: "sample" },
  correlation: "sample",
};
const lifted = (actor: AnyActor, sv: number, state: unknown, events: StoredEvent[] = []) =>
  presentRecord(actor, { ...record, cause, sv, state, events } satisfies JournalRecord);

/** `name@version`, by name and version. */
function versionOf(key: string): [name: string, version: number] {
  const [name = "", version = "1"] = key.split("@");
  return [name, Number(version)];
}
const statesOf = (samples: Samples) =>
  Object.entries(samples).map(([key, state]) => ({ key, state, at: versionOf(key) }))
    .filter(({ at: [name] }) => name === "state");

export function shapeFaults(actor: AnyActor, samples: Samples): string[] {
  return [
    ...missing(actor, samples),
    ...mislabelled(samples),
    ...unliftable(actor, samples),
    ...misfolded(actor, samples),
    ...unlived(samples),
  ].map((fault) => `${actor.kind}: ${fault}`);
}

const upTo = (version: number) => Array.from({ length: version }, (_, i) => i + 1);

function missing(actor: AnyActor, samples: Samples): string[] {
  const versions: Partial<Record<string, number>> = actor.eventVersions ?? {};
  const types = new Set([
    ...Object.keys(versions),
    ...Object.keys(samples.events).map((key) => versionOf(key)[0]),
  ]);
  const wanted = [...types].flatMap((type) =>
    upTo(versions[type] ?? 1).map((version) => [type, version] as const)
  );
  const has = new Set(Object.keys(samples.events).map((key) => versionOf(key).join()));
  const states = new Set(statesOf(samples).map(({ at: [, version] }) => version));
  return [
    ...upTo(actor.sv).filter((version) => !states.has(version))
      .map((version) => `no sample of the state, version ${version}`),
    ...wanted.filter((one) => !has.has(one.join()))
      .map(([type, version]) => `no sample of event '${type}', version ${version}`),
  ];
}

function mislabelled({ events }: Samples): string[] {
  return Object.entries(events)
    .filter(([key, { type, sv }]) => versionOf(key).join() !== [type, sv].join())
    .map(([key]) => `event '${key}' is no sample of what it is called`);
}

const same = (a: unknown, b: unknown) => canonicalize(a) === canonicalize(b);

/** Each sample becomes the present shape; written as the release before and lifted again, the same. */
function unliftable(actor: AnyActor, samples: Samples): string[] {
  const tried = (name: string, run: () => boolean) => {
    try {
      return run() ? [] : [`${name} is another one after it was written as before`];
    } catch (error) {
      return [`${name} cannot be lifted: ${String(error)}`];
    }
  };
  const { writes } = actor;
  const states = statesOf(samples).flatMap(({ key, state, at: [, version] }) =>
    tried(key, () => {
      const now = lifted(actor, version, state).state;
      return !writes || same(lifted(actor, writes.sv, writes.state(now)).state, now);
    })
  );
  const events = Object.entries(samples.events).flatMap(([key, event]) =>
    tried(`event '${key}'`, () => {
      const [now] = lifted(actor, actor.sv, null, [event]).events;
      const before = writes?.event?.(now!) as StoredEvent | undefined;
      return !before || same(lifted(actor, actor.sv, null, [before]).events[0], now);
    })
  );
  return [...states, ...events];
}

/** The same entries come to the same state, byte for byte, in every later release (J6). */
function misfolded(actor: AnyActor, { journals = [] }: Samples): string[] {
  return journals.filter(({ id, sv = 1, events, state: wanted }) => {
    const self = { kind: actor.kind, id };
    let state = actor.initial;
    for (const { at, sv = 1, ...event } of events) {
      const [now] = lifted(actor, actor.sv, null, [{ ...event, sv }]).events;
      const { sv: _, ...present } = now!;
      state = actor.evolve(state, present, { at, self });
    }
    return !same(state, lifted(actor, sv, wanted).state);
  }).map(({ name }) => `journal '${name}' does not fold to its state`);
}

/** An event that no journal holds was never folded. */
function unlived({ events, journals = [] }: Samples): string[] {
  const lived = new Set(journals.flatMap((journal) => journal.events.map(({ type }) => type)));
  const types = new Set(Object.values(events).map(({ type }) => type));
  return [...types].filter((type) => !lived.has(type)).map((type) => `no journal has an '${type}'`);
}

const hashOf = (value: unknown) =>
  createHash("sha256").update(canonicalize(value)!).digest("hex").slice(0, 32);

/** What each sample comes to, by kind and name. */
export function hashesOf(kind: string, samples: Samples): Record<string, string> {
  const { events, journals = [] } = samples;
  return Object.fromEntries([
    ...statesOf(samples).map(({ key, state }) => [`${kind} ${key}`, hashOf(state)]),
    ...Object.entries(events).map(([key, event]) => [`${kind} ${key}`, hashOf(event)]),
    ...journals.map((journal) => [`${kind} journal ${journal.name}`, hashOf(journal)]),
  ]);
}

/** A sample that was shipped stays as it is; a new one is written down beside the others. */
export function frozenFaults(
  frozen: Record<string, string>,
  hashes: Record<string, string>,
): string[] {
  const names = [...new Set([...Object.keys(frozen), ...Object.keys(hashes)])].sort();
  return names.flatMap((name) => {
    const [was, is] = [frozen[name], hashes[name]];
    if (was === is) return [];
    if (is === undefined) return [`${name}: was shipped, its sample must stay`];
    if (was === undefined) return [`new, to be added: "${name}": "${is}"`];
    return [`${name}: was shipped as it was: add a new version with a converter`];
  });
}
