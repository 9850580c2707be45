// One pile's socket: frames in and out, in order, never faster than the platform can take them. Nothing is
// served before the pile's actor has opened the link.
import type { WebSocket } from "ws";
import {
  decodeFrame,
  encodeError,
  encodeResult,
  type Frame,
} from "../../wire/foreign/ocpp16/frames.ts";
import { checkCall, type Checked } from "../../wire/foreign/ocpp16/payloads.ts";
import { askAgain, type Settled } from "../ask-again.ts";
import type { DeviceAnswer, DeviceLink, PileOrder, Traces } from "../device-call.ts";
import type { PileAuth } from "../pile-keys.ts";
import { PileCallsOut } from "./calls.ts";
import { Orders } from "./device.ts";
import { handle } from "./handlers.ts";
import { type Answer, closeCodes, type ConnectorSeen, type Desk, type PileLink } from "./ports.ts";
import { type Throttle, throttle } from "./throttle.ts";

type Good = Extract<Checked, { ok: true }>;

/** Lost facts that come again anyway (statuses, boots) are tried this long. */
const TELL_MS_MAX = 8_000;
const COMPLAINTS_MAX = 200;
/** A close frame holds 123 bytes of reason (RFC 6455, 5.5). */
const REASON_LENGTH_MAX = 100;

export class Link implements PileLink, DeviceLink {
  readonly seen = new Map<number, ConnectorSeen>();
  readonly known = new Map<string, Promise<DeviceAnswer>>();
  readonly traces: Traces = new Map();
  linkEpoch = 0;
  /** Set once: nothing of this link reaches the platform or the pile after it. */
  readonly given = { up: false };
  replaced = false;
  pongsMissed = 0;
  nextPingAt = 0;
  readonly calls: PileCallsOut;
  readonly #orders: Orders;
  readonly #throttle: Throttle;
  readonly #complaints = new Set<string>();
  #tail: Promise<void>;
  #ticks = 0;
  #facts = 0;
  #open = 0;
  #badFrames = 0;
  #view: Promise<unknown> | null = null;

  constructor(
    readonly desk: Desk,
    readonly socket: WebSocket,
    readonly tenant: string,
    readonly pileId: string,
    /** What it signed in with: once that is worth nothing any more, neither is the link. */
    readonly auth: PileAuth,
    /** Resolves true when the actor has opened the link. */
    readonly opened: Promise<boolean>,
  ) {
    const { clock, settings } = desk;
    this.calls = new PileCallsOut(
      (text) => this.#send(text),
      clock,
      settings,
      `cw${clock.now().toString(36)}`,
    );
    this.#orders = new Orders(this, this.calls, clock, settings);
    this.#throttle = throttle(socket, clock, settings);
    this.#tail = opened.then(() => {});
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("pong", () => this.pongsMissed = 0);
    socket.on("error", (cause: Error & { code?: string }) => {
      // too large, not UTF-8, no frame at all: ws closes the socket by itself
      if (cause.code?.startsWith("WS_ERR")) return this.#say("frame refused", { why: cause.code });
      desk.log.debug({ pileId, cause: String(cause) }, "socket");
    });
  }

  get repeatable(): boolean {
    return this.#orders.askedSince;
  }
  perform(order: PileOrder, late: (answer: DeviceAnswer) => void): Promise<DeviceAnswer> {
    return this.#orders.perform(order, late);
  }
  onStatus(connector: number): void {
    this.#orders.onStatus(connector);
  }
  nextTick(): number {
    return ++this.#ticks;
  }
  firstComplaint(about: string): boolean {
    if (this.#complaints.has(about) || this.#complaints.size >= COMPLAINTS_MAX) return false;
    this.#complaints.add(about);
    return true;
  }
  record(type: string, body: Record<string, unknown>): Promise<Settled | null> {
    const { tracer, settings: { recordMs } } = this.desk;
    const { connector } = body;
    const trace = typeof connector === "number" ? this.traces.get(connector) : undefined;
    if (!tracer || trace === undefined) return this.#fact(type, body, recordMs, trace);
    return tracer.span(
      `fact ${type}`,
      trace,
      { "pile.id": this.pileId },
      (own) => this.#fact(type, body, recordMs, own),
    );
  }
  tell(type: string, body: Record<string, unknown>): Promise<Settled | null> {
    return this.#fact(type, body, TELL_MS_MAX);
  }
  async show(): Promise<unknown> {
    this.#view ??= this.desk.client.read({
      to: this.#actor,
      name: "show",
      principal: { kind: "device", id: this.pileId },
    }).then((reply) => {
      if ("ok" in reply && reply.ok) return reply.body;
      this.#view = null;
      return null;
    });
    return await this.#view;
  }
  /** Resolves when what has come so far is done with. */
  get settled(): Promise<void> {
    return this.#tail;
  }

  close(code: number, reason: string): void {
    this.given.up = true;
    this.calls.end();
    this.socket.close(code, reason.slice(0, REASON_LENGTH_MAX));
  }
  /** Without the closing handshake: the other end is not there. */
  cut(): void {
    this.given.up = true;
    this.calls.end();
    this.socket.terminate();
  }

  get #actor() {
    return { tenant: this.tenant, kind: "pile", id: this.pileId };
  }
  async #fact(type: string, body: Record<string, unknown>, forMs: number, trace?: string) {
    return await askAgain(
      this.desk,
      {
        id: `ocpp:${this.pileId}:${this.linkEpoch}:${++this.#facts}`,
        to: this.#actor,
        type,
        body: { linkEpoch: this.linkEpoch, ...body },
        principal: { kind: "device", id: this.pileId },
        ...(trace === undefined ? {} : { trace }),
      },
      forMs,
      this.given,
    );
  }

  #receive(data: unknown, isBinary: boolean): void {
    this.pongsMissed = 0;
    this.#throttle.frame();
    if (this.given.up) return;
    if (isBinary) {
      this.#say("frame refused", { why: "binary" });
      return this.close(closeCodes.notText, "text frames only");
    }
    const frame = decodeFrame(String(data));
    switch (frame.kind) {
      case "call":
        return this.#call(frame);
      case "result":
      case "error":
        return this.#answered(frame);
      case "refused":
        this.desk.metrics.count("ocpp_frames_refused", { code: frame.code });
        this.#send(encodeError(frame.id, frame.code, frame.description));
        return this.#bad(frame.description);
      case "ignored":
        this.desk.metrics.count("ocpp_frames_ignored");
        return this.#bad(frame.why);
    }
  }

  #call(frame: Extract<Frame, { kind: "call" }>): void {
    const checked = checkCall(frame.action, frame.payload);
    this.#badFrames = 0;
    if (!checked.ok) {
      this.desk.metrics.count("ocpp_calls_refused", { code: checked.code });
      this.#say("call refused", { action: frame.action.slice(0, 40), code: checked.code });
      return this.#send(encodeError(frame.id, checked.code, checked.description));
    }
    this.#open += 1;
    this.#throttle.backlog(this.#open);
    const served = inOrder(checked)
      ? (this.#tail = this.#tail.then(() => this.#serve(frame.id, checked)))
      : this.opened.then(() => this.#serve(frame.id, checked));
    void served;
  }

  async #serve(id: string, checked: Good): Promise<void> {
    try {
      if (!this.given.up) this.#reply(id, checked, await handle(this.desk, this, checked));
    } catch (cause) {
      const { pileId, desk } = this;
      desk.log.error({ pileId, action: checked.action, cause: String(cause) }, "call failed");
      this.#send(encodeError(id, "InternalError", "could not be handled"));
    } finally {
      this.#open -= 1;
      this.#throttle.backlog(this.#open);
    }
  }

  #reply(id: string, checked: Good, answer: Answer): void {
    this.desk.metrics.count("ocpp_calls", { action: checked.action, answer: answer.is });
    switch (answer.is) {
      case "result":
        return this.#send(encodeResult(id, answer.payload));
      case "error":
        return this.#send(encodeError(id, answer.code, answer.description));
      case "keep":
        this.#say("left unanswered", { action: checked.action, why: answer.why });
        return this.close(closeCodes.tryLater, answer.why);
    }
  }

  #answered(frame: Extract<Frame, { kind: "result" | "error" }>): void {
    const fate = this.calls.answered(frame);
    if (fate !== "taken") this.desk.log.info({ pileId: this.pileId, id: frame.id, fate }, "answer");
  }

  #bad(why: string): void {
    this.#say("frame refused", { why });
    this.#badFrames += 1;
    if (this.#badFrames < this.desk.settings.badFramesMax) return;
    this.close(closeCodes.policy, "too many unreadable frames");
  }

  #say(message: string, facts: Record<string, unknown>): void {
    const { tenant, pileId } = this;
    if (this.firstComplaint(`${message}/${Object.values(facts).join("/")}`)) {
      this.desk.log.warn({ tenant, pileId, ...facts }, message);
    }
  }

  #send(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > this.desk.settings.unsentBytesMax) {
      this.#say("cut off", { why: "it does not read what it is sent" });
      return this.cut();
    }
    this.socket.send(text);
  }
}

/** Readings and heartbeats need not wait behind a start that is being recorded. */
const inOrder = (checked: Good): boolean =>
  checked.action !== "MeterValues" && checked.action !== "Heartbeat";
