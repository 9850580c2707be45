// The actors of one node: who is in memory, who comes in, who goes.
import type { Address, Envelope, Reply } from "../../wire/envelope.ts";
import type { Shown } from "./shown.ts";
import type { Env } from "./env.ts";
import { INSPECT, keyOf, placeOf, sleep } from "../routing/mod.ts";
import { moreUrgent } from "./limits.ts";
import { Resident } from "./resident.ts";

/** Reserved command type: see to what is open. */
export const WAKE = "$wake";

type Respond = (reply: Reply) => void;
const UNKNOWN = "outcome.unknown";
const DRAIN_LOOK_MS = 20;
const LEFT_SHARD_MS = 1_000; // an idle actor of a shard that moved away leaves after this
const EVICTED_SHARE = 0.01; // looking for the longest unused costs the same for one as for many

export class Host {
  readonly #residents = new Map<string, Resident>();
  #sweeping: { cancel(): void } | null = null;

  constructor(readonly env: Env, readonly owns: (shard: number) => boolean) {}

  deliver(envelope: Envelope, respond: Respond): void {
    const resident = this.#residentOf(envelope.to);
    if (!resident) return respond({ ok: false, fault: { code: "unavailable" } });
    if (envelope.type === WAKE) {
      const { lane } = envelope.body;
      return void resident.wake(typeof lane === "string" ? lane : undefined).then(respond);
    }
    if (envelope.type === INSPECT) return void resident.inspect().then(respond);
    if (envelope.read) return resident.read(envelope, respond);
    const own = resident.actor.classOf?.(envelope.type) ?? envelope.class;
    const service = moreUrgent(own, envelope.class);
    const same = service === envelope.class;
    const told = (reply: Reply) => {
      if (!("fault" in reply) || reply.fault.elsewhere) return respond(reply);
      const { fault } = reply;
      const isOverload = fault.code === "overloaded";
      if (isOverload) this.env.metrics.count("commands_overloaded", { class: service });
      // nobody may say of a command that it was surely not done where a copy of it may be stored
      respond(resident.mayHold() ? { ok: false, fault: { ...fault, code: UNKNOWN } } : reply);
    };
    const afterMs = this.env.appends.refuse(envelope, service);
    if (afterMs !== null) return told({ ok: false, fault: { code: "overloaded", afterMs } });
    resident.command(same ? envelope : { ...envelope, class: service }, told);
  }

  signal(to: Address, data: Record<string, unknown>): void {
    this.#residentOf(to)?.signal(data);
  }

  residents(): number {
    return this.#residents.size;
  }

  *shown(): Iterable<Shown> {
    for (const resident of this.#residents.values()) yield resident.shown();
  }

  start(): void {
    this.#sweeping = this.env.clock.after(this.env.limits.sweepMs, () => this.#sweep());
  }

  /** Waits until the mailboxes are empty, then lets everything go. */
  async drain(): Promise<void> {
    const { clock, limits } = this.env;
    const until = clock.tick() + limits.drainMs;
    const busy = () => [...this.#residents.values()].some((resident) => resident.busy());
    while (busy() && clock.tick() < until) await sleep(clock, DRAIN_LOOK_MS);
    this.abandon();
  }

  /** Lets everything go as it is. */
  abandon(): void {
    this.#sweeping?.cancel();
    for (const [key, resident] of this.#residents) this.#remove(key, resident);
  }

  #residentOf(to: Address): Resident | null {
    const key = keyOf(to);
    const known = this.#residents.get(key);
    if (known) return known;
    const actor = this.env.actors.get(to.kind);
    if (!actor) return null;
    const resident = new Resident(this.env, actor, placeOf(to));
    this.#residents.set(key, resident);
    const max = this.env.limits.residents;
    if (this.#residents.size > max) this.#evict(Math.ceil(max * EVICTED_SHARE));
    return resident;
  }

  #remove(key: string, resident: Resident): void {
    resident.leave();
    this.#residents.delete(key);
  }

  /** The longest unused first; never the newest, which is about to be used. */
  #evict(count: number): void {
    [...this.#residents].slice(0, -1).filter(([, resident]) => resident.idle())
      .sort(([, a], [, b]) => a.touchedAt - b.touchedAt)
      .slice(0, count)
      .forEach(([key, resident]) => this.#remove(key, resident));
  }

  #sweep(): void {
    const { clock, limits, metrics, appends } = this.env;
    const now = clock.tick();
    for (const [key, resident] of this.#residents) {
      const keepMs = this.owns(resident.place.shard) ? limits.idleMs : LEFT_SHARD_MS;
      if (now - resident.touchedAt > keepMs && resident.idle()) this.#remove(key, resident);
    }
    metrics.gauge("residents", this.#residents.size);
    metrics.gauge("appends_open", appends.load());
    this.start();
  }
}
