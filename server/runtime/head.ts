// From stored bytes to the head of an actor, and the empty head before its first record.
import type { AnyActor } from "../../actors/kit/mod.ts";
import { asJournalFault, type Journal, type Place, type StoredRecord } from "./journal.ts";
import { UnreadableRecord, unseal } from "./record.ts";
import type { Head } from "./turn.ts";

const nobody = { kind: "system", id: "nobody" } as const;

/** Throws UnreadableRecord where bytes, chain or shape are not what this release can read. */
export function headOf(actor: AnyActor, stored: StoredRecord | null): Head {
  if (!stored) return emptyHead(actor);
  const { sum, ...draft } = unseal(stored.bytes, stored.prevSum);
  if (draft.sv > actor.sv) {
    throw new UnreadableRecord(`state is of a later release: version ${draft.sv}`);
  }
  if (draft.sv < actor.sv) {
    if (!actor.upcastState) {
      throw new UnreadableRecord(`state has no converter: version ${draft.sv}`);
    }
    draft.state = actor.upcastState(draft.sv, draft.state);
  }
  return { seq: stored.seq, recordId: stored.recordId, sum, draft };
}

function emptyHead(actor: AnyActor): Head {
  const cause = { command: "", type: "", principal: nobody, correlation: "" };
  return {
    seq: 0,
    recordId: "",
    sum: "",
    draft: {
      v: 0,
      sv: actor.sv,
      at: 0,
      cause,
      events: [],
      state: actor.initial,
      done: [],
      in: {},
      out: [],
      timers: {},
    },
  };
}

/** Newest head by the journal's leader. */
export async function loadHead(journal: Journal, actor: AnyActor, place: Place): Promise<Head> {
  let stored: StoredRecord | null;
  try {
    stored = await journal.last(place);
  } catch (error) {
    throw asJournalFault(error);
  }
  return headOf(actor, stored);
}
