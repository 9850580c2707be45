// One run: the town, nodes, piles, provider and people on virtual time, with everything drawn from one
// seed, and the invariants checked after every step.
import { createHash } from "node:crypto";
import { actorKinds } from "../../server/roles/actors.ts";
import {
  type Client,
  type Clock,
  type Journal,
  type JournalEntry,
  keyOf,
  type PortCall,
  type PortHandler,
} from "../../server/runtime/mod.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { type MemoryJournal, memoryJournal, memoryNetwork } from "../../server/store/mod.ts";
import { ArchiveTwin } from "./archive.ts";
import { Asker } from "./asker.ts";
import { checkersOf } from "./check/all.ts";
import type { Seen } from "./check/kit.ts";
import { Promises } from "./check/promises.ts";
import { Records, type Stored } from "./check/records.ts";
import { type Open, unsettled } from "./check/settled.ts";
import { limitsOf } from "./bounds.ts";
import { Cluster } from "./cluster.ts";
import { Device } from "./device.ts";
import { Dice } from "./dice.ts";
import { Faults } from "./faults.ts";
import { Line } from "./gateway.ts";
import { Killer } from "./killer.ts";
import { disturb, powerUp } from "./mishaps.ts";
import { doReserve, doStay, type RunOptions } from "./options.ts";
import { Driver } from "./people.ts";
import { appending } from "./ports.ts";
import type { Process } from "./process.ts";
import { Provider } from "./provider.ts";
import { Story } from "./story.ts";
import { Time } from "./time.ts";
import { followViews } from "./views.ts";
import { BEGINS_MS, CONNECTORS, lay, PILES, settings, USERS } from "./town.ts";

export interface Breach {
  invariant: string;
  what: string;
  step: number;
}
class NoSuchPort extends Error {
  override readonly name = "NoSuchPort";
}

const NODES = ["a", "b", "c"];
const SLOW_SHARE = 0.02;

const clockOf = (time: Time): Clock => ({
  now: () => time.now(),
  tick: () => time.tick,
  after: (ms, run) => time.after(ms, run),
});

export class World {
  readonly time = new Time();
  readonly story: Story;
  readonly faults: Faults;
  readonly dice: Dice;
  readonly weather = { away: false, full: false, archiveAway: false };
  readonly met = new Map<string, number>();
  readonly lines: Line[];
  readonly records: Records;
  readonly provider: Provider;
  readonly cluster: Cluster;
  breach: Breach | null = null;
  /** Steps: deliveries, answers, timers that did something, faults. */
  steps = 0;
  /** Everything that ran, also what looked around and found nothing to do. */
  tasks = 0;
  actions = 0;
  over = false;
  readonly api: Client;
  readonly #promises: Promises;
  #archived: ArchiveTwin | null = null;
  #begun = false;
  #acted = false;
  readonly #fresh: Stored[] = [];
  readonly #withPerson = new Set<string>();
  readonly #hash = createHash("sha256");
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #killer: Killer;

  constructor(readonly options: RunOptions) {
    const { seed, off = new Set(), told = false, drivers = USERS.length } = options;
    this.dice = new Dice(seed);
    this.story = new Story(this.time, told);
    this.faults = new Faults(this.dice, off);
    this.#limits = limitsOf(this.dice.of("limits"));
    this.#killer = new Killer(this.#around("killer"));
    this.#promises = new Promises(this.#around("promises"), settings.reserveBufferMs);
    const twin = this.#twin();
    const journal = this.#writer(twin);
    lay(journal("town"), this.time);
    this.time.tick = BEGINS_MS;
    const payments: Provider["payments"] = new Map();
    this.records = this.#checked(payments);
    this.#archived = this.#archive(twin);
    this.cluster = this.#cluster(journal, this.#archived);
    const read = (entry: JournalEntry) => this.records.recordOf(entry);
    followViews({ ...this.#around("views"), twin, read });
    const { asker, clients } = this.#outside();
    this.api = clients[0]!;
    this.provider = new Provider({
      ...this.#around("provider"),
      payments,
      asker,
      client: this.api,
    });
    this.lines = PILES.map((id) => this.#line(id, asker, clients.slice(1)));
    this.#takeFresh();
    this.#begun = true;
    if (seed % 2 === 0) this.#killer.cluster = this.cluster;
    for (const name of NODES.slice(0, options.nodes ?? 2 + seed % 2)) this.cluster.start(name);
    for (const line of this.lines) void line.connect();
    for (const [userId] of USERS.slice(0, drivers)) this.#driver(userId, asker, this.api);
    disturb({
      ...this.#around("mishaps"),
      cluster: this.cluster,
      lines: this.lines,
      weather: this.weather,
      skewMsMax: this.#limits.endedKeepMs / 4,
    });
    this.time.settle();
  }

  /** False: the world stands still, or an invariant broke. */
  step(): boolean {
    this.#acted = false;
    if (!this.time.step()) return false;
    this.tasks++;
    if (this.#fresh.length > 0) this.#takeFresh();
    if (this.#acted) {
      this.steps++;
      this.#hash.update(`${this.time.tick}`);
    }
    return this.breach === null;
  }

  /** Faults end, what is away comes back, nobody begins anything new. */
  heal(): void {
    const { faults, cluster, lines, weather, story } = this;
    story.say("everything heals, nobody begins anything new");
    faults.healed = true;
    this.over = true;
    Object.assign(weather, { away: false, full: false, archiveAway: false });
    for (const name of cluster.names()) {
      const process = cluster.process(name)!;
      process.skewMs = 0;
      process.resume();
    }
    for (const line of lines) {
      powerUp(line, story.say);
      if (!line.online) void line.connect();
    }
    this.time.settle();
  }

  /** Cars that nobody will fetch leave: those of cards. */
  leave(): void {
    for (const { device } of this.lines) {
      for (const { no } of device.sockets) device.unplug(no);
    }
    this.time.settle();
  }

  open(): Open[] {
    const settled = unsettled({
      newest: this.records.newest(),
      devices: this.lines.map((line) => line.device),
      payments: this.provider.payments,
      withPerson: this.#withPerson,
      audit: this.#archived!.audit(),
    });
    return [...settled, ...this.#promises.open(this.records.newest())];
  }

  fail(invariant: string, what: string): void {
    if (this.breach) return;
    this.breach = { invariant, what, step: this.steps };
    this.story.say(`${invariant} BROKEN: ${what}`);
  }

  /** Over every step and every stored record. */
  digest(): string {
    return this.#hash.digest("hex");
  }

  // how it is put together

  readonly count = (name: string): void => {
    this.met.set(name, (this.met.get(name) ?? 0) + 1);
  };
  readonly #act = (): void => {
    this.#acted = true;
  };

  #around(stream: string) {
    return {
      time: this.time,
      faults: this.faults,
      random: this.dice.of(stream),
      say: this.story.say,
      act: this.#act,
      count: this.count,
      breach: (invariant: string, what: string) => this.fail(invariant, what),
    };
  }

  #twin(): MemoryJournal {
    const random = this.dice.of("journal");
    const slow = () =>
      random.next() < SLOW_SHARE ? random.between(50, 900) : random.between(0.5, 5);
    return memoryJournal({
      clock: clockOf(this.time),
      delayMs: () => this.#begun ? slow() : 0,
      recordsPerActor: this.#limits.records,
    });
  }

  #writer(twin: MemoryJournal): (process: string) => Journal {
    return (by) =>
      appending(twin, async (place, bytes, marks) => {
        const actor = keyOf(place.address);
        if (marks.base > (this.#archived?.v(actor) ?? 0) + 1) {
          this.fail("J3", `${actor}: the archive does not hold what is called trimmed`);
        }
        const stored = await twin.append(place, bytes, marks);
        this.#fresh.push({ place, bytes, prevSum: marks.prevSum, by });
        return stored;
      });
  }

  #takeFresh(): void {
    for (const stored of this.#fresh.splice(0)) {
      this.records.take(stored);
      this.#killer.stored(stored);
      this.#hash.update(this.records.sum);
    }
  }

  #checked(payments: Provider["payments"]): Records {
    const verdicts = this.#around("checks");
    const deviceOf = (id: string) => this.lines.find((line) => line.device.id === id)!.device;
    const isClockRight = () => !this.faults.hits.has("clock-jumps");
    const all = checkersOf({ verdicts, payments, deviceOf, isClockRight });
    const checkers = [...all, this.#promises.check, (seen: Seen) => this.#look(seen)];
    return new Records(actorKinds, verdicts, () => this.steps, checkers);
  }

  #look({ name, record }: Seen): void {
    for (const event of record.events) {
      if (event.type !== "IncidentRaised") continue;
      if (event["outcome"] !== "needs-person") continue;
      this.#withPerson.add(name);
      this.count("needs-person");
    }
    if (!this.options.told || !this.#begun) return;
    const events = record.events.map(({ type }) => type).join(", ");
    this.story.say(`  ${name} v${record.v} ${record.cause.type}: ${events || "nothing"}`);
  }

  #archive(twin: MemoryJournal): ArchiveTwin {
    return new ArchiveTwin({
      ...this.#around("archive"),
      twin,
      kinds: actorKinds,
      read: (entry) => this.records.recordOf(entry),
      weather: this.weather,
      endedKeepMs: this.#limits.endedKeepMs,
    });
  }

  #cluster(journal: (process: string) => Journal, archive: ArchiveTwin): Cluster {
    const { dice, time, options: { seed } } = this;
    const random = dice.of("network");
    const delayMs = () =>
      this.faults.strikes("message-delayed") ? random.between(50, 2_500) : random.between(0.1, 1);
    const network = memoryNetwork({
      clock: clockOf(time),
      random: () => random.next(),
      delayMs,
      lose: () => this.faults.strikes("message-lost"),
    });
    const around = {
      ...this.#around("nodes"),
      weather: this.weather,
      step: () => this.steps,
      denied: (by: string, { to, id }: Envelope, asked: number) =>
        this.records.denied(by, keyOf(to), id, asked),
    };
    return new Cluster({
      time,
      journal,
      network,
      around,
      actors: actorKinds,
      settings,
      archive: (process) => archive.seenBy(process),
      limits: this.#limits,
      limitsByKind: {},
      everywhere: seed % 4 < 2,
      ports: (process) => this.#ports(process),
      breach: (what) => this.fail("assert", what),
      count: this.count,
    });
  }

  #outside() {
    const asker = new Asker(
      this.time,
      this.dice.of("asker"),
      {
        v: (actor) => this.records.v(actor),
        isDone: (actor, command) => this.records.isDone(actor, command),
      },
      (invariant, what) => this.fail(invariant, what),
      this.count,
    );
    const clients = ["api", "gw-0", "gw-1"].map((name) => this.cluster.client(name).client);
    return { asker, clients };
  }

  #line(id: string, asker: Asker, clients: readonly Client[]): Line {
    const around = this.#around(`pile-${id}`);
    let line: Line | null = null;
    const device = new Device({
      ...around,
      id,
      connectors: CONNECTORS,
      acted: (orderId, times) => {
        if (times > 1) this.fail("O4", `${orderId}: the pile was made to charge ${times} times`);
      },
      queued: () => void line?.tell(),
    });
    line = new Line(device, { ...around, asker, clients });
    return line;
  }

  #driver(userId: string, asker: Asker, client: Client): Driver {
    const { skipped = new Set() } = this.options;
    return new Driver(userId, {
      ...this.#around(`driver-${userId}`),
      asker,
      client,
      devices: this.lines.map((line) => line.device),
      provider: this.provider,
      over: () => this.over,
      staying: doStay(this.options) ? this.dice.of(`staying-${userId}`) : null,
      reserving: doReserve(this.options) ? this.dice.of(`reserving-${userId}`) : null,
      skips: () => skipped.has(this.actions++),
    });
  }

  /** Where calls of actors end: they must have been recorded before, and their answers count. */
  #ports(process: Process): Record<string, PortHandler> {
    const reach = (act: (call: PortCall) => ReturnType<PortHandler>): PortHandler => (call) =>
      process.call(async () => {
        this.#takeFresh(); // stored in this very step
        this.records.called(call.id);
        this.#act();
        const answer = await act(call);
        this.#killer.called(call.body, process);
        this.#act();
        this.records.answered(call.id);
        return answer;
      });
    return {
      device: reach((call) => this.#lineOf(call).call(call.body)),
      payment: reach((call) => this.provider.call(call.body)),
      notify: reach(async () => {
        await this.time.sleep(5);
        if (this.faults.strikes("notice-fails")) throw new NoSuchPort("no notice can be given");
        return { ok: true, body: null };
      }),
    };
  }
  #lineOf({ body }: PortCall): Line {
    return this.lines.find((line) => line.device.id === body["pileId"])!;
  }
}
