// A stored record in the shapes that this release knows: for views and screens, which see state and
// events as they are now.
import type { AnyActor } from "../actors/kit/mod.ts";
import type { JournalRecord, StoredEvent } from "../wire/envelope.ts";
import { LaterShape, presentState, UnreadableRecord } from "./runtime/mod.ts";

function presentEvent(actor: AnyActor, event: StoredEvent): StoredEvent {
  const sv = actor.eventVersions?.[event.type] ?? 1;
  if (event.sv === sv) return event;
  if (event.sv > sv) throw new LaterShape(`event '${event.type}' has version ${event.sv}`);
  if (!actor.upcastEvent) throw new UnreadableRecord(`event has no converter: '${event.type}'`);
  return { ...actor.upcastEvent(event), sv };
}

/** Throws LaterShape where a release to come wrote it. */
export function presentRecord(actor: AnyActor | undefined, record: JournalRecord): JournalRecord {
  if (!actor) return record; // kinds come from the journal: nobody here looks into this one
  const state = presentState(actor, record.sv, record.state);
  const events = record.events.map((event) => presentEvent(actor, event));
  return { ...record, sv: actor.sv, state, events };
}
