// A busy pile over months: the real actors on one node, an archive that trims behind the journal, one
// pile with two guns, drivers who come in turn. Time jumps over what is quiet.
import { actorKinds } from "../../server/roles/actors.ts";
import {
  type ActorNode,
  type Clock,
  createNode,
  defaultLimits,
  type JournalEntry,
  type PortHandler,
} from "../../server/runtime/mod.ts";
import { type MemoryJournal, memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import { type Random, seeded } from "../../sim/random.ts";
import { Asker } from "../simulation/asker.ts";
import { Device } from "../simulation/device.ts";
import type { Chance } from "../simulation/faults.ts";
import { Line } from "../simulation/gateway.ts";
import { appending } from "../simulation/ports.ts";
import { Provider } from "../simulation/provider.ts";
import { outside, Time } from "../simulation/time.ts";
import { BEGINS_MS, CONNECTORS, lay, PILES, settings } from "../simulation/town.ts";
import { everyShard } from "./every-shard.ts";
import { recordOf, YearArchive } from "./year-archive.ts";
import { YearPeople } from "./year-people.ts";

export interface YearOptions {
  seed: number;
  chargesADay: number;
  /** False: nothing is ever taken out of the journal. */
  trims: boolean;
  tariffEveryMs?: number;
}

/** Something that an actor or the world must never do. */
export class YearBroke extends Error {
  override readonly name = "YearBroke";
}

/** Actors that never end. */
export const STAYING = ["pile", "wallet", "user", "station"] as const;
export const PARTS = ["state", "done", "in", "out", "timers"] as const;
type Staying = typeof STAYING[number];
/** The largest of its kind. */
export interface Kept {
  /** Of the newest record, and of its parts. */
  bytes: number;
  parts: Record<typeof PARTS[number], number>;
  /** Still in the journal. */
  records: number;
}
/** What there is at one moment. */
export interface Look {
  written: number;
  writtenBytes: number;
  inJournal: number;
  inJournalBytes: number;
  /** Actors that ended and left the journal; those that are there; those in memory. */
  gone: number;
  actors: number;
  residents: number;
  staying: Record<Staying, Kept>;
}

const NOTHING: Kept = {
  bytes: 0,
  parts: { state: 0, done: 0, in: 0, out: 0, timers: 0 },
  records: 0,
};
const DAY_MS = 86_400_000;
/** Nothing was stored for this long: what follows is known beforehand. */
const QUIET_MS = 4_000;
/** At most so far at once: readings of running charges and sweeps come once in each. */
const JUMP_MS = 300_000;
const STARTS_REFUSED = 0.03;
const STARTS_LATE = 0.01;

export class Year {
  readonly time = new Time();
  readonly journal: MemoryJournal;
  readonly archive: YearArchive;
  readonly node: ActorNode;
  readonly met = new Map<string, number>();
  readonly #random: Random;
  readonly #moments = new Set<number>();
  #stored = 0;

  static open(options: YearOptions): Promise<Year> {
    return outside(() => new Year(options));
  }

  private constructor({ seed, chargesADay, trims, tariffEveryMs }: YearOptions) {
    this.#random = seeded(seed);
    const clock = this.#clock();
    this.journal = memoryJournal({ clock, ...(trims ? {} : { recordsPerActor: Infinity }) });
    lay(this.journal, this.time);
    this.time.tick = BEGINS_MS;
    const { endedKeepMs } = defaultLimits;
    this.archive = new YearArchive({ clock, journal: this.journal, endedKeepMs, trims });
    const around = this.#around();
    const asker = new Asker(
      this.time,
      this.#random,
      { v: () => Infinity, isDone: () => true }, // what was answered is the simulation's to check
      around.breach,
      around.count,
    );
    const ports: Record<string, PortHandler> = {
      device: (call) => line.call(call.body),
      payment: (call) => provider.call(call.body),
      notify: () => Promise.resolve({ ok: true, body: null }),
    };
    this.node = this.#host(clock, ports, trims);
    const client = this.node;
    const provider = new Provider({ ...around, payments: new Map(), asker, client });
    let told: Line | null = null;
    const device = new Device({
      ...around,
      id: PILES[0]!,
      connectors: CONNECTORS,
      acted: () => {},
      queued: () => void told?.tell(),
    });
    const line = new Line(device, { ...around, asker, clients: [client] });
    told = line;
    void this.node.start();
    void line.connect();
    const people = new YearPeople({
      tariffEveryMs,
      ...around,
      asker,
      client,
      line,
      provider,
      chargesADay,
      until: (at) => this.#until(at),
    });
    people.live();
    this.time.settle();
  }

  get days(): number {
    return (this.time.tick - BEGINS_MS) / DAY_MS;
  }

  look(): Look {
    const look: Look = {
      written: this.archive.records,
      writtenBytes: this.archive.bytes,
      inJournal: 0,
      inJournalBytes: 0,
      gone: this.archive.gone,
      actors: 0,
      residents: this.node.status().residents,
      staying: { pile: NOTHING, wallet: NOTHING, user: NOTHING, station: NOTHING },
    };
    for (const entry of this.archive.actors()) {
      const rows = this.journal.history(entry.place);
      look.inJournal += rows.length;
      look.inJournalBytes += rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (rows.length > 0) look.actors++;
      const kind = STAYING.find((one) => one === entry.place.address.kind);
      if (!kind || look.staying[kind].bytes >= entry.bytes.length) continue;
      look.staying[kind] = keptOf(entry, rows.length);
    }
    return look;
  }

  async run(days: number): Promise<void> {
    const end = this.time.tick + days * DAY_MS;
    while (this.time.tick < end) {
      await outside(() => this.#drive(Math.min(end, this.time.tick + DAY_MS)));
    }
  }

  #drive(end: number): void {
    const { time } = this;
    while (time.tick < end) {
      while (time.tick < this.#stored + QUIET_MS) time.step();
      const next = Math.min(end, time.tick + JUMP_MS, ...this.#moments);
      time.jump(Math.max(0, next - time.tick));
      while (time.nextAt() <= time.tick) time.step();
    }
  }

  /** Time never jumps over what was agreed on. */
  async #until(at: number): Promise<void> {
    this.#moments.add(at);
    await this.time.sleep(at - this.time.tick);
    this.#moments.delete(at);
    this.#stored = this.time.tick; // something is about to happen
  }

  #host(clock: Clock, ports: Record<string, PortHandler>, trims: boolean): ActorNode {
    let ids = 0;
    return createNode({
      node: "year",
      actors: actorKinds,
      journal: appending(this.journal, (place, bytes, marks) => {
        this.#stored = this.time.tick;
        return this.journal.append(place, bytes, marks);
      }),
      archive: this.archive,
      network: memoryNetwork({ clock, random: () => this.#random.next() }).port("year"),
      clock,
      random: () => this.#random.next(),
      freshId: () => `year-${ids++}`,
      settings: () => settings,
      placement: everyShard("year"),
      ports,
      limits: trims ? {} : { records: Infinity },
      alarms: {
        breach: (at, error) => this.#fail(`${at.kind}/${at.id}: ${String(error)}`),
        parked: (at) => this.#fail(`a lane of ${at.kind}/${at.id} is parked`),
      },
    });
  }

  #fail(what: string): never {
    throw new YearBroke(`day ${this.days.toFixed(1)}: ${what}`);
  }

  #clock(): Clock {
    const { time } = this;
    return {
      now: () => time.now(),
      tick: () => time.tick,
      after: (ms, run) => time.after(ms, run),
    };
  }

  #around() {
    const chances: Partial<Record<string, number>> = {
      "start-refused": STARTS_REFUSED,
      "start-late": STARTS_LATE,
    };
    const faults: Chance = { strikes: (name) => this.#random.next() < (chances[name] ?? 0) };
    return {
      time: this.time,
      random: this.#random,
      faults,
      say: () => {},
      act: () => {},
      count: (name: string) => void this.met.set(name, (this.met.get(name) ?? 0) + 1),
      breach: (invariant: string, what: string) => this.#fail(`${invariant} ${what}`),
    };
  }
}

function keptOf(entry: JournalEntry, records: number): Kept {
  const record = recordOf(entry);
  const parts = PARTS.map((part) => [part, JSON.stringify(record[part]).length]);
  return { bytes: entry.bytes.length, parts: Object.fromEntries(parts), records };
}
