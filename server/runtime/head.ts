// From stored bytes to the head of an actor and back, over shapes of the state that change in time.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Env } from "./env.ts";
import { mintedAt, type Place } from "../routing/mod.ts";
import { asJournalFault, type StoredRecord } from "./journal.ts";
import { type Draft, LaterShape, UnreadableRecord, unseal } from "./record.ts";
import type { Head } from "./turn.ts";

/** Throws UnreadableRecord for what is damaged, LaterShape for what a later release wrote. */
export function headOf(actor: AnyActor, stored: StoredRecord | null): Head {
  if (!stored) return emptyHead(actor);
  const { sum, cause: _, events: __, ...draft } = unseal(stored.bytes, stored.prevSum);
  draft.state = presentState(actor, draft.sv, draft.state);
  draft.sv = actor.sv;
  const { seq, recordId, base } = stored;
  return { seq, recordId, sum, draft, base, probe: { v: draft.v, seq }, since: Infinity };
}

function emptyHead({ sv, initial }: AnyActor): Head {
  const draft = { v: 0, sv, at: 0, state: initial, done: [], in: {}, out: [], timers: {} };
  const probe = { v: 0, seq: 0 };
  return { seq: 0, recordId: "", sum: "", base: 0, probe, since: Infinity, draft };
}

/** The head with what the journal still holds of the actor: less, once the archive has its probe. */
export function trimmed({ archive }: Env, place: Place, head: Head): Head {
  if (!archive?.holds(place, head.probe.seq)) return head;
  return { ...head, base: head.probe.v, probe: { v: head.draft.v, seq: head.seq } };
}

/** It follows an empty subject, but the actor may have come, ended and left since it was looked at. */
export const isOutlived = ({ clock, limits }: Env, { seq, since }: Head): boolean =>
  seq === 0 && clock.tick() - since > limits.endedKeepMs / 2;

type Stores = Pick<Env, "journal" | "archive" | "clock" | "limits">;

/** Newest head by the journal's leader; of an actor that ended and left the journal, the archive's. */
export async function loadHead(stores: Stores, actor: AnyActor, place: Place): Promise<Head> {
  const { journal, archive } = stores;
  let stored: StoredRecord | null;
  try {
    stored = await journal.last(place);
    if (!stored && archive && mayBeGone(stores, actor, place)) {
      const gone = await archive.newest(place);
      stored = gone && { ...gone, seq: 0 }; // the next record follows an empty subject
    }
  } catch (error) {
    throw asJournalFault(error);
  }
  return headOf(actor, stored);
}

/** Only what ended leaves the journal, and not before its time: younger ids need not be asked for. */
function mayBeGone({ clock, limits }: Stores, actor: AnyActor, { address }: Place): boolean {
  if (!actor.ended) return false;
  const minted = mintedAt(address.id);
  return minted === null || clock.now() - minted > limits.endedKeepMs / 2;
}

/** The state behind a stored one; throws LaterShape where a release to come wrote it. */
export function presentState(actor: AnyActor, sv: number, state: unknown): unknown {
  if (sv === actor.sv) return state;
  if (sv > actor.sv) throw new LaterShape(`state of '${actor.kind}' has version ${sv}`);
  if (!actor.upcastState) throw new UnreadableRecord(`state has no converter: version ${sv}`);
  return actor.upcastState(sv, state);
}

/**
 * What is stored of a draft, and what stays in memory of it: where an earlier shape is written, memory
 * is what that one says, so that the writer goes on as a reader would.
 */
export function writtenAs(
  actor: AnyActor | undefined,
  draft: Draft,
): { stored: Draft; kept: Draft } {
  const writes = actor?.writes;
  if (!actor || !writes) return { stored: draft, kept: draft };
  const state = writes.state(draft.state);
  const events = draft.events.map((event) => writes.event?.(event) ?? event);
  const stored = { ...draft, sv: writes.sv, state, events };
  return { stored, kept: { ...draft, state: presentState(actor, writes.sv, state) } };
}
