// Bytes of a record and the chain over them. The stored text is the record's RFC 8785 JSON without
// `sum`, then `sum` as last member: written once, hashed once, verified without parsing.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { JournalRecord } from "../../wire/envelope.ts";

const SUM_CHARS = 64; // sha256 in hex
const TAIL_CHARS = `,"sum":"`.length + SUM_CHARS + `"}`.length;

export type Draft = Omit<JournalRecord, "sum">;

/** What later turns need of a record: not how it came about. */
export type Held = Omit<Draft, "cause" | "events">;

export interface Sealed {
  bytes: Uint8Array;
  sum: string;
}

/** A stored record that its writer cannot have meant: bytes or chain are damaged. */
export class UnreadableRecord extends Error {
  override readonly name = "UnreadableRecord";
}

/** A sound record of a later release: it is neither read nor followed here, and nothing is wrong with it. */
export class LaterShape extends Error {
  override readonly name = "LaterShape";
}

/** Of the record around state and events. A later one may change all of it but its last member, `sum`. */
const RECORD_VERSION = 1;

/** The value as it will be read back: a repeat is answered in the same order, byte for byte. */
export function ordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map(ordered) as T;
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value).filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([name, one]) => [name, ordered(one)])) as T;
}

// What rides along unchanged (done, in, out) is written once in its life: its text is kept on it,
// unseen by copies. A WeakMap would do, but its entries cost the garbage collector dearly.
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const TEXT = Symbol("text");
interface Written {
  [TEXT]?: string;
}
const keep = (value: object, text: string) => Object.defineProperty(value, TEXT, { value: text });
function textOf(value: Written): string {
  const known = value[TEXT];
  if (known !== undefined) return known;
  // by way of bytes: V8 would keep the hundred pieces that it was put together from
  const text = decoder.decode(encoder.encode(canonicalize(value)));
  keep(value, text);
  return text;
}

const LONG = 8;
// The list of what was done mostly grows at its end: its text is then the old one and a bit.
function list(items: readonly object[] & Written): string {
  const known = items[TEXT];
  if (known !== undefined) return known;
  const text = `[${items.map(textOf).join(",")}]`;
  if (items.length >= LONG) keep(items, text); // a short one is put together as fast as found
  return text;
}
/** `items` is `before` with one more at its end. */
export function grown(before: readonly object[] & Written, items: readonly object[]): void {
  const text = before[TEXT];
  if (text === undefined || before.length === 0) return;
  keep(items, `${text.slice(0, -1)},${textOf(items.at(-1)!)}]`);
}

function map(entries: Record<string, object>): string {
  const keys = Object.keys(entries).sort(); // RFC 8785: by UTF-16 code units, as sort() does
  return `{${keys.map((key) => `${JSON.stringify(key)}:${textOf(entries[key]!)}`).join(",")}}`;
}

/** RFC 8785 JSON of the draft, member by member. */
export function canonicalText(draft: Draft): string {
  return `{"at":${draft.at},"cause":${canonicalize(draft.cause)},"done":${list(draft.done)},` +
    `"events":${canonicalize(draft.events)},"in":${map(draft.in)},"out":${list(draft.out)},` +
    `"state":${canonicalize(draft.state) ?? "null"},"sv":${draft.sv},` +
    `"timers":${map(draft.timers)},"v":${draft.v}}`;
}

let scratch = new Uint8Array(64 * 1024);

/** UTF-8 of the text in memory that is used again, with room for the sum behind it. */
function written(text: string): number {
  const most = text.length * 3 + TAIL_CHARS; // no character takes more than 3 bytes a code unit
  if (scratch.length < most) scratch = new Uint8Array(most);
  return encoder.encodeInto(text, scratch).written;
}

export function seal(draft: Draft, prevSum: string): Sealed {
  const length = written(canonicalText(draft));
  const sum = createHash("sha256").update(prevSum).update(scratch.subarray(0, length))
    .digest("hex");
  const tail = encoder.encodeInto(`,"sum":"${sum}"}`, scratch.subarray(length - 1)).written;
  return { sum, bytes: scratch.slice(0, length - 1 + tail) };
}

/** The record behind stored bytes, once its sum over `prevSum` and itself is right. */
export function unseal(bytes: Uint8Array, prevSum: string): JournalRecord {
  const head = bytes.subarray(0, bytes.length - TAIL_CHARS);
  const sum = createHash("sha256").update(prevSum).update(head).update("}").digest("hex");
  const text = new TextDecoder().decode(bytes);
  if (!text.endsWith(`,"sum":"${sum}"}`)) {
    throw new UnreadableRecord(`record does not match its sum: '${text.slice(-TAIL_CHARS)}'`);
  }
  let record: JournalRecord;
  try {
    record = JSON.parse(text) as JournalRecord;
  } catch (cause) {
    throw new UnreadableRecord(`record is no JSON: '${text.slice(0, TAIL_CHARS)}'`, { cause });
  }
  const { rv = RECORD_VERSION } = record;
  if (rv > RECORD_VERSION) throw new LaterShape(`record has version ${rv}`);
  return record;
}
