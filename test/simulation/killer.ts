// Kills a node right after a chosen step of the way that money goes: a record acknowledged, a message of
// an outbox sent, the provider having acted, its callback taken in, a posting booked.
import type { JournalRecord } from "../../wire/envelope.ts";
import type { Random } from "../../sim/random.ts";
import type { Stored } from "./check/records.ts";
import type { Cluster } from "./cluster.ts";
import type { Faults } from "./faults.ts";
import type { Process } from "./process.ts";
import type { Time } from "./time.ts";

export interface KillerOptions {
  time: Time;
  random: Random;
  faults: Faults;
  count(name: string): void;
  say(words: string): void;
  act(): void;
}
type Step = "record-acknowledged" | "outbox-sent" | "provider-acted" | "callback-in" | "posting";

/** Chance at each such step: about as many kills of each kind. */
const SHARES: Record<Step, number> = {
  "record-acknowledged": 0.01,
  "outbox-sent": 0.04,
  "provider-acted": 0.2,
  "callback-in": 0.3,
  "posting": 0.12,
};
const MONEY = new Set(["wallet", "order", "payment", "reservation"]);
const BACK_MS_MAX = 3_000;

export class Killer {
  /** Set once there are nodes; until then nobody is killed. */
  cluster: Cluster | null = null;

  constructor(readonly options: KillerOptions) {}

  /** A record was stored and its process is about to hear so. */
  stored({ place, bytes, by }: Stored): void {
    if (!this.cluster || !MONEY.has(place.address.kind)) return;
    const record = JSON.parse(new TextDecoder().decode(bytes)) as JournalRecord;
    if (record.events.some((event) => "postings" in event)) this.#after("posting", by);
    if (record.cause.type === "ProviderReported") this.#after("callback-in", by);
    this.#after("record-acknowledged", by);
  }

  /** A call has left its process; where it is the provider's, it has acted and not answered yet. */
  called(body: Record<string, unknown>, by: Process): void {
    this.#after("op" in body ? "provider-acted" : "outbox-sent", by.name);
  }

  #after(step: Step, by: string): void {
    const { random, faults, time, count, say, act } = this.options;
    if (!this.cluster || faults.healed || random.next() >= SHARES[step]) return;
    const name = this.cluster.names().find((one) => this.cluster!.process(one)!.name === by);
    if (name === undefined) return;
    count(`killed-after-${step}`);
    act();
    say(`node ${name} is killed after: ${step}`);
    const { cluster } = this;
    cluster.crash(name);
    time.after(random.between(200, BACK_MS_MAX), () => cluster.start(name));
  }
}
