// The actors of one node: who is in memory, who comes in, who goes.
import type { Address, Envelope, Reply } from "../../wire/envelope.ts";
import type { Env } from "./env.ts";
import { keyOf, placeOf } from "./ids.ts";
import type { Inspection } from "./inspect.ts";
import { moreUrgent } from "./limits.ts";
import { sleep } from "./ports.ts";
import { Resident } from "./resident.ts";

/** Reserved command types: the runtime's own. */
export const WAKE = "$wake";
export const INSPECT = "$inspect";

type Respond = (reply: Reply) => void;
const LEFT_SHARD_MS = 1_000; // an idle actor of a shard that moved away leaves after this

const EVICTED_SHARE = 0.01; // looking for the longest unused costs the same for one as for many

export interface Host {
  deliver(envelope: Envelope, respond: Respond): void;
  signal(to: Address, data: Record<string, unknown>): void;
  inspect(to: Address): Promise<Inspection | null>;
  residents(): number;
  start(): void;
  /** Waits until the mailboxes are empty, then lets everything go. */
  drain(): Promise<void>;
  /** Lets everything go as it is. */
  abandon(): void;
}

export function hostOf(env: Env, owns: (shard: number) => boolean): Host {
  const { clock, limits } = env;
  const residents = new Map<string, Resident>();
  let sweeping: { cancel(): void } | null = null;

  function residentOf(to: Address): Resident | null {
    const key = keyOf(to);
    const known = residents.get(key);
    if (known) return known;
    const actor = env.actors.get(to.kind);
    if (!actor) return null;
    const resident = new Resident(env, actor, placeOf(to));
    residents.set(key, resident);
    if (residents.size > limits.residents) evict(Math.ceil(limits.residents * EVICTED_SHARE));
    return resident;
  }

  function remove(key: string, resident: Resident) {
    resident.leave();
    residents.delete(key);
  }

  /** The longest unused first. */
  function evict(count: number) {
    [...residents].filter(([, resident]) => resident.idle())
      .sort(([, a], [, b]) => a.touchedAt - b.touchedAt)
      .slice(0, count)
      .forEach(([key, resident]) => remove(key, resident));
  }

  function sweep() {
    const now = clock.tick();
    for (const [key, resident] of residents) {
      const keepMs = owns(resident.place.shard) ? limits.idleMs : LEFT_SHARD_MS;
      if (now - resident.touchedAt > keepMs && resident.idle()) remove(key, resident);
    }
    env.metrics.gauge("residents", residents.size);
    env.metrics.gauge("appends_open", env.appends.load());
    sweeping = clock.after(limits.sweepMs, sweep);
  }

  function abandon() {
    sweeping?.cancel();
    for (const [key, resident] of residents) remove(key, resident);
  }

  return {
    deliver(envelope, respond) {
      const resident = residentOf(envelope.to);
      if (!resident) return respond({ ok: false, fault: { code: "unavailable" } });
      if (envelope.type === WAKE) return void resident.wake().then(respond);
      if (envelope.type === INSPECT) return void inspected(resident).then(respond);
      if (envelope.read) return resident.read(envelope, respond);
      const own = resident.actor.classOf?.(envelope.type) ?? envelope.class;
      const service = moreUrgent(own, envelope.class);
      const same = service === envelope.class;
      resident.command(same ? envelope : { ...envelope, class: service }, respond);
    },
    signal: (to, data) => residentOf(to)?.signal(data),
    inspect: async (to) => await residentOf(to)?.inspect() ?? null,
    residents: () => residents.size,
    start: () => void (sweeping = clock.after(limits.sweepMs, sweep)),
    async drain() {
      const until = clock.tick() + limits.drainMs;
      const busy = () => [...residents.values()].some((resident) => resident.busy());
      while (busy() && clock.tick() < until) await sleep(clock, limits.hintMs);
      abandon();
    },
    abandon,
  };
}

async function inspected(resident: Resident): Promise<Reply> {
  try {
    const body = await resident.inspect();
    return { ok: true, v: body.v, asOf: body.at, body };
  } catch {
    return { ok: false, fault: { code: "unavailable" } };
  }
}
