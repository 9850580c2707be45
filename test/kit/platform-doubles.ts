// Small stand-ins for the platform, for tests of the lanes alone: a telemetry gateway on a bare
// nats-server, and a central system on a bare websocket. They record what they hear.
import { generateKeyPairSync, sign } from "node:crypto";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { createUser } from "@nats-io/nkeys";
import { WebSocket, WebSocketServer } from "ws";
import { findNats, freePort, startChild } from "../../server/engines/mod.ts";
import {
  beat,
  bootRequest,
  type DeviceCommand,
  type DeviceFact,
  deviceFact,
} from "../../wire/native.ts";
import { type TickSignal, tickSignal } from "../../wire/tick.ts";
import { signedBytes } from "../../wire/signing.ts";
import { deviceDown, deviceUp } from "../../wire/subjects.ts";
import type { Clock } from "../../sim/clock.ts";

const TENANT = "main";

/** A nats-server without sign-in, gone with the test. */
export async function bareNats(): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = await Deno.makeTempDir();
  const { command } = await findNats({ say: () => {} });
  const port = freePort();
  const args = ["-a", "127.0.0.1", "-p", String(port)];
  const logFile = join(dir, "nats.log");
  const child = await startChild({ name: "nats-server", command, args, logFile });
  const url = `nats://127.0.0.1:${port}`;
  const stop = async () => {
    await child.stop();
    await Deno.remove(dir, { recursive: true });
  };
  for (let tries = 0;; tries++) {
    try {
      await (await connect({ servers: [url], timeout: 500, reconnect: false })).close();
      return { url, stop };
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

export const newSeed = (): string => new TextDecoder().decode(createUser().getSeed());

/** The platform's side of the native lane, recording what is said. */
export class GatewayDouble {
  readonly boots: { bootId: string; lastSeq: number; cmds: { id: string; outcome: string }[] }[] =
    [];
  readonly facts: DeviceFact[] = [];
  readonly ticks: TickSignal[] = [];
  beats = 0;
  epoch = 0;
  /** Numbers that were recorded: what comes twice is answered, not kept. */
  lastSeq = 0;
  repeats = 0;
  /** Facts get no answer while this is set. */
  deaf = false;
  /** Answers to the next facts in place of the record. */
  readonly refusals: { error: string; afterMs?: number }[] = [];
  readonly platformKey: string;
  readonly #private;
  #wake: (() => void)[] = [];

  private constructor(private readonly nats: NatsConnection, readonly pileId: string) {
    const keys = generateKeyPairSync("ed25519");
    this.#private = keys.privateKey;
    const der = keys.publicKey.export({ type: "spki", format: "der" });
    this.platformKey = der.subarray(-32).toString("base64");
  }

  static async start(url: string, pileId: string): Promise<GatewayDouble> {
    const nats = await connect({ servers: [url] });
    const double = new GatewayDouble(nats, pileId);
    double.#serve("boot", (data) => double.#boot(data));
    double.#serve("fact", (data) => double.#fact(data));
    double.#serve("tick", (data) => void double.ticks.push(tickSignal.parse(data)));
    double.#serve("beat", (data) => void (beat.parse(data), double.beats += 1));
    await nats.flush();
    return double;
  }

  #serve(what: "boot" | "beat" | "tick" | "fact", answer: (data: unknown) => unknown): void {
    this.nats.subscribe(deviceUp(TENANT, this.pileId, what), {
      callback: (_error, message) => {
        const body = answer(message.json());
        if (body !== undefined && message.reply !== undefined) {
          message.respond(JSON.stringify(body));
        }
        for (const wake of this.#wake.splice(0)) wake();
      },
    });
  }

  #boot(data: unknown): unknown {
    const { bootId, lastSeq, cmds } = bootRequest.parse(data);
    this.boots.push({ bootId, lastSeq, cmds });
    this.epoch += 1;
    const nextSeq = this.lastSeq + 1;
    const serverTime = Date.now();
    return { serverTime, linkEpoch: this.epoch, beatMs: 1_000, tickMs: 1_000, nextSeq };
  }

  #fact(data: unknown): unknown {
    const fact = deviceFact.parse(data);
    if (this.deaf) return undefined;
    const refusal = this.refusals.shift();
    if (refusal !== undefined) return refusal;
    if (fact.seq <= this.lastSeq) {
      this.repeats += 1;
      return { ok: true, seq: fact.seq };
    }
    if (fact.seq > this.lastSeq + 1) return { expect: this.lastSeq + 1 };
    this.lastSeq = fact.seq;
    this.facts.push(fact);
    return { ok: true, seq: fact.seq };
  }

  kinds(): string[] {
    return this.facts.map(({ kind }) => kind);
  }

  /** Waits until something that was heard makes this true. */
  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((wake) => this.#wake.push(wake));
  }

  command(command: Partial<DeviceCommand> & Pick<DeviceCommand, "id" | "kind">): DeviceCommand {
    const whole = {
      linkEpoch: this.epoch,
      connector: 1,
      args: {},
      issuedAt: Date.now(),
      notAfterMs: 5_000,
      ...command,
    };
    const bytes = signedBytes(whole, { tenant: TENANT, pileId: this.pileId });
    return { ...whole, sig: sign(null, bytes, this.#private).toString("base64url") };
  }

  async send(command: DeviceCommand, timeout = 2_000): Promise<Record<string, unknown>> {
    const subject = deviceDown(TENANT, this.pileId, "cmd");
    return (await this.nats.request(subject, JSON.stringify(command), { timeout })).json();
  }

  async ask(what: "status" | "command" | "boot", id?: string): Promise<Record<string, unknown>> {
    const subject = deviceDown(TENANT, this.pileId, "ask");
    const body = JSON.stringify(id === undefined ? { what } : { what, id });
    return (await this.nats.request(subject, body, { timeout: 2_000 })).json();
  }

  close(): Promise<void> {
    return this.nats.close();
  }
}

type Call = { action: string; payload: Record<string, unknown> };

/** An OCPP central system that says yes, numbers transactions and records what it hears. */
export class CentralDouble {
  readonly calls: Call[] = [];
  readonly logins: string[] = [];
  idTagStatus = "Accepted";
  deaf = false;
  #transactions = 100;
  #socket: WebSocket | null = null;
  #ids = 0;
  #waiting = new Map<string, (payload: Record<string, unknown>) => void>();
  #wake: (() => void)[] = [];

  private constructor(private readonly server: WebSocketServer, readonly url: string) {
    server.on("connection", (socket, request) => {
      this.logins.push(String(request.headers.authorization));
      this.#socket = socket;
      socket.on("message", (data) => this.#hear(socket, JSON.parse((data as Buffer).toString())));
    });
  }

  static async start(): Promise<CentralDouble> {
    const port = freePort();
    const server = new WebSocketServer({ host: "127.0.0.1", port });
    await new Promise<void>((done) => server.once("listening", () => done()));
    return new CentralDouble(server, `ws://127.0.0.1:${port}/ocpp`);
  }

  #hear(socket: WebSocket, [type, id, third, fourth]: [number, string, string, unknown]): void {
    if (type === 3) this.#waiting.get(id)?.(third as unknown as Record<string, unknown>);
    if (type === 2 && !this.deaf) {
      this.calls.push({ action: third, payload: fourth as Record<string, unknown> });
      socket.send(JSON.stringify([3, id, this.#answer(third)]));
    }
    for (const wake of this.#wake.splice(0)) wake();
  }

  #answer(action: string): Record<string, unknown> {
    const currentTime = new Date().toISOString();
    const idTagInfo = { status: this.idTagStatus };
    if (action === "BootNotification") return { status: "Accepted", currentTime, interval: 1 };
    if (action === "Heartbeat") return { currentTime };
    if (action === "Authorize" || action === "StopTransaction") return { idTagInfo };
    if (action !== "StartTransaction") return {};
    return { transactionId: ++this.#transactions, idTagInfo };
  }

  ask(action: string, payload: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = `c${++this.#ids}`;
    return new Promise((done) => {
      this.#waiting.set(id, done);
      this.#socket?.send(JSON.stringify([2, id, action, payload]));
    });
  }

  of(action: string): Call["payload"][] {
    return this.calls.filter((call) => call.action === action).map(({ payload }) => payload);
  }

  statuses(connectorId: number): unknown[] {
    return this.of("StatusNotification")
      .filter((payload) => payload.connectorId === connectorId).map(({ status }) => status);
  }

  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((wake) => this.#wake.push(wake));
  }

  async close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    await new Promise<void>((done) => this.server.close(() => done()));
  }
}

/** The machine's clock, `speed` times as fast: waits are short, moments run ahead. */
export function fastClock(speed: number): Clock {
  const [startNow, startTick] = [Date.now(), performance.now()];
  const tick = () => (performance.now() - startTick) * speed;
  return {
    now: () => Math.floor(startNow + tick()),
    tick,
    after(ms, run) {
      const timer = setTimeout(run, ms / speed);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
