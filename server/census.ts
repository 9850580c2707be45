// What a node is busy with, for operators: actors by kind, the hottest, the longest mailboxes, what
// is parked, how long appends take. Counted beside the work; nothing of it decides anything.
import type { Address, ServiceClass } from "../wire/envelope.ts";
import {
  type Clock,
  keyOf,
  type Metrics,
  type ParkedLane,
  type PortHandler,
  type Shown,
} from "./runtime/mod.ts";

export interface Parked {
  from: Address;
  id: string;
  lane: string;
  /** `<kind>/<id> <command>` of an actor, or the port's name. */
  to: string;
  failures: number;
  /** What its last try came to; absent: nobody answered. */
  cause?: string;
  /** Since it was recorded. */
  ageMs: number;
}
export interface Census {
  kinds: Record<string, number>;
  /** Commands in the last minute. */
  hottest: { actor: Address; perMinute: number }[];
  mailboxes: { actor: Address; waiting: number }[];
  parked: Parked[];
  quarantined: Address[];
  /** Of the last minute, but for `open`: under way or waiting now. */
  appends: { open: number; count: number; p50Ms: number; p99Ms: number };
  /** Since the node started. */
  overloaded: Partial<Record<ServiceClass, number>>;
  hedged: number;
}

const MINUTE_MS = 60_000;
const SAMPLE_MS = 10_000;
const LISTED = 10;
const PARKED_LISTED = 200;
const APPENDS_KEPT = 2_048; // a p99 of the newest at full speed, of a minute at leisure

interface Sample {
  tick: number;
  commands: ReadonlyMap<string, number>;
}

/** Commands a minute of each actor, from what it counted when the census was taken before. */
export class Heat {
  #samples: Sample[];

  constructor(readonly clock: Clock) {
    this.#samples = [{ tick: clock.tick(), commands: new Map() }];
  }

  perMinute(residents: readonly Shown[]): Map<string, number> {
    const tick = this.clock.tick();
    const fresh = this.#samples.filter((one) => tick - one.tick <= MINUTE_MS);
    const since = fresh[0] ?? this.#samples.at(-1)!;
    const share = Math.min(1, MINUTE_MS / Math.max(1, tick - since.tick));
    const commands = new Map(residents.map(({ actor, commands }) => [keyOf(actor), commands]));
    if (tick - this.#samples.at(-1)!.tick >= SAMPLE_MS) fresh.push({ tick, commands });
    this.#samples = fresh.length > 0 ? fresh : [{ tick, commands }];
    return new Map([...commands].map(([key, count]) => {
      const before = since.commands.get(key) ?? 0; // less than before: it was loaded anew
      return [key, Math.round((count >= before ? count - before : count) * share)];
    }));
  }
}

/** Metrics on their way out, of which some are kept for the census. */
export class Tally implements Metrics {
  readonly overloaded: Partial<Record<ServiceClass, number>> = {};
  hedged = 0;
  readonly #spans: { at: number; ms: number }[] = [];
  #next = 0;

  constructor(readonly out: Metrics, readonly clock: Clock) {}

  count(name: string, labels?: Record<string, string>, by?: number): void {
    if (name === "commands_hedged") this.hedged++;
    else if (name === "commands_overloaded") {
      const service = labels!["class"] as ServiceClass;
      this.overloaded[service] = (this.overloaded[service] ?? 0) + 1;
    }
    this.out.count(name, labels, by);
  }
  gauge(name: string, value: number, labels?: Record<string, string>): void {
    this.out.gauge(name, value, labels);
  }
  observe(name: string, valueMs: number, labels?: Record<string, string>): void {
    if (name === "journal_append_ms") {
      this.#spans[this.#next] = { at: this.clock.tick(), ms: valueMs };
      this.#next = (this.#next + 1) % APPENDS_KEPT;
    }
    this.out.observe(name, valueMs, labels);
  }

  appends(open: number): Census["appends"] {
    const since = this.clock.tick() - MINUTE_MS;
    const spans = this.#spans.filter(({ at }) => at > since).map(({ ms }) => ms)
      .sort((a, b) => a - b);
    const share = (part: number) => spans[Math.floor((spans.length - 1) * part)] ?? 0;
    return { open, count: spans.length, p50Ms: share(0.5), p99Ms: share(0.99) };
  }
}

const CAUSE_MAX = 200;
const CAUSES_KEPT = 1_000;

/** Why calls to the world failed: the runtime counts how often, and leaves the reason to its log. */
export class Causes {
  readonly #last = new Map<string, string>();

  /** The same handlers; what they throw is kept by item until they answer. */
  watch(ports: Readonly<Record<string, PortHandler>>): Record<string, PortHandler> {
    const watched = ([port, handle]: [string, PortHandler]): [string, PortHandler] => [
      port,
      async (call) => {
        try {
          const answer = await handle(call);
          this.#last.delete(call.id);
          return answer;
        } catch (error) {
          this.#keep(call.id, String(error).slice(0, CAUSE_MAX));
          throw error;
        }
      },
    ];
    return Object.fromEntries(Object.entries(ports).map(watched));
  }

  of(itemId: string): string | undefined {
    return this.#last.get(itemId);
  }

  #keep(itemId: string, cause: string): void {
    this.#last.delete(itemId); // the newest last
    this.#last.set(itemId, cause);
    if (this.#last.size > CAUSES_KEPT) this.#last.delete(this.#last.keys().next().value!);
  }
}

interface Counted {
  heat: Heat;
  tally: Tally;
  causes: Causes;
  appendsOpen: number;
}
export function censusOf(
  clock: Clock,
  residents: readonly Shown[],
  { heat, tally, causes, appendsOpen }: Counted,
): Census {
  const census: Census = {
    kinds: {},
    hottest: [],
    mailboxes: [],
    parked: [],
    quarantined: [],
    appends: tally.appends(appendsOpen),
    overloaded: { ...tally.overloaded },
    hedged: tally.hedged,
  };
  const hot = heat.perMinute(residents);
  for (const { actor, waiting, parked, quarantined } of residents) {
    const perMinute = hot.get(keyOf(actor))!;
    census.kinds[actor.kind] = (census.kinds[actor.kind] ?? 0) + 1;
    keepLargest(census.hottest, { actor, perMinute }, (one) => one.perMinute);
    keepLargest(census.mailboxes, { actor, waiting }, (one) => one.waiting);
    if (quarantined) census.quarantined.push(actor);
    for (const lane of parked) census.parked.push(parkedOf(clock, actor, lane, causes));
  }
  census.parked = census.parked.sort((a, b) => b.ageMs - a.ageMs).slice(0, PARKED_LISTED);
  return census;
}

/** Keeps the list sorted, largest first, and short; nothing is no entry. */
function keepLargest<T>(list: T[], one: T, of: (one: T) => number): void {
  const size = of(one);
  if (size === 0 || list.length === LISTED && size <= of(list.at(-1)!)) return;
  const place = list.findIndex((other) => of(other) < size);
  list.splice(place === -1 ? list.length : place, 0, one);
  if (list.length > LISTED) list.pop();
}

function parkedOf(
  clock: Clock,
  from: Address,
  { item, failures }: ParkedLane,
  causes: Causes,
): Parked {
  const { id, lane, at, message } = item;
  const cause = causes.of(id);
  const to = message.to === "port"
    ? message.port
    : `${message.address.kind}/${message.address.id} ${message.type}`;
  const ageMs = Math.max(0, clock.now() - at);
  return { from, id, lane, to, failures, ...(cause === undefined ? {} : { cause }), ageMs };
}
