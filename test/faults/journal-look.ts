// What lies in a journal after a run, whatever the actors: one chain of records each (J1), whose events
// fold to the stored state (J2).
import { jetstreamManager } from "@nats-io/jetstream";
import type { AnyActor } from "../../actors/kit/mod.ts";
import { actorKinds } from "../../server/roles/actors.ts";
import { type JournalEntry, UnreadableRecord, unseal } from "../../server/runtime/mod.ts";
import { connectNats, jetstreamJournal } from "../../server/store/mod.ts";
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import { streamName, STREAMS } from "../../wire/subjects.ts";
import type { World } from "../kit/world.ts";
import { readAll } from "../race/history.ts";

export interface JournalLook {
  records: number;
  /** Sums by archive row: `<tenant>/<kind>/<id>#<v>`. */
  sums: Map<string, string>;
  breaches: string[];
}

export const rowOf = (address: { tenant: string; kind: string; id: string }, v: number): string =>
  `${address.tenant}/${address.kind}/${address.id}#${v}`;

export async function lookAtJournal(world: World): Promise<JournalLook> {
  const look: JournalLook = { records: 0, sums: new Map(), breaches: [] };
  for (const entries of await entriesOf(world)) enter(look, entries);
  return look;
}

export interface Stored {
  address: Address;
  storedAt: number;
  record: JournalRecord;
}

/** All that can be read, as it came. */
export async function recordsOf(world: World): Promise<Stored[]> {
  const all = (await entriesOf(world)).flat();
  return all.flatMap((entry) => {
    const record = readable(entry);
    const { place: { address }, storedAt } = entry;
    return record === null ? [] : [{ address, storedAt, record }];
  }).sort((a, b) => a.storedAt - b.storedAt);
}

/** Each actor's records in order. */
async function entriesOf({ nats }: World): Promise<JournalEntry[][]> {
  const seed = new TextEncoder().encode(nats.credentials.platform);
  const connection = await connectNats({ url: nats.url, name: "checker", seed });
  try {
    const manager = await jetstreamManager(connection, { timeout: 10_000 });
    const names = Array.from({ length: STREAMS }, (_, stream) => streamName(stream));
    const there = async () => {
      const infos = await Promise.all(names.map((name) => manager.streams.info(name)));
      return infos.reduce((sum, { state }) => sum + state.messages, 0);
    };
    return [...(await readAll(await jetstreamJournal(connection), there)).values()];
  } finally {
    await connection.close();
  }
}

function enter(look: JournalLook, entries: readonly JournalEntry[]): void {
  let before: JournalRecord | null = null;
  let state: unknown;
  for (const entry of entries) {
    const { address } = entry.place;
    const record = readable(entry);
    const name = `${address.kind}/${address.id}#${record?.v ?? "?"}`;
    look.records += 1;
    if (record === null) {
      look.breaches.push(`${name}: bytes are damaged`);
      continue;
    }
    look.sums.set(rowOf(address, record.v), record.sum);
    // the oldest of a trimmed subject follows one that lies in the archive alone
    const isFirst: boolean = before === null;
    const follows = isFirst || (record.v === before!.v + 1 && entry.prevSum === before!.sum);
    if (!follows) look.breaches.push(`${name}: does not follow ${before?.v}`);
    const actor = actorKinds.find(({ kind }) => kind === address.kind);
    if (actor && isFirst && record.v === 1) state = actor.initial;
    if (actor && (!isFirst || record.v === 1)) {
      state = folded(actor, state, record, address.id);
      if (!same(state, record.state)) {
        look.breaches.push(`${name}: events do not fold to the state`);
      }
    }
    state = record.state;
    before = record;
  }
}

function folded(
  actor: AnyActor,
  from: unknown,
  { at, events }: JournalRecord,
  id: string,
): unknown {
  const self = { kind: actor.kind, id };
  return events.reduce<unknown>((state, { sv: _sv, ...event }) => {
    return actor.evolve(state, event, { at, self });
  }, from);
}

function readable({ bytes, prevSum }: JournalEntry): JournalRecord | null {
  try {
    return unseal(bytes, prevSum);
  } catch (error) {
    if (error instanceof UnreadableRecord) return null;
    throw error;
  }
}

const same = (a: unknown, b: unknown): boolean => stable(a) === stable(b);
const stable = (value: unknown): string =>
  JSON.stringify(
    value,
    (_key, one: unknown) =>
      one !== null && typeof one === "object" && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
  ) ?? "null";
