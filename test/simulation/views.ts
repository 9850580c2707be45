// A view in small: a row of each actor's newest state, written by a projector that now and then starts
// again from an earlier place, so that records come twice and out of step. A row never goes back.
import type { JournalRecord } from "../../wire/envelope.ts";
import { STREAMS } from "../../wire/subjects.ts";
import type { JournalEntry } from "../../server/runtime/mod.ts";
import type { MemoryJournal } from "../../server/store/mod.ts";
import type { Random } from "../../sim/random.ts";
import type { Time } from "./time.ts";

interface ViewsOptions {
  time: Time;
  random: Random;
  twin: MemoryJournal;
  read(entry: JournalEntry): JournalRecord;
  breach(invariant: string, what: string): void;
}
interface Row {
  v: number;
}
const RESTART_MS_MAX = 8_000;
const REPEATED = 6;

/** Watches them to the end of the run. */
export const followViews = (options: ViewsOptions): Views => new Views(options);

class Views {
  readonly #rows = new Map<string, Row>();
  readonly #newest: number[] = Array.from({ length: STREAMS }, () => 0);

  constructor(readonly options: ViewsOptions) {
    for (let stream = 0; stream < STREAMS; stream++) this.#follow(stream, 1);
    this.#restart();
  }

  #follow(stream: number, seq: number): void {
    void this.options.twin.tail(stream, { from: "seq", seq }, (entry) => {
      this.#newest[stream] = Math.max(this.#newest[stream]!, entry.seq);
      this.#apply(entry.actor, this.options.read(entry).v);
    });
  }

  /** Another life of the projector, while the one before has not quite ended. */
  #restart(): void {
    const { time, random } = this.options;
    time.after(random.next() * RESTART_MS_MAX, () => {
      const stream = Math.floor(random.next() * STREAMS);
      const { twin, read } = this.options;
      const seq = Math.max(1, this.#newest[stream]! - REPEATED);
      void twin.tail(stream, { from: "seq", seq }, (entry) => {
        this.#apply(entry.actor, read(entry).v);
      }).then((stop) => time.after(1_000, () => void stop()));
      this.#restart();
    });
  }

  #apply(actor: string, v: number): void {
    const row = this.#rows.get(actor);
    if (row && v <= row.v) return;
    if (row && v < row.v) {
      this.options.breach("T1", `${actor}: its view goes from ${row.v} to ${v}`);
    }
    this.#rows.set(actor, { v });
  }
}
