// The native lane of a simulated pile: one NATS connection, a boot on every link, beats, ticks, facts.
import {
  connect,
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
} from "@nats-io/transport-node";
import { bootAnswer, bootRefused } from "../../wire/native.ts";
import { deviceDown, deviceInbox, deviceUp } from "../../wire/subjects.ts";
import { type Clock, sleep } from "../clock.ts";
import { wordsOf } from "../fault.ts";
import { seeded, seedOf } from "../random.ts";
import type { PileCore } from "./core.ts";
import type { PileEvent, Reading } from "./events.ts";
import { BackOff, type Lane, LinkWaiters } from "./lane.ts";
import { keyOf, type NativeHost, type NativeIdentity, obey, tell } from "./native-commands.ts";
import { type FactMemory, FactQueue, freshFacts } from "./native-facts.ts";

export interface NativeOptions extends NativeIdentity {
  readonly url: string;
  /** Seed of the pile's own nkey. */
  readonly secret: string;
}

/** The server pings a silent pile out within this; the pile does the same the other way. */
const PING_MS = 5_000;
const CONNECT_MS = 5_000;
const BOOT_MS = 3_000;
/** A refusal that only operations can lift is asked about this often. */
const FINAL_MS = 60_000;
/** Asked to boot within this after a boot: the question was on its way before it. */
const BOOT_AGAIN_MS = 2_000;

interface Link {
  readonly nats: NatsConnection;
  epoch: number;
  tickMs: number;
  beatMs: number;
  n: number;
  booting: boolean;
  bootedAt: number;
  ended: boolean;
}

export class NativeLane implements Lane {
  readonly #facts: FactQueue;
  readonly #backOff: BackOff;
  readonly #waiters = new LinkWaiters();
  readonly #host: NativeHost;
  readonly #tickedAt = new Map<number, number>();
  #link: Link | null = null;
  #wanted = false;
  #retry: { cancel(): void } | null = null;
  #beat: { cancel(): void } | null = null;

  constructor(
    private readonly options: NativeOptions,
    private readonly core: PileCore,
    private readonly clock: Clock,
    private readonly say: (words: string) => void,
    reboot: () => void,
  ) {
    const memory = (core.memory.lane ?? freshFacts()) as FactMemory;
    core.memory.lane = memory;
    const seed = seedOf(`native ${options.pileId}`);
    this.#facts = new FactQueue(memory, core.bad, clock, seed, () => core.save());
    this.#backOff = new BackOff(seeded(seed + 1));
    this.#host = {
      core,
      identity: options,
      key: keyOf(options.platformKey),
      linkEpoch: () => this.#link?.epoch ?? -1,
      reboot,
    };
  }

  onEvent(event: PileEvent): void {
    this.#facts.add(event);
  }

  onReading(reading: Reading): void {
    const link = this.#link;
    if (link === null || !this.#waiters.linked) return;
    const last = this.#tickedAt.get(reading.connector) ?? -Infinity;
    if (reading.at - last < link.tickMs * 0.9) return;
    this.#tickedAt.set(reading.connector, reading.at);
    const { connector, powerW, mV, mA, registerWh, at } = reading;
    const soc = reading.socPct === undefined ? {} : { socPct: reading.socPct };
    const body = { linkEpoch: link.epoch, n: ++link.n, t: at, connector, powerW, mV, mA, ...soc };
    this.#publish(link, "tick", { ...body, registerWh });
  }

  up(): void {
    this.#wanted = true;
    void this.#connect();
  }

  async down(): Promise<void> {
    this.#wanted = false;
    this.#retry?.cancel();
    await this.#hangUp();
  }

  cut(forMs?: number): void {
    void this.#hangUp();
    this.#again(forMs);
  }

  authorize(): Promise<boolean> {
    return Promise.resolve(true); // the platform stops what it does not want
  }

  state() {
    const link = this.#link;
    const epoch = link === null ? {} : { linkEpoch: link.epoch };
    return { linked: this.#waiters.linked, ...epoch, queued: this.#facts.memory.queue.length };
  }

  linked(): Promise<void> {
    return this.#waiters.wait();
  }

  async #connect(): Promise<void> {
    if (!this.#wanted || this.#link !== null) return;
    this.#retry?.cancel();
    this.#retry = null;
    let nats: NatsConnection;
    try {
      nats = await connect(connectionOptions(this.options));
    } catch (error) {
      this.say(`no NATS link: ${wordsOf(error)}`);
      return this.#again();
    }
    if (!this.#wanted || this.#link !== null) return await nats.close();
    const link: Link = {
      nats,
      epoch: -1,
      tickMs: 1_000,
      beatMs: 10_000,
      n: 0,
      booting: false,
      bootedAt: -Infinity,
      ended: false,
    };
    this.#link = link;
    void nats.closed().then(() => this.#lost(link));
    this.#listen(link);
    await this.#boot(link);
  }

  #listen({ nats }: Link): void {
    const { tenant, pileId } = this.options;
    nats.subscribe(deviceDown(tenant, pileId, "cmd"), {
      callback: (_error, message) => this.#command(message),
    });
    nats.subscribe(deviceDown(tenant, pileId, "ask"), {
      callback: (_error, message) => {
        const asked = json(message);
        message.respond(JSON.stringify(tell(this.core, asked)));
        if ((asked as { what?: unknown } | null)?.what === "boot") this.#bootAgain();
      },
    });
  }

  #command(message: Msg): void {
    const data = json(message);
    const received = this.clock.tick();
    const answer = () => {
      const body = obey(this.#host, data, this.clock.tick() - received);
      if (body !== null && this.#link !== null) message.respond(JSON.stringify(body));
    };
    const { slowAnswersMs } = this.core.bad;
    if (slowAnswersMs > 0) this.clock.after(slowAnswersMs, answer);
    else answer();
  }

  /** The platform lost this link: it is told once more who is there, over the same connection. */
  #bootAgain(): void {
    const link = this.#link;
    if (link === null || link.booting) return;
    if (this.clock.tick() - link.bootedAt < BOOT_AGAIN_MS) return;
    this.#beat?.cancel();
    this.#waiters.set(false);
    void this.#boot(link);
  }

  /** Tells the platform who is there, again and again until it answers; then everything flows. */
  async #boot(link: Link): Promise<void> {
    const { memory, spec } = this.core;
    const { tenant, pileId } = this.options;
    link.booting = true;
    while (this.#link === link && !link.ended) {
      const body = {
        proto: 1,
        bootId: bootIdOf(memory),
        model: spec.model,
        firmware: spec.firmware,
        connectors: spec.connectors.length,
        clock: this.clock.now(),
        lastSeq: this.#facts.memory.seq,
        cmds: memory.commands.map(({ id, outcome }) => ({ id, outcome })),
      };
      const told = await request(link, deviceUp(tenant, pileId, "boot"), body, BOOT_MS);
      const answer = bootAnswer.safeParse(told);
      if (this.#link !== link || link.ended) return;
      if (answer.success) return this.#booted(link, answer.data);
      const refused = bootRefused.safeParse(told);
      if (refused.success) this.say(`boot refused: ${refused.data.error}`);
      const saidMs = refused.data === undefined ? 0 : refused.data.afterMs ?? FINAL_MS;
      const waitMs = Math.max(this.#backOff.next(), saidMs);
      await sleep(this.clock, waitMs);
    }
  }

  #booted(
    link: Link,
    answer: { linkEpoch: number; beatMs: number; tickMs: number; nextSeq: number },
  ): void {
    link.booting = false;
    link.bootedAt = this.clock.tick();
    link.epoch = answer.linkEpoch;
    link.tickMs = answer.tickMs;
    link.beatMs = answer.beatMs;
    this.#backOff.reset();
    this.#waiters.set(true);
    this.#beats(link);
    const { tenant, pileId } = this.options;
    const subject = deviceUp(tenant, pileId, "fact");
    this.#facts.open(
      answer.nextSeq,
      (fact, ms) => request(link, subject, { ...fact, linkEpoch: link.epoch }, ms),
      () => this.#bootAgain(),
    );
  }

  #beats(link: Link): void {
    if (this.#link !== link || link.ended) return;
    if (!this.core.bad.noBeats) {
      this.#publish(link, "beat", { linkEpoch: link.epoch, n: ++link.n });
    }
    this.#beat = this.clock.after(link.beatMs, () => this.#beats(link));
  }

  #publish(link: Link, what: "beat" | "tick", body: unknown): void {
    if (link.ended || link.nats.isClosed()) return;
    const { tenant, pileId } = this.options;
    link.nats.publish(deviceUp(tenant, pileId, what), JSON.stringify(body));
  }

  #lost(link: Link): void {
    if (this.#link !== link) return;
    this.#forget(link);
    this.#again();
  }

  #forget(link: Link): void {
    link.ended = true;
    this.#link = null;
    this.#beat?.cancel();
    this.#facts.close();
    this.#waiters.set(false);
  }

  async #hangUp(): Promise<void> {
    const link = this.#link;
    if (link === null) return;
    this.#forget(link);
    await link.nats.close().catch(() => {}); // a broken link has nothing to say goodbye to
  }

  #again(ms?: number): void {
    if (!this.#wanted) return;
    this.#retry?.cancel();
    this.#retry = this.clock.after(ms ?? this.#backOff.next(), () => void this.#connect());
  }
}

function connectionOptions(options: NativeOptions): ConnectionOptions {
  return {
    servers: [options.url],
    name: `pile ${options.pileId}`,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(options.secret)),
    inboxPrefix: deviceInbox(options.tenant, options.pileId),
    reconnect: false, // every link is a new boot, so the pile makes its links itself
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
  };
}

/** One power-on of one disk: two piles that use the same id differ in it. */
export const bootIdOf = (memory: { bornAt: number; boots: number }): string =>
  `${memory.bornAt.toString(36)}-${memory.boots}`;

function json(message: Msg): unknown {
  try {
    return message.json();
  } catch {
    return null; // not JSON: refused by its shape
  }
}

/** The answer, or null where none came. */
async function request(
  link: Link,
  subject: string,
  body: unknown,
  timeout: number,
): Promise<unknown> {
  try {
    return (await link.nats.request(subject, JSON.stringify(body), { timeout })).json();
  } catch {
    return null; // no answer, no responder, no link: all are tried again
  }
}
