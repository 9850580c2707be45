// A pile as it physically is: guns, meters, sessions, the outcomes of the commands it was given, and a
// queue of facts that survives power cuts. It knows nothing of the platform but what it is told.
import type { DeviceCall, DeviceOutcome, EndReason } from "../../wire/pile.ts";
import type { Random } from "../../sim/random.ts";
import type { Chance } from "./faults.ts";
import type { Time } from "./time.ts";

export type Command = DeviceCall["command"];
type Body = Record<string, unknown>;
export interface Fact {
  type: string;
  body: Body;
  seq: number;
}
export interface Session {
  orderId: string | null;
  tag: string;
  powerW: number;
  begunAt: number;
}
export interface Socket {
  no: number;
  plugged: boolean;
  /** When the gun came out, or the pile could see it; null: it is in, or never was. */
  outAt: number | null;
  session: Session | null;
  /** A start that was accepted and has not begun yet. */
  pending: { orderId: string; cancel(): void } | null;
  wh: number;
  readAt: number;
}
export interface DeviceOptions {
  id: string;
  connectors: number;
  time: Time;
  faults: Chance;
  random: Random;
  say(words: string): void;
  /** A start command acted: how often for this order so far. */
  acted(orderId: string, times: number): void;
  /** There is something to tell. */
  queued(): void;
}

const HOUR_MS = 3_600_000;
const BEGIN_MS_MAX = 3_000; // insulation test and handshake
const LATE_MS_MIN = 20_000;
const LATE_MS_MAX = 120_000;
const FIRST_WH = 1_000_000;

export class Device {
  readonly sockets: Socket[];
  queue: Fact[] = [];
  powered = true;
  boots = 1;
  #seq = 0;
  readonly #outcomes = new Map<string, string>();
  readonly #acts = new Map<string, number>();

  constructor(readonly options: DeviceOptions) {
    this.sockets = Array.from({ length: options.connectors }, (_, i) => ({
      no: i + 1,
      plugged: false,
      outAt: null,
      session: null,
      pending: null,
      wh: FIRST_WH,
      readAt: 0,
    }));
    for (const { no } of this.sockets) this.#tell("ReportMeter", { connector: no }, no);
  }

  get id(): string {
    return this.options.id;
  }
  get bootId(): string {
    return `boot-${this.boots}`;
  }
  socket(no: number): Socket {
    return this.sockets[no - 1]!;
  }
  registerWh(no: number): number {
    const socket = this.socket(no);
    const { tick } = this.options.time;
    if (socket.session) socket.wh += socket.session.powerW * (tick - socket.readAt) / HOUR_MS;
    socket.readAt = tick;
    return Math.floor(socket.wh);
  }

  plug(no: number): void {
    const socket = this.socket(no);
    if (socket.plugged) return;
    Object.assign(socket, { plugged: true, outAt: null });
    if (this.powered) this.#tell("ReportPlug", { connector: no, plugged: true });
  }
  /** Ends what runs. */
  unplug(no: number): void {
    const socket = this.socket(no);
    if (!socket.plugged) return;
    this.end(no, "unplugged");
    socket.plugged = false;
    if (!this.powered) return;
    socket.outAt = this.options.time.now();
    this.#tell("ReportPlug", { connector: no, plugged: false });
  }

  swipe(no: number, tag: string, cardUserId: string | null, blocked: boolean): void {
    const socket = this.socket(no);
    if (!this.powered || !socket.plugged || socket.session || socket.pending) return;
    this.#begin(socket, null, tag, { cardUserId, ...(blocked ? { cardBlocked: true } : {}) });
  }

  end(no: number, reason: EndReason): void {
    const socket = this.socket(no);
    const { session } = socket;
    if (!session) return;
    this.registerWh(no);
    socket.session = null;
    this.options.say(`${this.id}/${no} ends: ${reason}`);
    const whose = session.orderId ? { orderId: session.orderId } : { idTag: session.tag };
    this.#tell("ReportEnded", { connector: no, ...whose, reason }, no);
  }

  meter(no: number): void {
    if (this.powered && this.socket(no).session) this.#tell("ReportMeter", { connector: no }, no);
  }
  fault(no: number, isOver: boolean): void {
    const cause = { code: "E-07", by: "pile" };
    if (isOver) return this.#tell("ReportFaultCleared", { connector: no });
    this.end(no, "fault");
    this.#tell("ReportFault", { connector: no, cause, severity: "critical" });
  }

  /** Everything stops; meters and the queue are kept. */
  cut(): void {
    this.powered = false;
    for (const socket of this.sockets) {
      socket.pending?.cancel();
      socket.pending = null;
      this.end(socket.no, "power-loss");
    }
  }
  restore(): void {
    this.powered = true;
    this.boots++;
    for (const socket of this.sockets) {
      const { no, plugged } = socket;
      if (!plugged) socket.outAt ??= this.options.time.now();
      this.#tell("ReportPlug", { connector: no, plugged });
    }
  }

  /** Null: it says nothing. */
  perform(command: Command): DeviceOutcome | null {
    if (!this.powered) return null;
    switch (command.kind) {
      case "ask":
        return { outcome: "told", connectors: this.sockets.map((socket) => this.#seen(socket)) };
      case "start":
      case "stop": {
        const before = this.#outcomes.get(command.id);
        if (before !== undefined) return { outcome: "known", code: before };
        const code = command.kind === "start" ? this.#start(command) : this.#stop(command);
        this.#outcomes.set(command.id, code);
        return code === "accepted" ? { outcome: code } : { outcome: "refused", code };
      }
      case "unlock":
        return this.#unlock(command.connector);
      case "lock":
      case "reboot":
        return { outcome: "refused", code: "unsupported" };
    }
  }

  #seen(socket: Socket): NonNullable<DeviceOutcome["connectors"]>[number] {
    const { no, session, plugged } = socket;
    const state = session ? "charging" : plugged ? "plugged" : "idle";
    const whose = session?.orderId ? { orderId: session.orderId } : {};
    return { no, state, registerWh: this.registerWh(no), ...whose };
  }

  #start({ orderId, connector: no, idTag }: Extract<Command, { kind: "start" }>): string {
    const { faults, random, time, say } = this.options;
    const socket = this.sockets[no - 1];
    if (!socket) return "no-connector";
    if (socket.session || socket.pending) return "busy";
    if (!socket.plugged) return "unplugged";
    if (faults.strikes("start-refused")) return "not-ready";
    const isLate = faults.strikes("start-late");
    const ms = isLate ? random.between(LATE_MS_MIN, LATE_MS_MAX) : random.between(0, BEGIN_MS_MAX);
    say(`${this.id}/${no} accepts the start${isLate ? ", but dawdles" : ""}`);
    const timer = time.after(ms, () => {
      socket.pending = null;
      if (this.powered && socket.plugged && !socket.session) {
        this.#begin(socket, orderId, idTag, { orderId });
        const times = (this.#acts.get(orderId) ?? 0) + 1;
        this.#acts.set(orderId, times);
        this.options.acted(orderId, times);
      }
    });
    // A dawdler is not even aware of it: a stop finds nothing to stop, another start finds room.
    if (!isLate) socket.pending = { orderId, cancel: () => timer.cancel() };
    return "accepted";
  }

  #stop({ orderId, connector: no }: Extract<Command, { kind: "stop" }>): string {
    const { faults, random, time } = this.options;
    const socket = this.sockets[no - 1];
    if (!socket) return "no-connector";
    if (socket.pending && socket.pending.orderId === orderId) {
      socket.pending.cancel();
      socket.pending = null;
      return "accepted";
    }
    const { session } = socket;
    if (!session || (orderId !== undefined && session.orderId !== orderId)) return "no-session";
    if (faults.strikes("stop-ignored")) return "accepted";
    time.after(random.between(0, 1_000), () => {
      if (socket.session === session) this.end(no, "remote");
    });
    return "accepted";
  }

  /** Whoever stands there takes the gun out. */
  #unlock(no: number): DeviceOutcome {
    const { random, time } = this.options;
    if (this.socket(no).session) return { outcome: "refused", code: "busy" };
    time.after(random.between(200, 5_000), () => {
      if (!this.socket(no).session) this.unplug(no);
    });
    return { outcome: "accepted" };
  }

  #begin(socket: Socket, orderId: string | null, tag: string, named: Body): void {
    const { no } = socket;
    this.registerWh(no);
    const powerW = Math.round(this.options.random.between(20_000, 110_000));
    socket.session = { orderId, tag, powerW, begunAt: this.options.time.tick };
    this.options.say(`${this.id}/${no} charges`);
    const whose = orderId ? {} : { idTag: tag };
    this.#tell("ReportStarted", { connector: no, ...named, ...whose }, no);
  }

  #tell(type: string, body: Body, metered?: number): void {
    const { time } = this.options;
    const read = metered === undefined ? {} : { registerWh: this.registerWh(metered) };
    this.queue.push({ type, body: { ...body, ...read, deviceAt: time.now() }, seq: ++this.#seq });
    this.options.queued();
  }
}
