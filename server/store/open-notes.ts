// Following a stream from the newest record of every actor takes a minute for a million of them. So a
// follower of headers keeps a note of what is open (effects, timers) and how far it came; the next one
// is handed that and goes on from there. A note that is lost costs that minute, nothing else.
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { placeOfState, streamName } from "../../wire/subjects.ts";
import { type Clock, type Journal, type JournalEntry, systemClock } from "../runtime/mod.ts";
import { streamTails } from "./tail-guard.ts";

/** An actor with something open, by its subject. */
type Open = Pick<JournalEntry, "actor" | "seq" | "storedAt" | "pending" | "nextAt">;

export interface Note {
  seq: number;
  /** The restore that the stream came from: sequences from before it mean nothing. */
  epoch: string;
  open: Open[];
}

export interface Notes {
  write(stream: number, seq: number, open: Open[]): Promise<void>;
  /** Null: none, or of a stream that was lost or restored since. */
  read(stream: number): Promise<Note | null>;
}

const BUCKET = "followers";
const NOTE_MS = 10_000;

/** `tail` that goes on from notes where headers are followed from the newest records. */
export function notedTail(
  tail: Journal["tail"],
  notes: Notes,
  clock: Clock = systemClock,
  noteMs = NOTE_MS,
): Journal["tail"] {
  return async (stream, start, take, options = {}) => {
    if (start.from !== "newest" || !options.headersOnly) {
      return await tail(stream, start, take, options);
    }
    const note = await notes.read(stream).catch(() => null);
    const open = new Map((note?.open ?? []).map((one) => [one.actor, one]));
    for (const one of open.values()) await take(entryOf(one));
    let seq = note?.seq ?? 0;
    let noted = seq;
    const see = (entry: JournalEntry) => {
      const { actor, storedAt, pending, nextAt } = entry;
      seq = entry.seq;
      if (pending === 0 && nextAt === null) open.delete(actor);
      else open.set(actor, { actor, seq, storedAt, pending, nextAt });
      return take(entry);
    };
    const from = note ? { from: "seq", seq: note.seq + 1 } as const : start;
    const stop = await tail(stream, from, see, options);
    let timer: { cancel(): void };
    const again = () => {
      timer = clock.after(noteMs, () => {
        if (seq > noted) {
          noted = seq;
          void notes.write(stream, seq, [...open.values()]).catch(() => {}); // the next one will do
        }
        again();
      });
    };
    again();
    return async () => {
      timer.cancel();
      await stop();
    };
  };
}

const entryOf = (open: Open): JournalEntry => ({
  ...open,
  place: placeOfState(open.actor),
  recordId: "",
  prevSum: "",
  base: 0,
  bytes: new Uint8Array(),
  behind: 0,
});

export function natsNotes(connection: NatsConnection): Notes {
  const tails = streamTails(connection);
  let opened: Promise<KV> | null = null;
  const bucket = () =>
    opened ??= new Kvm(connection).create(BUCKET, { history: 1, allow_direct: false })
      .catch((error) => {
        opened = null;
        throw error;
      });
  return {
    async write(stream, seq, open) {
      const { epoch } = await tails.end(stream);
      const note: Note = { seq, epoch, open };
      await (await bucket()).put(streamName(stream), JSON.stringify(note));
    },
    async read(stream) {
      const entry = await (await bucket()).get(streamName(stream));
      if (!entry?.length) return null;
      const note = entry.json<Note>();
      const end = await tails.end(stream);
      return note.seq <= end.seq && note.epoch === end.epoch ? note : null;
    },
  };
}
