// Questions to the leader of a stream: a record, the end of a stream, a purge. Never a replica's word.
import { Buffer } from "node:buffer";
import type { NatsConnection } from "@nats-io/transport-node";
import { leaderRead, streamInfo, streamPurge } from "../../wire/subjects.ts";
import type { StoredRecord } from "../runtime/mod.ts";
import { type AckError, faultOf } from "./jetstream-faults.ts";
import { publisherOf } from "./publisher.ts";

/** Headers of a record: what is stored beside it. */
export const RECORD_ID = "Record-Id";
export const PREV_SUM = "Prev-Sum";
export const PENDING = "Pending";
export const NEXT_AT = "Next-At";
export const BASE = "Base";

const NO_MESSAGE = 10037;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Answer {
  error?: AckError;
  message?: { seq: number; data?: string; hdrs?: string };
  state?: { last_seq: number };
  config?: { metadata?: Record<string, string> };
}

export interface Leader {
  /** Null: no such record. */
  record(
    stream: string,
    query: { last_by_subj: string } | { seq: number },
  ): Promise<StoredRecord | null>;
  end(stream: string): Promise<{ seq: number; metadata: Record<string, string> }>;
  /** Takes the records of a subject below `seq` away. */
  purge(stream: string, query: { filter: string; seq: number }): Promise<void>;
}

export function leaderOf(connection: NatsConnection): Leader {
  const { request } = publisherOf(connection);
  async function ask(subject: string, query: object): Promise<Answer> {
    const answer = await request(subject, encoder.encode(JSON.stringify(query)));
    const said = JSON.parse(decoder.decode(answer)) as Answer;
    if (said.error && said.error.err_code !== NO_MESSAGE) throw faultOf(said.error);
    return said;
  }
  return {
    record: async (stream, query) => storedIn(await ask(leaderRead(stream), query)),
    async end(stream) {
      const { state, config } = await ask(streamInfo(stream), {});
      if (!state) throw faultOf({ code: 0, description: "no state in the answer" });
      return { seq: state.last_seq, metadata: config?.metadata ?? {} };
    },
    purge: async (stream, query) => void await ask(streamPurge(stream), query),
  };
}

function storedIn({ message, error }: Answer): StoredRecord | null {
  if (error) return null;
  if (!message) throw faultOf({ code: 0, description: "no message in the answer" });
  const marks = Buffer.from(message.hdrs ?? "", "base64").toString();
  const mark = (name: string) => new RegExp(`^${name}: (.*)\r$`, "m").exec(marks)?.[1] ?? "";
  return {
    seq: message.seq,
    recordId: mark(RECORD_ID),
    prevSum: mark(PREV_SUM),
    base: Number(mark(BASE)),
    bytes: new Uint8Array(Buffer.from(message.data ?? "", "base64")),
  };
}
