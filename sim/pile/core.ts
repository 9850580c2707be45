// The pile itself, whatever lane it talks over: what is plugged, what runs, what the meter shows,
// which commands it has done. It tells its lane what happened; the lane brings commands to it.
import type { Clock } from "../clock.ts";
import { SimFault } from "../fault.ts";
import type { CarReading, CarState } from "../vehicle/mod.ts";
import { BayLocks } from "./bay-lock.ts";
import { knownCommand, remember } from "./command-log.ts";
import {
  type CommandResult,
  NO_CONNECTOR,
  NOT_CHARGING,
  type StartRequest,
  type StopRequest,
  whyNoStart,
  whyNoStop,
} from "./gates.ts";
import type { Book } from "./did.ts";
import {
  type BayLockMemory,
  type ConnectorMemory,
  type ConnectorState,
  type EndReason,
  type Limit,
  ownerOf,
  type PileEvent,
  type PileSpec,
  type Reading,
  type Severity,
  stateOf,
  type Stopping,
  whOf,
} from "./events.ts";
import type { PileMemory, PileStore } from "./memory.ts";
import { countTo, type EndOfCharge, readingOf } from "./metering.ts";
import { type Misbehaviour, wellBehaved } from "./misbehaviour.ts";

/** Who is told what the pile does. */
export interface PileEar {
  onEvent(event: PileEvent): void;
  onReading(reading: Reading): void;
}

type Shown = { status: ConnectorState; orderId?: string; registerWh: number };
type ConnectorShown = Shown & { lock?: Omit<BayLockMemory, "form"> };

/** Readings are made this often while charging. */
const TICK_MS = 1_000;
/** A running charge is put on disk this often; a crash counts on from there. */
const SAVE_MS = 5_000;

export class PileCore {
  readonly bad: Misbehaviour = wellBehaved();
  #ear: PileEar = { onEvent: () => {}, onReading: () => {} };
  #timer: { cancel(): void } | null = null;
  #savedAt = 0;
  readonly #frozen = new Map<number, Reading>();
  readonly locks: BayLocks;

  constructor(
    readonly spec: PileSpec,
    readonly memory: PileMemory,
    readonly book: Book,
    private readonly clock: Clock,
    private readonly store: PileStore,
  ) {
    this.locks = new BayLocks({
      clock,
      bad: this.bad,
      connector: (no) => this.connector(no),
      tell: (event) => this.#tell(event),
    });
  }

  listen(ear: PileEar): void {
    this.#ear = ear;
  }

  connector(no: number): ConnectorMemory {
    const found = this.memory.connectors.find((connector) => connector.no === no);
    if (found === undefined) {
      throw new SimFault(`pile '${this.spec.id}' has no connector: '${no}'`, "never");
    }
    return found;
  }

  status(no: number): ConnectorShown {
    const connector = this.connector(no);
    const orderId = connector.charge?.orderId;
    const registerWh = whOf(connector.registerMwh);
    return {
      status: stateOf(connector),
      ...(orderId === undefined ? {} : { orderId }),
      registerWh,
      ...this.locks.shown(no),
    };
  }

  now(): number {
    return this.clock.now();
  }

  save(): void {
    this.memory.savedAt = this.clock.now();
    this.#savedAt = this.clock.tick();
    this.store.save(this.memory);
  }

  // ---- the car

  plug(no: number, car: CarState): void {
    const connector = this.connector(no);
    if (connector.plugged) return;
    connector.plugged = true;
    connector.car = car;
    this.locks.bay(no, "taken");
    this.seat(no);
  }

  /** The gun sits: a start that waits for it goes on. */
  seat(no: number): void {
    const connector = this.connector(no);
    this.#tell({ kind: "plugged", at: this.clock.now(), connector: no });
    if (connector.pending?.waitsUntil !== undefined) {
      const dueAt = this.clock.now() + this.spec.startMs;
      const { waitsUntil: _, ...pending } = connector.pending;
      connector.pending = { ...pending, dueAt };
    }
    this.run();
  }

  /** Pulls the gun; the car as it is now. */
  unplug(no: number): CarState | null {
    const connector = this.connector(no);
    if (!connector.plugged) return null;
    this.#end(connector, { dueAt: this.clock.now(), reason: "unplugged", code: "unplugged" });
    if (connector.pending !== null && !connector.pending.stubborn) connector.pending = null;
    const car = connector.car;
    connector.plugged = false;
    connector.car = null;
    this.#tell({ kind: "unplugged", at: this.clock.now(), connector: no });
    return car;
  }

  // ---- commands

  /** Does a command once by its id; without an id it is just done. */
  once(
    id: string | undefined,
    run: () => CommandResult,
    about: Readonly<Record<string, unknown>> = {},
  ): CommandResult {
    const known = id === undefined ? undefined : knownCommand(this.memory.commands, id);
    if (known !== undefined) return { outcome: "known", code: known.outcome };
    const result = run();
    this.book.add({ at: this.clock.now(), did: "command", id, ...about, ...result });
    if (id !== undefined && (result.outcome === "accepted" || result.outcome === "refused")) {
      remember(this.memory.commands, { id, ...result });
      this.save();
    }
    return result;
  }

  start(request: StartRequest): CommandResult {
    const connector = this.memory.connectors.find(({ no }) => no === request.connector);
    const refused = whyNoStart(connector, this.bad, request);
    if (connector === undefined || refused !== null) return refused ?? NO_CONNECTOR;
    const now = this.clock.now();
    const { limit, waitMs = 0 } = request;
    connector.pending = {
      ...ownerOf(request),
      limit,
      dueAt: now + (this.bad.lateStartMs ?? this.spec.startMs),
      stubborn: this.bad.lateStartMs !== null,
      ...(connector.plugged && !this.bad.loosePlug ? {} : { waitsUntil: now + waitMs }),
    };
    this.#tell({ kind: "preparing", at: now, ...ownerOf(request), connector: connector.no });
    this.run();
    return this.bad.silentStart ? { outcome: "silent" } : { outcome: "accepted" };
  }

  stop(request: StopRequest): CommandResult {
    const connector = this.memory.connectors.find(({ no }) => no === request.connector);
    const refused = whyNoStop(connector, this.bad, request);
    if (connector === undefined || refused !== null) return refused ?? NO_CONNECTOR;
    if (connector.charge === null) {
      if (connector.pending?.stubborn !== true) this.#giveUp(connector);
      return { outcome: "accepted" };
    }
    const { reason, code } = request;
    connector.stopping ??= {
      dueAt: this.clock.now() + this.spec.stopMs,
      reason,
      ...(code === undefined ? {} : { code }),
    };
    this.run();
    return { outcome: "accepted" };
  }

  /** New limits for what runs. */
  setLimit(no: number, limit: Limit): CommandResult {
    const connector = this.memory.connectors.find((each) => each.no === no);
    if (connector === undefined) return NO_CONNECTOR;
    if (connector.charge === null) return NOT_CHARGING;
    connector.charge = { ...connector.charge, limit };
    return { outcome: "accepted" };
  }

  // ---- faults

  fault(no: number, fault: { code: string; severity: Severity; raw?: string }): void {
    const connector = this.connector(no);
    const at = this.clock.now();
    connector.fault = { code: fault.code, severity: fault.severity };
    this.#tell({ kind: "fault", at, connector: no, ...fault });
    if (fault.severity === "critical" && !this.bad.runsOnFault) {
      this.#giveUp(connector);
      const { code, raw } = fault;
      this.#end(connector, {
        dueAt: at,
        reason: "fault",
        code,
        ...(raw === undefined ? {} : { raw }),
      });
    }
  }

  emergencyStop(no: number): void {
    const connector = this.connector(no);
    const at = this.clock.now();
    connector.fault = { code: "emergency-stop", severity: "critical" };
    this.#tell({ kind: "estop", at, connector: no });
    this.#giveUp(connector);
    this.#end(connector, { dueAt: at, reason: "emergency-stop", code: "emergency-stop" });
  }

  clearFault(no: number): void {
    const connector = this.connector(no);
    if (connector.fault === null) return;
    connector.fault = null;
    this.#tell({ kind: "fault-cleared", at: this.clock.now(), connector: no });
  }

  /** What happens beside charging. */
  note(event: PileEvent & { kind: "tamper" }): void {
    this.#tell(event);
  }

  /** A meter that lies: moves the register by so much, either way. */
  moveRegister(no: number, byWh: number): void {
    const connector = this.connector(no);
    connector.registerMwh = Math.max(0, connector.registerMwh + byWh * 1_000);
    this.save();
  }

  // ---- time

  /** Ends every charge for one reason; after a loss of power as of the moment of the loss. */
  endAll(reason: EndReason, code?: string): void {
    for (const connector of this.memory.connectors) {
      connector.pending = null;
      const dueAt = reason === "power-loss" ? connector.countedAt : this.clock.now();
      this.#end(connector, { dueAt, reason, ...(code === undefined ? {} : { code }) });
    }
  }

  /** Makes the clock of this pile run while there is something to do. */
  run(): void {
    const busy = this.memory.connectors.some(({ charge, pending }) =>
      charge !== null || pending !== null
    );
    if (!busy || this.#timer !== null) return;
    this.#timer = this.clock.after(this.#nextMs(), () => {
      this.#timer = null;
      this.beat();
      this.run();
    });
  }

  halt(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Counts every connector up to now and does what has fallen due. */
  beat(): void {
    const now = this.clock.now();
    for (const connector of this.memory.connectors) {
      this.#begin(connector, now);
      const until = Math.min(now, connector.stopping?.dueAt ?? now);
      const last = this.#count(connector, until);
      const reading = readingOf(connector, last);
      if (reading !== null) this.#show(reading);
      if (connector.stopping !== null && connector.stopping.dueAt <= now) {
        this.#end(connector, connector.stopping);
      }
    }
    if (this.clock.tick() - this.#savedAt >= SAVE_MS) this.save();
  }

  #nextMs(): number {
    const now = this.clock.now();
    const due = this.memory.connectors.flatMap(({ pending, stopping }) => [
      pending === null ? Infinity : (pending.waitsUntil ?? pending.dueAt) - now,
      stopping === null ? Infinity : stopping.dueAt - now,
    ]);
    return Math.max(0, Math.min(TICK_MS, ...due));
  }

  #begin(connector: ConnectorMemory, now: number): void {
    const { pending } = connector;
    if (pending === null) return;
    if (pending.waitsUntil !== undefined) {
      if (pending.waitsUntil <= now) this.#giveUp(connector);
      return;
    }
    if (pending.dueAt > now) return;
    connector.pending = null;
    if (!connector.plugged) return;
    const { registerMwh } = connector;
    connector.countedAt = now;
    connector.charge = {
      ...ownerOf(pending),
      limit: pending.limit,
      startedAt: now,
      startRegisterMwh: registerMwh,
    };
    if (connector.car !== null) connector.car = { ...connector.car, chargedMs: 0 };
    const owner = ownerOf(connector.charge);
    const at = { at: now, connector: connector.no };
    this.#tell({ kind: "charging", ...at, ...owner, registerWh: whOf(registerMwh) });
  }

  #count(connector: ConnectorMemory, until: number): CarReading | null {
    const spec = this.spec.connectors.find(({ no }) => no === connector.no)!;
    const factor = this.spec.energyFactor * this.bad.powerFactor;
    const counted = countTo(connector, until, { spec, factor });
    for (const event of counted.events) this.#tell(event);
    if (counted.end !== undefined) this.#reachLimit(connector, counted.end);
    return counted.last;
  }

  #reachLimit(connector: ConnectorMemory, { at, code }: EndOfCharge): void {
    if (connector.charge === null) return;
    const registerWh = whOf(connector.registerMwh);
    if (code !== "full") {
      const owner = ownerOf(connector.charge);
      const where = { at, connector: connector.no, registerWh };
      this.#tell({ kind: "limit-reached", ...where, ...owner, limit: code });
    }
    this.#end(connector, { dueAt: at, reason: "limit", code });
  }

  #giveUp(connector: ConnectorMemory): void {
    if (connector.pending === null) return;
    connector.pending = null;
    this.#tell({ kind: "gave-up", at: this.clock.now(), connector: connector.no });
  }

  #end(connector: ConnectorMemory, { dueAt, reason, code, raw }: Stopping): void {
    if (connector.charge === null) return;
    if (connector.countedAt < dueAt) this.#count(connector, dueAt);
    const { charge } = connector; // counting may have reached a limit, which ends it first
    if (charge === null) return;
    connector.charge = null;
    connector.stopping = null;
    this.#frozen.delete(connector.no);
    this.#tell({
      kind: "ended",
      at: dueAt,
      connector: connector.no,
      ...ownerOf(charge),
      registerWh: whOf(connector.registerMwh),
      reason,
      ...(code === undefined ? {} : { code }),
      ...(raw === undefined ? {} : { raw }),
      startedAt: charge.startedAt,
      startRegisterWh: whOf(charge.startRegisterMwh),
    });
  }

  #show(reading: Reading): void {
    const frozen = this.#frozen.get(reading.connector);
    if (!this.bad.frozenData) {
      this.#frozen.set(reading.connector, reading);
    }
    const shown = this.bad.frozenData && frozen !== undefined
      ? { ...frozen, at: reading.at }
      : reading;
    if (!this.bad.noReadings) this.#ear.onReading(shown);
  }

  #tell(event: PileEvent): void {
    this.book.addEvent(event);
    this.#ear.onEvent(event);
    this.save();
  }
}
