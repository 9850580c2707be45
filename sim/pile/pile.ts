// A simulated pile in one hand: its core, its lane, its power switch, and what a tester may do to it.
import { type Clock, realClock } from "../clock.ts";
import { SimFault } from "../fault.ts";
import { type CarState, createCar, pickModel } from "../vehicle/mod.ts";
import { seeded, seedOf } from "../random.ts";
import type { LockWish } from "./bay-lock.ts";
import { PileCore } from "./core.ts";
import { Book, type Did } from "./did.ts";
import {
  type ChargeOwner,
  type ConnectorSpec,
  ownerOf,
  type PileEvent,
  type PileSpec,
  type Severity,
} from "./events.ts";
import type { Lane } from "./lane.ts";
import { freshMemory, memoryStore, type PileStore } from "./memory.ts";
import { type Misbehaviour, wellBehaved } from "./misbehaviour.ts";
import { NativeLane } from "./native-lane.ts";
import { OcppLane } from "./ocpp-lane.ts";

export interface PileOptions {
  readonly id: string;
  /** As the platform gave it: nkey seed (native) or password (OCPP). */
  readonly secret: string;
  /** Absent: one GB/T DC connector of 60 kW. */
  readonly connectors?: readonly ConnectorSpec[];
  readonly model?: string;
  readonly firmware?: string;
  readonly clock?: Clock;
  readonly store?: PileStore;
  /** Register of a pile that starts for the first time. */
  readonly registerWh?: number;
  /** Of the bay of connector 1; absent: none. */
  readonly lock?: LockWish;
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly bootMs?: number;
  /** Tests only: energy and power times this. */
  readonly energyFactor?: number;
  readonly logFile?: string;
  readonly say?: (words: string) => void;
}
export interface NativePileOptions extends PileOptions {
  /** nats://host:port */
  readonly url: string;
  readonly tenant?: string;
  readonly platformKey: string;
}
export interface OcppPileOptions extends PileOptions {
  /** ws://host:port/ocpp (the pile's id is added) */
  readonly url: string;
  /** Seconds between samples while charging. */
  readonly sampleSeconds?: number;
}

const DEFAULT_CONNECTORS: readonly ConnectorSpec[] = [
  { no: 1, plug: "gb-dc", ratedPowerW: 60_000 },
];

type MakeLane = (host: {
  core: PileCore;
  clock: Clock;
  say: (words: string) => void;
  reboot: (hard: boolean) => void;
}) => Lane;

export class Pile {
  readonly id: string;
  readonly #core: PileCore;
  readonly #lane: Lane;
  readonly #clock: Clock;
  readonly #book: Book;
  readonly #watchers = new Set<(event: PileEvent) => void>();
  #on = false;
  /** Whose charge ended when the gun was pulled. */
  #pulled: ChargeOwner | null = null;
  #power: { cancel(): void } | null = null;

  constructor(options: PileOptions, makeLane: MakeLane) {
    this.id = options.id;
    this.#clock = options.clock ?? realClock;
    const spec = specOf(options);
    const store = options.store ?? memoryStore();
    const now = this.#clock.now();
    const memory = store.load() ?? freshMemory(spec, now, options.registerWh ?? 0);
    this.#book = new Book(options.logFile);
    this.#core = new PileCore(spec, memory, this.#book, this.#clock, store);
    if (options.lock) this.#core.locks.fit(1, options.lock);
    const say = options.say ?? (() => {});
    const reboot = (hard: boolean) => this.#reboot(hard ? "hard" : "soft");
    this.#lane = makeLane({ core: this.#core, clock: this.#clock, say, reboot });
    this.#core.listen({
      onEvent: (event) => {
        if (event.kind === "ended") this.#pulled = event.reason === "unplugged" ? event : null;
        if (event.kind !== "ended" || !this.#core.bad.forgetsEnd) this.#lane.onEvent(event);
        for (const watcher of this.#watchers) watcher(event);
      },
      onReading: (reading) => this.#lane.onReading(reading),
    });
  }

  /** Switches on for the first time, or goes on where the simulator was ended: charges ran on. */
  begin(): this {
    this.#on = true;
    if (this.#core.memory.boots === 0) this.#core.memory.boots = 1;
    this.#book.add({ at: this.#clock.now(), did: "resumed" });
    this.#core.beat();
    this.#core.save();
    this.#lane.up();
    this.#core.run();
    return this;
  }

  // ---- people

  /** A car of the connector's kind, unless one is given. */
  plug(car?: CarState, connector = 1): void {
    this.#core.plug(connector, car ?? this.carFor(connector));
    if (!this.#core.bad.resumesOnReplug || this.#pulled === null) return;
    this.#core.start({ connector, limit: {}, ...ownerOf(this.#pulled) });
  }

  /** A gun that was there but not seated (`loosePlug`) is pushed in. */
  pushIn(connector = 1): void {
    this.#core.bad.loosePlug = false;
    this.#core.seat(connector);
  }

  carFor(connector: number, socPct = 20): CarState {
    const spec = this.#core.spec.connectors.find(({ no }) => no === connector);
    const kind = spec?.plug === "gb-ac" || spec?.plug === "type2" ? "ac" : "dc";
    const seed = seedOf(`${this.id} ${connector} ${this.#core.connector(connector).registerMwh}`);
    return createCar({ model: pickModel(seeded(seed), kind), kind, socPct, seed });
  }

  unplug(connector = 1): CarState | null {
    return this.#core.unplug(connector);
  }

  /** A card at the reader: starts, or stops what runs. False: the card was not accepted. */
  async card(idTag: string, connector = 1): Promise<boolean> {
    if (this.#core.connector(connector).charge !== null) {
      this.stopHere(connector);
      return true;
    }
    if (!await this.#lane.authorize(idTag)) return false;
    return this.#core.start({ connector, idTag, limit: {} }).outcome === "accepted";
  }

  /** The stop button at the pile or the car's screen. */
  stopHere(connector = 1): void {
    this.#core.stop({ connector, reason: "local", code: "local" });
  }

  emergencyStop(connector = 1): void {
    this.#core.emergencyStop(connector);
  }

  /** The car leaves the bay; its gun must be back. */
  driveOff(connector = 1): void {
    this.#core.locks.bay(connector, "empty");
  }
  /** Somebody turns the lock of the bay by hand. */
  lockByHand(to: "up" | "down", connector = 1): void {
    this.#core.locks.byHand(connector, to);
  }
  breakLock(code = "motor", connector = 1): void {
    this.#core.locks.breakDown(connector, code);
  }
  lock(connector = 1) {
    return this.#core.locks.of(connector);
  }

  openDoor(connector = 1): void {
    this.#core.note({ kind: "tamper", at: this.#clock.now(), connector, code: "door-open" });
  }

  // ---- faults

  fault(code: string, severity: Severity = "critical", connector = 1, raw?: string): void {
    this.#core.fault(connector, { code, severity, ...(raw === undefined ? {} : { raw }) });
  }

  /** The car ends the charge: the pile tells why, opens its contactor, and is well itself. */
  vehicleFault(code: string, raw?: string, connector = 1): void {
    const { bad } = this.#core;
    const { runsOnFault } = bad;
    bad.runsOnFault = true;
    this.fault(code, "critical", connector, raw);
    bad.runsOnFault = runsOnFault;
    this.#core.stop({ connector, reason: "fault", code });
    this.#core.clearFault(connector);
  }

  clearFault(connector = 1): void {
    this.#core.clearFault(connector);
  }

  misbehave(bad: Partial<Misbehaviour>): void {
    Object.assign(this.#core.bad, bad);
  }

  behave(): void {
    Object.assign(this.#core.bad, wellBehaved());
  }

  moveRegister(byWh: number, connector = 1): void {
    this.#core.moveRegister(connector, byWh);
  }

  /** The link breaks; it comes back after `forMs`, or by the usual back-off. */
  cutLink(forMs?: number): void {
    this.#lane.cut(forMs);
  }

  /** The mains fail; without `forMs` only `powerOn` brings it back. */
  losePower(forMs?: number): void {
    if (!this.#on) return;
    this.#core.beat();
    this.#core.halt();
    this.#core.save();
    this.#on = false;
    this.#book.add({ at: this.#clock.now(), did: "power-off" });
    this.#lane.cut();
    void this.#lane.down();
    if (forMs !== undefined) this.#power = this.#clock.after(forMs, () => this.powerOn());
  }

  powerOn(): void {
    if (this.#on) return;
    this.#power?.cancel();
    this.#on = true;
    this.#core.memory.boots += 1;
    this.#book.add({ at: this.#clock.now(), did: "power-on" });
    this.#core.endAll("power-loss", "power-loss");
    this.#core.save();
    this.#lane.up();
  }

  // ---- looking

  log(did?: Did["did"]): Did[] {
    return this.#book.entries(did);
  }

  register(connector = 1): number {
    return this.#core.status(connector).registerWh;
  }

  status(connector = 1) {
    return this.#core.status(connector);
  }

  car(connector = 1): CarState | null {
    return this.#core.connector(connector).car;
  }

  link() {
    return this.#lane.state();
  }

  linked(): Promise<void> {
    return this.#lane.linked();
  }

  watch(watcher: (event: PileEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Settles at the next event of this kind; fails after `timeoutMs`. */
  next<K extends PileEvent["kind"]>(
    kind: K,
    timeoutMs = 30_000,
  ): Promise<Extract<PileEvent, { kind: K }>> {
    return new Promise((done, fail) => {
      const timer = this.#clock.after(timeoutMs, () => {
        unwatch();
        fail(new SimFault(`pile '${this.id}' did not say '${kind}': ${timeoutMs} ms`, "later"));
      });
      const unwatch = this.watch((event) => {
        if (event.kind !== kind) return;
        timer.cancel();
        unwatch();
        done(event as Extract<PileEvent, { kind: K }>);
      });
    });
  }

  /** Ends the simulation of this pile, not its charge: the memory goes on from here. */
  async stop(): Promise<void> {
    this.#power?.cancel();
    if (this.#on) this.#core.beat();
    this.#core.halt();
    this.#core.save();
    this.#on = false;
    await this.#lane.down();
  }

  #reboot(how: "soft" | "hard"): void {
    this.#clock.after(this.#core.spec.stopMs, () => {
      if (!this.#on) return;
      this.#core.endAll("reset", how);
      // a soft boot lets its last messages out first
      this.#clock.after(how === "soft" ? this.#core.spec.stopMs : 0, () => {
        this.losePower(this.#core.spec.bootMs);
      });
    });
  }
}

function specOf(options: PileOptions): PileSpec {
  return {
    id: options.id,
    model: options.model ?? "SIM-1",
    firmware: options.firmware ?? "1.0.0",
    connectors: options.connectors ?? DEFAULT_CONNECTORS,
    startMs: options.startMs ?? 1_500,
    stopMs: options.stopMs ?? 500,
    bootMs: options.bootMs ?? 2_000,
    energyFactor: options.energyFactor ?? 1,
  };
}

export function startNativePile(options: NativePileOptions): Pile {
  const identity = { ...options, tenant: options.tenant ?? "main", pileId: options.id };
  return new Pile(
    options,
    ({ core, clock, say, reboot }) =>
      new NativeLane(identity, core, clock, say, () => reboot(false)),
  ).begin();
}

export function startOcppPile(options: OcppPileOptions): Pile {
  return new Pile(options, ({ core, clock, say, reboot }) => {
    const lane = new OcppLane(options, core, clock, say, reboot);
    if (options.sampleSeconds !== undefined) lane.sampleEvery(options.sampleSeconds);
    return lane;
  }).begin();
}
