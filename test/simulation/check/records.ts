// J: one history an actor, state = fold of its events, every command acts once, every effect was
// recorded before it left and was delivered before it is gone, timers act once and when due, bounds.
import type { AnyActor } from "../../../actors/kit/mod.ts";
import type { JournalRecord, OutItem } from "../../../wire/envelope.ts";
import {
  defaultLimits,
  type JournalEntry,
  keyOf,
  type Marks,
  UnreadableRecord,
  unseal,
} from "../../../server/runtime/mod.ts";
import { bare, type Checker, isSame, type Verdicts } from "./kit.ts";

interface Tracked {
  record: JournalRecord;
  by: string;
  state: unknown;
  /** Commands that acted, and the process that stored each. */
  acted: Map<string, Done>;
}
interface Done {
  by: string;
  step: number;
}
/** A record as it came into the journal, and which process brought it. */
export interface Stored extends Pick<JournalEntry, "place" | "bytes">, Pick<Marks, "prevSum"> {
  by: string;
}

/** A turn may pass the bound by what one command leaves, and stops are always taken. */
const OUT_MAX = defaultLimits.open + 32;
const DONE_MAX = defaultLimits.done + defaultLimits.doneReserve;
const TIMERS_MAX = 64;
const LATE_MS = 1_500; // no wheel is that late: the actor was woken
const BYTES_MAX = 256 * 1024;

export class Records {
  readonly #actors = new Map<string, Tracked>();
  readonly #kinds: ReadonlyMap<string, AnyActor>;
  /** Effects of every record, and whether somebody has had them. */
  readonly #read = new WeakMap<Uint8Array, JournalRecord>();
  readonly #items = new Map<string, "open" | "delivered">();
  count = 0;
  /** Of the newest record: the hash over the whole history of its actor. */
  sum = "";

  constructor(
    kinds: readonly AnyActor[],
    readonly verdicts: Verdicts,
    readonly step: () => number,
    readonly checkers: readonly Checker[],
  ) {
    this.#kinds = new Map(kinds.map((actor) => [actor.kind, actor]));
  }

  v(actor: string): number {
    return this.#actors.get(actor)?.record.v ?? 0;
  }
  isDone(actor: string, command: string): boolean {
    return this.#actors.get(actor)?.acted.has(command) ?? false;
  }
  /** Newest record of every actor. */
  *newest(): Iterable<[string, JournalRecord]> {
    for (const [actor, { record }] of this.#actors) yield [actor, record];
  }

  /** A call reached the world. */
  called(id: string): void {
    if (!this.#items.has(id)) {
      this.verdicts.breach("J5", `call ${id} left before its record was stored`);
    }
  }
  /** ... and its answer left it. */
  answered(id: string): void {
    this.#items.set(id, "delivered");
  }

  /** A process that was asked at that step tells that the command was surely not done. */
  denied(by: string, actor: string, command: string, asked: number): void {
    const done = this.#actors.get(actor)?.acted.get(command);
    if (done?.by !== by || done.step < asked) return;
    this.verdicts.breach("J4", `${actor}: '${command}' is denied by the node that stored it`);
  }

  take({ place: { address }, bytes, prevSum, by }: Stored): void {
    const { breach } = this.verdicts;
    const actor = keyOf(address);
    const { kind, id } = address;
    const name = `${kind}/${id}`;
    const known = this.#actors.get(actor);
    const before = known?.record ?? null;
    const record = this.#unsealed(name, bytes, prevSum);
    if (!record) return;
    this.count++;
    this.sum = record.sum;
    if (record.v !== (before?.v ?? 0) + 1) {
      breach("J1", `${name}: record ${record.v} follows record ${before?.v ?? 0}`);
    }
    if (prevSum !== (before?.sum ?? "")) {
      breach("J1", `${name}: record ${record.v} does not follow the newest one`);
    }
    const state = this.#folded(name, known?.state ?? this.#kinds.get(kind)!.initial, record, id);
    const acted = known?.acted ?? new Map<string, Done>();
    this.#once(name, record, acted, by);
    this.#timers(name, record, before);
    this.#effects(name, record, before);
    this.#bounds(name, record, bytes.length);
    if (known && known.by !== by) this.verdicts.count("taken-over");
    this.#actors.set(actor, { record, by, state, acted });
    for (const check of this.checkers) check({ kind, id, name, record, before });
  }

  /** The record behind bytes that were taken. */
  recordOf({ bytes, prevSum }: Pick<JournalEntry, "bytes" | "prevSum">): JournalRecord {
    return this.#read.get(bytes) ?? unseal(bytes, prevSum);
  }

  #unsealed(name: string, bytes: Uint8Array, prevSum: string): JournalRecord | null {
    try {
      const record = unseal(bytes, prevSum);
      this.#read.set(bytes, record);
      return record;
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      this.verdicts.breach("J2", `${name}: a record does not match its hash`);
      return null;
    }
  }

  #folded(name: string, state: unknown, record: JournalRecord, id: string): unknown {
    const kind = name.slice(0, name.indexOf("/"));
    const actor = this.#kinds.get(kind)!;
    const ctx = { at: record.at, self: { kind, id } };
    let folded = state;
    for (const event of record.events) folded = actor.evolve(folded, bare(event), ctx);
    if (!isSame(folded, record.state)) {
      this.verdicts.breach("J2", `${name}: events do not fold to the state of record ${record.v}`);
      return record.state;
    }
    return folded;
  }

  /** J2, J5: a command acts once. Devices are told apart by their sequence (E3). */
  #once(
    name: string,
    { v, cause }: JournalRecord,
    acted: Map<string, Done>,
    by: string,
  ): void {
    const { command, principal } = cause;
    if (!principal.kind || !principal.id) {
      this.verdicts.breach("M9", `${name}: record ${v} has no principal`);
    }
    const repeatable = principal.kind === "device" || cause.type === "$sent"; // clears away, no more
    if (!repeatable && acted.has(command)) {
      this.verdicts.breach("J5", `${name}: ${cause.type} '${command}' acted twice`);
    }
    acted.set(command, { by, step: this.step() });
    if (principal.kind !== "actor" || command.startsWith("first-")) return;
    if (!this.#items.has(command)) {
      this.verdicts.breach("J5", `${name}: ${cause.type} came from no recorded effect`);
    }
    this.#items.set(command, "delivered");
  }

  #timers(name: string, { at, cause }: JournalRecord, before: JournalRecord | null): void {
    if (cause.type !== "TimerFired" || cause.principal.id !== "timer") return;
    const [recordId, timerName] = splitOnce(cause.command.slice(name.length + 1), ".");
    const timer = before?.timers[timerName];
    if (timer?.recordId !== recordId || timer.at > at) {
      this.verdicts.breach("J5", `${name}: timer '${timerName}' acted though it was not set so`);
    }
    this.verdicts.count("timer-fired");
    if (timer && at - timer.at > LATE_MS) this.verdicts.count("timer-fired-late");
  }

  #effects(name: string, record: JournalRecord, before: JournalRecord | null): void {
    const open = new Set(record.out.map((item) => item.id));
    for (const { id } of record.out) if (!this.#items.has(id)) this.#items.set(id, "open");
    for (const item of before?.out ?? []) {
      if (open.has(item.id)) continue;
      if (this.#items.get(item.id) === "open") {
        this.verdicts.breach("J5", `${name}: ${wordsOf(item)} was dropped undelivered`);
      }
      this.#items.delete(item.id);
      this.#items.set(item.id, "delivered");
    }
  }

  #bounds(name: string, { out, done, timers, in: senders }: JournalRecord, bytes: number): void {
    const over = out.length > OUT_MAX || done.length > DONE_MAX || bytes > BYTES_MAX ||
      Object.keys(timers).length > TIMERS_MAX ||
      Object.keys(senders).length > defaultLimits.senders;
    if (over) this.verdicts.breach("J8", `${name}: a list of its record is over its bound`);
  }
}

const wordsOf = ({ message }: OutItem): string =>
  message.to === "actor" ? `${message.type} to ${message.address.kind}` : `call ${message.port}`;

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + by.length)];
}
