// The OCPP 1.6J lane of a simulated pile: boot, heartbeats, statuses, transactions, remote commands.
import type { Clock } from "../clock.ts";
import { seeded, seedOf } from "../random.ts";
import type { PileCore } from "./core.ts";
import { type PileEvent, type Reading, stateOf } from "./events.ts";
import { BackOff, type Lane, LinkWaiters } from "./lane.ts";
import { answerCall, type OcppHost } from "./ocpp-calls.ts";
import { secondsOf } from "./ocpp-config.ts";
import { freshOcpp, type OcppMemory, TransactionQueue } from "./ocpp-queue.ts";
import { OcppSocket, type Payload, type SocketOptions } from "./ocpp-socket.ts";
import {
  errorOf,
  iso,
  meterValue,
  type OcppStatus,
  startPayload,
  stopPayload,
} from "./ocpp-words.ts";

const ANSWER_MS = 10_000;
const MS = 1_000;

export class OcppLane implements Lane {
  readonly #memory: OcppMemory;
  readonly #queue: TransactionQueue;
  readonly #backOff: BackOff;
  readonly #waiters = new LinkWaiters();
  readonly #host: OcppHost;
  readonly #sampledAt = new Map<number, number>();
  #last: Reading | null = null;
  #socket: OcppSocket | null = null;
  #wanted = false;
  #booted = false;
  #retry: { cancel(): void } | null = null;
  #heartbeat: { cancel(): void } | null = null;

  constructor(
    private readonly options: SocketOptions,
    private readonly core: PileCore,
    private readonly clock: Clock,
    private readonly say: (words: string) => void,
    reboot: (hard: boolean) => void,
  ) {
    this.#memory = (core.memory.lane ?? freshOcpp()) as OcppMemory;
    core.memory.lane = this.#memory;
    const seed = seedOf(`ocpp ${options.id}`);
    this.#backOff = new BackOff(seeded(seed));
    const started = (local: string, accepted: boolean) => this.#started(local, accepted);
    const saved = () => core.save();
    this.#queue = new TransactionQueue(this.#memory, core.bad, clock, seed + 1, started, saved);
    this.#host = {
      core,
      memory: this.#memory,
      reboot,
      trigger: (message, connector) => this.#trigger(message, connector),
      showStatus: (connector) => this.#showStatus(connector),
    };
  }

  // ---- what the pile tells

  onEvent(event: PileEvent): void {
    const { connector } = event;
    this.#remember(event);
    switch (event.kind) {
      case "charging":
        this.#keep("StartTransaction", connector, startPayload(event));
        break;
      case "ended":
        this.#keep("StopTransaction", connector, stopPayload(event));
        delete this.#memory.running[connector];
        break;
      case "meter": // online the samples say it, finer
        if (!this.#queue.isOpen) this.#keepReading(event, "Sample.Periodic", true);
        return;
      case "tariff-edge":
        this.#keepReading(event, "Sample.Clock", false);
        return;
      case "limit-reached":
      case "lock":
      case "gate":
        return;
      case "plugged":
      case "unplugged":
      case "preparing":
      case "gave-up":
      case "fault":
      case "fault-cleared":
      case "estop":
      case "tamper":
        break;
    }
    this.#showStatus(connector);
  }

  onReading(reading: Reading): void {
    this.#last = reading;
    const everyMs = secondsOf(this.#memory, "MeterValueSampleInterval") * MS;
    const before = this.#sampledAt.get(reading.connector) ?? -Infinity;
    if (everyMs === 0 || !this.#queue.isOpen || reading.at - before < everyMs - MS / 2) return;
    this.#sampledAt.set(reading.connector, reading.at);
    this.#keepReading(reading, "Sample.Periodic", true);
  }

  /** As if the key MeterValueSampleInterval had been set. */
  sampleEvery(seconds: number): void {
    this.#memory.config.MeterValueSampleInterval = String(seconds);
  }

  // ---- the link

  up(): void {
    this.#wanted = true;
    this.#connect();
  }

  down(): Promise<void> {
    this.#wanted = false;
    this.#retry?.cancel();
    this.#socket?.close(true);
    return Promise.resolve();
  }

  cut(forMs?: number): void {
    this.#socket?.close(false);
    if (forMs !== undefined) this.#again(forMs);
  }

  async authorize(idTag: string): Promise<boolean> {
    if (this.#socket === null || !this.#booted) return false;
    const answer = await this.#socket.call("Authorize", { idTag }, ANSWER_MS);
    return (answer.idTagInfo as { status?: unknown } | undefined)?.status === "Accepted";
  }

  state() {
    return { linked: this.#waiters.linked, queued: this.#memory.queue.length };
  }

  linked(): Promise<void> {
    return this.#waiters.wait();
  }

  #connect(): void {
    if (!this.#wanted || this.#socket !== null) return;
    this.#retry?.cancel();
    const socket = new OcppSocket(this.options, this.clock, {
      opened: () => void this.#boot(socket),
      closed: (why) => this.#lost(socket, why),
      asked: (action, payload) => this.#asked(action, payload),
    });
    this.#socket = socket;
  }

  #lost(socket: OcppSocket, why: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#heartbeat?.cancel();
    this.#queue.close();
    this.#waiters.set(false);
    if (!this.#wanted) return;
    this.say(`no OCPP link: ${why}`);
    this.#again();
  }

  #again(ms?: number): void {
    this.#retry?.cancel();
    this.#retry = this.clock.after(ms ?? this.#backOff.next(), () => this.#connect());
  }

  async #boot(socket: OcppSocket): Promise<void> {
    if (!(this.core.bad.skipBoot && this.#booted)) {
      const answer = await this.#bootAnswer(socket);
      if (this.#socket !== socket) return;
      const seconds = Number(answer?.interval) || 30;
      if (answer?.status !== "Accepted") {
        this.clock.after(seconds * MS, () => void this.#boot(socket));
        return;
      }
      this.#memory.config.HeartbeatInterval = String(seconds);
    }
    this.#booted = true;
    this.#backOff.reset();
    this.#showStatus(0);
    for (const { no } of this.core.memory.connectors) this.#showStatus(no);
    this.#queue.open((action, payload, ms) => socket.call(action, payload, ms));
    this.#waiters.set(true);
    this.#beat(socket);
  }

  async #bootAnswer(socket: OcppSocket): Promise<Payload | null> {
    const { id, model, firmware } = this.core.spec;
    const payload = {
      chargePointVendor: "Chargeward",
      chargePointModel: model.slice(0, 20),
      chargePointSerialNumber: id.slice(0, 25),
      firmwareVersion: firmware.slice(0, 50),
    };
    return await socket.call("BootNotification", payload, ANSWER_MS).catch((error) => {
      this.say(`boot: ${error.message}`);
      return null;
    });
  }

  #beat(socket: OcppSocket): void {
    const everyMs = Math.max(1, secondsOf(this.#memory, "HeartbeatInterval")) * MS;
    this.#heartbeat?.cancel();
    this.#heartbeat = this.clock.after(everyMs, () => {
      if (this.#socket !== socket) return;
      if (!this.core.bad.noBeats) this.#tell("Heartbeat", {});
      this.#beat(socket);
    });
  }

  /** Told now or never: what is lost here is told anew on the next link. */
  #tell(action: string, payload: Payload): void {
    if (this.#socket === null || !this.#booted) return;
    this.#socket.call(action, payload, ANSWER_MS).catch((error) => {
      this.say(`${action}: ${error.message}`);
    });
  }

  async #asked(action: string, payload: Payload): Promise<Payload | null> {
    const { slowAnswersMs } = this.core.bad;
    if (slowAnswersMs > 0) {
      await new Promise<void>((done) => void this.clock.after(slowAnswersMs, done));
    }
    const answer = answerCall(this.#host, action, payload);
    this.core.save();
    return answer;
  }

  #trigger(message: string, connector: number | undefined): boolean {
    const all = this.core.memory.connectors.map(({ no }) => no);
    const which = connector === undefined ? all : [connector];
    const soon = (run: () => void) => (void this.clock.after(0, run), true);
    if (message === "Heartbeat") return soon(() => this.#tell("Heartbeat", {}));
    if (message === "StatusNotification") {
      return soon(() => which.forEach((no) => this.#showStatus(no)));
    }
    if (message === "BootNotification") {
      return soon(() => void (this.#socket !== null && this.#bootAnswer(this.#socket)));
    }
    if (message !== "MeterValues") return false;
    return soon(() => {
      if (this.#last !== null) this.#keepReading(this.#last, "Sample.Periodic", true);
    });
  }

  // ---- transactions

  /** Which own name runs where, and which car is only still there. */
  #remember({ kind, connector, at }: PileEvent): void {
    const others = this.#memory.finishing.filter((no) => no !== connector);
    if (kind === "charging") this.#memory.running[connector] = `${connector}@${at}`;
    if (kind === "ended") this.#memory.finishing = [...others, connector];
    if (kind === "unplugged" || kind === "preparing" || kind === "charging") {
      this.#memory.finishing = others;
    }
  }

  #keep(action: "StartTransaction" | "StopTransaction", connector: number, payload: Payload): void {
    const local = this.#memory.running[connector];
    if (local !== undefined) this.#queue.add({ action, local, payload, sample: false });
  }

  #keepReading(
    reading: Reading | PileEvent & { kind: "meter" | "tariff-edge" },
    context: "Sample.Periodic" | "Sample.Clock",
    sample: boolean,
  ): void {
    const local = this.#memory.running[reading.connector];
    if (local === undefined) return;
    const payload = {
      connectorId: reading.connector,
      meterValue: [meterValue(reading, context)],
    };
    this.#queue.add({ action: "MeterValues", local, payload, sample });
  }

  #started(local: string, accepted: boolean): void {
    const connector = Object.keys(this.#memory.running)
      .find((no) => this.#memory.running[no] === local);
    if (accepted || connector === undefined) return;
    this.core.stop({ connector: Number(connector), reason: "deauthorized" });
  }

  // ---- statuses

  #statusOf(no: number): OcppStatus {
    if (no === 0) return "Available";
    const connector = this.core.connector(no);
    const state = stateOf(connector);
    if (state === "faulted") return "Faulted";
    if (state === "charging") return "Charging";
    if (this.#memory.unavailable.includes(no)) return "Unavailable";
    if (connector.pending !== null) return "Preparing";
    if (state === "idle") return "Available";
    return this.#memory.finishing.includes(no) ? "Finishing" : "Preparing";
  }

  #showStatus(no: number): void {
    const fault = no === 0 ? null : this.core.connector(no).fault;
    this.#tell("StatusNotification", {
      connectorId: no,
      status: this.#statusOf(no),
      ...errorOf(fault?.code),
      timestamp: iso(this.clock.now()),
    });
  }
}
