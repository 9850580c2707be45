// A native pile with nothing but its link: a boot, beats, facts in order, ticks on demand; one
// connector with a car plugged in, and a start that takes no time. A thousand of them fit beside the
// server on two cores, where the whole simulator would take more than the server itself.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { fromSeed } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/lib/codec.js";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { bootAnswer, deviceCommand, factAnswer } from "../wire/native.ts";
import { deviceDown, deviceInbox, deviceUp } from "../wire/subjects.ts";
import { BenchFault } from "./bench-fault.ts";
import { pause } from "./numbers.ts";

export interface PileKey {
  id: string;
  secret: string;
}

const TENANT = "main";
const ANSWER_MS = 10_000;
const AGAIN_MS = 200;
const FACT_TRIES = 20;
const POWER_W = 60_000;
const HOUR_MS = 3_600_000;
const PKCS8_HEAD = "302e020100300506032b657004220420"; // DER of a raw Ed25519 key (RFC 8410)

/** Signs in natively: the nkeys library takes 10 ms a signature. */
function authenticatorOf(seed: string) {
  const bytes = new TextEncoder().encode(seed);
  const raw = Buffer.from(Codec.decodeSeed(bytes).buf);
  const der = Buffer.concat([Buffer.from(PKCS8_HEAD, "hex"), raw]);
  const key: KeyObject = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const nkey = fromSeed(bytes).getPublicKey();
  return (nonce?: string) => ({
    nkey,
    sig: sign(null, Buffer.from(nonce ?? ""), key).toString("base64url"),
  });
}

export class LightPile {
  /** Ticks sent since the link is there. */
  ticks = 0;
  #epoch = -1;
  #seq = 0;
  #beat = 0;
  #orderId: string | null = null;
  #chargingSince = 0;
  #registerWh = Math.floor(Date.now() / 1_000);
  #facts: Promise<void> = Promise.resolve();

  private constructor(readonly id: string, private readonly nats: NatsConnection) {}

  static async link(url: string, { id, secret }: PileKey): Promise<LightPile> {
    const nats = await connect({
      servers: [url],
      authenticator: authenticatorOf(secret),
      inboxPrefix: deviceInbox(TENANT, id),
      reconnect: false,
      timeout: ANSWER_MS,
      pingInterval: 60_000,
    });
    const pile = new LightPile(id, nats);
    nats.subscribe(deviceDown(TENANT, id, "cmd"), {
      callback: (_error, message) => void message.respond(pile.#obey(message.json())),
    });
    nats.subscribe(deviceDown(TENANT, id, "ask"), {
      callback: (_error, message) => {
        message.respond(pile.#state());
        if (message.json<{ what: string }>().what === "boot") void pile.#boot();
      },
    });
    await pile.#boot();
    pile.#tell("plugged", {});
    await pile.#facts;
    return pile;
  }

  get charging(): boolean {
    return this.#orderId !== null;
  }

  /** The counter is the moment in microseconds: whoever sees the tick knows how long it was under way. */
  tick(): void {
    if (this.#orderId === null) return;
    const t = Date.now();
    const n = Math.round((performance.timeOrigin + performance.now()) * 1_000);
    const body = { linkEpoch: this.#epoch, n, t, connector: 1, powerW: POWER_W, mV: 600_000 };
    this.#publish("tick", { ...body, mA: 100_000, registerWh: this.#register() });
    this.ticks += 1;
  }

  /** The charge ends by a fault of the pile: whose it was and when, in ms since 1970. */
  breakDown(): [orderId: string, at: number] | null {
    const orderId = this.#orderId;
    if (orderId === null) return null;
    this.#registerWh = this.#register();
    const at = performance.timeOrigin + performance.now();
    const why = { reason: "fault", code: "PowerMeterFailure" };
    this.#tell("ended", { registerWh: this.#registerWh, ...why }, orderId);
    this.#orderId = null;
    return [orderId, at];
  }

  beat(): void {
    this.#publish("beat", { linkEpoch: this.#epoch, n: ++this.#beat });
  }

  async close(): Promise<void> {
    await this.nats.close();
  }

  async #boot(): Promise<void> {
    const body = {
      proto: 1,
      bootId: `bench-${Date.now().toString(36)}`,
      model: "bench",
      firmware: "1",
      connectors: 1,
      clock: Date.now(),
      lastSeq: 0,
      cmds: [],
    };
    for (let left = FACT_TRIES; left > 0; left--) {
      const told = bootAnswer.safeParse(await this.#ask("boot", body));
      if (told.success) {
        this.#epoch = told.data.linkEpoch;
        this.#seq = Math.max(this.#seq, told.data.nextSeq);
        return;
      }
      await pause(AGAIN_MS);
    }
    throw new BenchFault(`pile '${this.id}' could not boot: no answer it could use`);
  }

  #register(): number {
    if (this.#orderId === null) return this.#registerWh;
    const ran = Date.now() - this.#chargingSince;
    return this.#registerWh + Math.floor(ran * POWER_W / HOUR_MS);
  }

  #obey(data: unknown): string {
    const { id, kind, orderId } = deviceCommand.parse(data);
    if (kind === "start" && orderId !== undefined && this.#orderId === null) {
      this.#orderId = orderId;
      this.#chargingSince = Date.now();
      this.#tell("charging", { registerWh: this.#registerWh }, orderId);
    } else if (kind === "stop" && this.#orderId !== null) {
      this.#registerWh = this.#register();
      const ended = { registerWh: this.#registerWh, reason: "remote" };
      this.#tell("ended", ended, this.#orderId);
      this.#orderId = null;
    }
    return JSON.stringify({ id, outcome: "accepted" });
  }

  #state(): string {
    const order = this.#orderId === null ? {} : { orderId: this.#orderId };
    const status = this.#orderId === null ? "plugged" : "charging";
    return JSON.stringify({ connectors: [{ status, ...order, registerWh: this.#register() }] });
  }

  /** One at a time and again until it is recorded. */
  #tell(kind: string, data: Record<string, unknown>, orderId?: string): void {
    const order = orderId === undefined ? {} : { orderId };
    const fact = { at: Date.now(), connector: 1, kind, data, ...order };
    this.#facts = this.#facts.then(() => this.#record(fact));
  }

  async #record(fact: Record<string, unknown>): Promise<void> {
    const seq = this.#seq++;
    let told: unknown = null;
    for (let left = FACT_TRIES; left > 0; left--) {
      told = await this.#ask("fact", { ...fact, seq, linkEpoch: this.#epoch });
      const answer = factAnswer.safeParse(told);
      if (answer.success && "ok" in answer.data) return;
      await pause(AGAIN_MS);
    }
    const words = `${String(fact["kind"])}: ${JSON.stringify(told)}`;
    console.error(`bench: pile '${this.id}' could not record ${words}`);
  }

  async #ask(what: "boot" | "fact", body: unknown): Promise<unknown> {
    const subject = deviceUp(TENANT, this.id, what);
    try {
      const answer = await this.nats.request(subject, JSON.stringify(body), { timeout: ANSWER_MS });
      return answer.json();
    } catch {
      return null; // asked again
    }
  }

  #publish(what: "beat" | "tick", body: unknown): void {
    if (!this.nats.isClosed()) {
      this.nats.publish(deviceUp(TENANT, this.id, what), JSON.stringify(body));
    }
  }
}
