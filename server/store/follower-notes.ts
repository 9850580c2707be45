// What followers of the journal know, kept beside it: a restart goes on from there instead of asking
// for the newest record of every actor, a minute for a million of them. To lose a note costs that time.
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { streamName } from "../../wire/subjects.ts";
import type { Journal } from "../runtime/mod.ts";
import { leaderOf } from "./leader.ts";
import { RESTORED } from "./tail-guard.ts";

const BUCKET = "followers";

interface Note {
  seq: number;
  /** The restore that the stream came from: sequences from before it mean nothing. */
  epoch: string;
  text: string;
}

export function followerNotes(connection: NatsConnection): Pick<Journal, "note" | "noted"> {
  const leader = leaderOf(connection);
  let opened: Promise<KV> | null = null;
  const bucket = () =>
    opened ??= new Kvm(connection).create(BUCKET, { history: 1, allow_direct: false })
      .catch((error) => {
        opened = null;
        throw error;
      });
  const endOf = async (stream: number) => {
    const { seq, metadata } = await leader.end(streamName(stream));
    return { seq, epoch: metadata[RESTORED] ?? "" };
  };
  return {
    async note(stream, seq, text) {
      const { epoch } = await endOf(stream);
      await (await bucket()).put(
        streamName(stream),
        JSON.stringify({ seq, epoch, text } satisfies Note),
      );
    },
    async noted(stream) {
      const entry = await (await bucket()).get(streamName(stream));
      if (!entry?.length) return null;
      const { seq, epoch, text } = entry.json<Note>();
      const end = await endOf(stream);
      return seq <= end.seq && epoch === end.epoch ? { seq, text } : null;
    },
  };
}
