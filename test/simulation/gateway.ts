// Gateways in small: they hold links of piles under an epoch, carry commands down and facts up, and
// lose, double and delay what they carry.
import type { DeviceCall, DeviceOutcome } from "../../wire/pile.ts";
import type { PortAnswer } from "../../server/runtime/mod.ts";
import type { Client } from "../../server/runtime/mod.ts";
import type { Random } from "../../sim/random.ts";
import type { Asker } from "./asker.ts";
import type { Device } from "./device.ts";
import type { Chance } from "./faults.ts";
import type { Time } from "./time.ts";

export const TENANT = "main";
interface Link {
  gatewayId: string;
  linkEpoch: number;
  /** Starts that were carried down, by id: once per link. */
  known: Map<string, Promise<PortAnswer>>;
  lost: boolean;
}
export interface GatewayOptions {
  time: Time;
  random: Random;
  faults: Chance;
  asker: Asker;
  clients: readonly Client[];
  say(words: string): void;
  act(): void;
  count(name: string): void;
  breach(invariant: string, what: string): void;
}

const ANSWER_MS_MAX = 12_000; // server/device-call.ts
const WAY_MS_MAX = 100;
const LATE_MS_MAX = 20_000;
const RECORD_MS = 15_000;
const TICK_MS = 10_000;
const CHECK_MS = 30_000;
const unknown: PortAnswer = { ok: false, refusal: { code: "outcome.unknown", facts: {} } };
const gone: PortAnswer = { ok: false, refusal: { code: "link.gone", facts: {} } };

/** One pile's way to the platform and back. */
export class Line {
  #link: Link | null = null;
  #opening: Promise<void> | null = null;
  #telling = false;
  #n = 0;
  #ticks = 0;

  constructor(readonly device: Device, readonly options: GatewayOptions) {
    this.#tick();
    this.#check();
  }

  get online(): boolean {
    return this.#link !== null;
  }

  /** The pile dials in, again and again until it is let in. */
  connect(): Promise<void> {
    return this.#opening ??= this.#open().finally(() => this.#opening = null);
  }

  async #open(): Promise<void> {
    const { asker, clients, random, time, say } = this.options;
    const { device } = this;
    this.lose(false);
    const n = Math.floor(random.next() * clients.length);
    const gatewayId = `gw-${n}`;
    const bootId = device.bootId;
    const reply = await asker.insist(clients[n]!, {
      id: `open:${gatewayId}:${device.id}:${this.#n++}`,
      to: this.#to(),
      type: "OpenLink",
      body: { gatewayId, lane: "native", bootId },
      principal: { kind: "device", id: device.id },
    }, RECORD_MS);
    if (!device.powered) return;
    if (!reply?.ok || device.bootId !== bootId) {
      time.after(random.between(500, 3_000), () => void this.connect());
      return;
    }
    const { linkEpoch, lastSeq } = reply.body as { linkEpoch: number; lastSeq: number };
    this.#link = { gatewayId, linkEpoch, known: new Map(), lost: false };
    device.queue = device.queue.filter(({ seq }) => seq > lastSeq);
    say(`${device.id} is linked, epoch ${linkEpoch}`);
    void this.tell();
  }

  /** `told`: the gateway notices and tells the actor, sooner or later. */
  lose(told: boolean): void {
    const link = this.#link;
    if (!link) return;
    this.#link = null;
    link.lost = true;
    if (!told) return;
    const { asker, clients, time, random } = this.options;
    const { gatewayId, linkEpoch } = link;
    time.after(random.between(0, 3_000), () =>
      void asker.insist(clients[0]!, {
        id: `lose:${this.device.id}:${linkEpoch}`,
        to: this.#to(),
        type: "LoseLink",
        body: { gatewayId, linkEpoch, why: "closed" },
        principal: { kind: "device", id: this.device.id },
      }, RECORD_MS));
  }

  /** Does the actor still know this link? A late opening of an older one may have taken its place. */
  #check(): void {
    const { time, clients, random } = this.options;
    time.after(CHECK_MS * (0.5 + random.next()), () => this.#check());
    const link = this.#link;
    if (!link) return;
    const principal = { kind: "device" as const, id: this.device.id };
    void clients[0]!.read({ to: this.#to(), name: "show", principal }).then((reply) => {
      if (!("ok" in reply) || !reply.ok || this.#link !== link) return;
      const { linkEpoch } = reply.body as { linkEpoch: number };
      if (linkEpoch <= link.linkEpoch) return;
      this.options.count("link-overtaken");
      this.lose(false);
      void this.connect();
    });
  }

  // down

  /** A call of a node: to the gateway, to the pile, and back. */
  async call(body: unknown): Promise<PortAnswer> {
    const { time, random, faults } = this.options;
    const call = body as DeviceCall;
    const { command } = call;
    const deadline = time.tick + ANSWER_MS_MAX;
    const late = async () => {
      await time.sleep(deadline - time.tick);
      return unknown;
    };
    if (command.kind === "start") this.options.count("start-sent");
    if (faults.strikes("command-lost")) return await late();
    await time.sleep(random.between(1, WAY_MS_MAX));
    this.options.act();
    while (this.#opening && !this.#link) await this.#opening;
    const link = this.#link;
    if (!link || link.gatewayId !== call.gatewayId || link.linkEpoch !== call.linkEpoch) {
      return gone;
    }
    const answer = command.kind === "start" ? this.#once(link, command) : this.#perform(command);
    return await Promise.race([answer, late()]);
  }

  /** The first performs the start; another with its id hears what that one came to. */
  async #once(link: Link, command: DeviceCall["command"]): Promise<PortAnswer> {
    const before = link.known.get(command.id);
    if (before) {
      const answer = await before;
      if (answer.ok) {
        const { outcome, code } = answer.body as DeviceOutcome;
        return { ok: true, body: { outcome: "known", code: outcome === "known" ? code : outcome } };
      }
    }
    const first = this.#perform(command);
    link.known.set(command.id, first);
    return await first;
  }

  async #perform(command: DeviceCall["command"]): Promise<PortAnswer> {
    const { time, random, faults, say, act } = this.options;
    await time.sleep(random.between(1, WAY_MS_MAX));
    act();
    const outcome = this.device.perform(command);
    if (faults.strikes("command-doubled")) this.device.perform(command);
    if (outcome === null) return await this.#silence();
    if (command.kind !== "ask") {
      say(
        `${this.device.id} gets ${command.kind} ${command.id}: ${outcome.code ?? outcome.outcome}`,
      );
    }
    if (faults.strikes("answer-lost")) return await this.#silence();
    const slow = faults.strikes("answer-late") ? LATE_MS_MAX : WAY_MS_MAX;
    await time.sleep(random.between(1, slow));
    return { ok: true, body: outcome };
  }
  async #silence(): Promise<PortAnswer> {
    await this.options.time.sleep(ANSWER_MS_MAX);
    return unknown;
  }

  // up

  /** The head of the queue is told until it is answered; then the next. */
  async tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#link && this.device.queue.length > 0) await this.#tellHead(this.#link);
    this.#telling = false;
  }

  async #tellHead(link: Link): Promise<void> {
    const { asker, clients, time, random, faults, act } = this.options;
    const { device } = this;
    const { type, body, seq } = device.queue[0]!;
    await time.sleep(random.between(1, WAY_MS_MAX));
    act();
    const fact = { bootId: device.bootId, seq };
    const command = () => ({
      id: `fact:${device.id}:${link.linkEpoch}:${this.#n++}`,
      to: this.#to(),
      type,
      body: { linkEpoch: link.linkEpoch, fact, ...body },
      principal: { kind: "device" as const, id: device.id },
    });
    const client = clients[Number(link.gatewayId.slice(3))]!;
    if (faults.strikes("fact-doubled")) void asker.ask(client, command());
    const reply = await asker.insist(client, command(), RECORD_MS);
    if (link.lost || faults.strikes("fact-answer-lost")) return;
    if (reply === null) return;
    if (reply.ok) {
      device.queue = device.queue.filter((one) => one.seq !== seq);
      return;
    }
    const { code, facts } = reply.refusal;
    if (code === "pile.link-stale") {
      if (this.#link === link) {
        this.lose(false);
        void this.connect();
      }
      return;
    }
    if (code !== "fact.gap") return this.options.breach("E3", `${type} is refused: ${code}`);
    // A doubled one of its own that was quicker is no gap.
    const { expect } = facts as { expect: number };
    if (!device.queue.some((one) => one.seq === expect)) {
      this.options.breach("E3", `${device.id} told fact ${seq}, but ${expect} is lost`);
    }
  }

  // the fast lane

  #tick(): void {
    const { time, clients, random } = this.options;
    time.after(TICK_MS * (0.8 + 0.4 * random.next()), () => this.#tick());
    const link = this.#link;
    if (!link || !this.device.powered) return;
    for (const { no, session } of this.device.sockets) {
      if (!session) continue;
      clients[0]!.signal(this.#to(), {
        linkEpoch: link.linkEpoch,
        n: ++this.#ticks,
        t: time.now(),
        connector: no,
        powerW: session.powerW,
        registerWh: this.device.registerWh(no),
      });
    }
  }

  #to() {
    return { tenant: TENANT, kind: "pile", id: this.device.id };
  }
}
