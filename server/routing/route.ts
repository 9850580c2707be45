// One command over the network: first to the shard's owner, then to any node, until it is answered
// or its time is out. The same id makes every further try harmless.
import type { Envelope, Reply } from "../../wire/envelope.ts";
import { anySubject, commandSubject } from "../../wire/subjects.ts";
import type { RoutingLimits } from "./limits.ts";
import type { Clock, Metrics, Network, NetworkMessage, Random } from "./ports.ts";

/** Reserved read: what an actor is busy with. */
export const INSPECT = "$inspect";
/** First answer of a host: the command is in the mailbox. */
export const ACCEPTED = "+";
/** Answer of a node that cannot read the actor: for the caller as if nobody had listened there. */
export const elsewhere: Reply = { ok: false, fault: { code: "unavailable", elsewhere: true } };
export const isElsewhere = (reply: Reply) => "fault" in reply && reply.fault.elsewhere === true;

export interface RoutePorts {
  network: Network;
  clock: Clock;
  random: Random;
  limits: RoutingLimits;
  metrics: Metrics;
}

const UNKNOWN = "outcome.unknown";
const unknown: Reply = { ok: false, fault: { code: UNKNOWN } };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Route {
  readonly #inbox: string;
  readonly #calls = new Map<string, Call>();
  readonly #budget: Budget;
  #unsubscribe: (() => void) | null = null;
  #emptied = () => {};
  #n = 0;

  constructor(readonly ports: RoutePorts) {
    this.#inbox = ports.network.inbox();
    this.#budget = new Budget(ports.limits);
  }

  ask(shard: number, envelope: Envelope): Promise<Reply> {
    this.#listen();
    this.#budget.earn();
    const token = (this.#n++).toString(36);
    return new Promise((answer) => {
      const finish = (reply: Reply) => {
        this.#calls.delete(token);
        answer(reply);
        if (this.#calls.size === 0) this.#emptied();
      };
      const inbox = `${this.#inbox}.${token}`;
      const call = new Call(this.ports, this.#budget, { shard, envelope, inbox, finish });
      this.#calls.set(token, call);
      call.send();
    });
  }

  /** Resolves when everything asked was answered, or had its time. */
  async stop(): Promise<void> {
    if (this.#calls.size > 0) await new Promise<void>((empty) => this.#emptied = empty);
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #listen(): void {
    this.#unsubscribe ??= this.ports.network.subscribe(`${this.#inbox}.*`, {}, (message) => {
      const [token = "", n] = message.subject.slice(this.#inbox.length + 1).split("-");
      this.#calls.get(token)?.hear(Number(n), message);
    });
  }
}

/** Second tries earned by first ones: a hedge under overload would be a storm. */
class Budget {
  #tokens: number;
  constructor(readonly limits: RoutingLimits) {
    this.#tokens = limits.hedgeBurst;
  }
  earn(): void {
    const { hedgeBurst, hedgeShare } = this.limits;
    this.#tokens = Math.min(hedgeBurst, this.#tokens + hedgeShare);
  }
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

interface Wanted {
  shard: number;
  envelope: Envelope;
  inbox: string;
  finish(reply: Reply): void;
}

class Call {
  readonly #subjects: string[];
  readonly #deadline: number;
  readonly #end: { cancel(): void };
  /** Tries that may have reached a host and were not answered. */
  readonly #open = new Set<number>();
  /** A host could not say whether it was done: nothing that another says makes it undone. */
  #doubt = false;
  #tries = 0;
  #sentAt = 0;
  #accepted = false;
  #repeatMs: number;
  #pause: { cancel(): void } | null = null;

  constructor(readonly ports: RoutePorts, readonly budget: Budget, readonly wanted: Wanted) {
    const { shard, envelope: { to, ttlMs } } = wanted;
    this.#subjects = [commandSubject(shard, to), anySubject(shard, to)];
    this.#deadline = ports.clock.tick() + ttlMs;
    this.#repeatMs = ports.limits.repeatMs;
    this.#end = ports.clock.after(ttlMs, () => this.#late());
  }

  /** To the owner (0) or to any node (1): in turns, unless told. */
  send(to = this.#tries % 2): void {
    const { clock, network, limits } = this.ports;
    const ttlMs = Math.max(0, Math.ceil(this.#deadline - clock.tick()));
    const bytes = encoder.encode(JSON.stringify({ ...this.wanted.envelope, ttlMs }));
    const n = this.#tries++;
    this.#open.add(n);
    this.#sentAt = clock.tick();
    network.publish(this.#subjects[to]!, bytes, `${this.wanted.inbox}-${n}`);
    this.#next(this.#accepted ? this.#repeatMs : limits.hedgeMs);
  }

  /** An answer to the n-th try. */
  hear(n: number, { data, nobody }: NetworkMessage): void {
    const text = decoder.decode(data);
    if (text === ACCEPTED) return this.#taken();
    const reply = nobody ? elsewhere : readReply(text);
    if (reply === null) return; // of no host of ours: as if nothing had come
    this.#open.delete(n);
    if (!("fault" in reply)) return this.#done(reply);
    if (isElsewhere(reply)) return this.#nobody();
    this.#doubt ||= reply.fault.code === UNKNOWN;
    // "Surely not done" by one host says nothing of the host that another try may have reached.
    if (this.#open.size === 0) this.#done(this.#doubt ? unknown : reply);
  }

  #taken(): void {
    if (this.#accepted) return;
    this.#accepted = true;
    this.#next(this.#repeatMs);
  }

  #nobody(): void {
    const { clock, random, limits, metrics } = this.ports;
    metrics.count("commands_nobody");
    if (this.#open.size > 0) return;
    if (this.#tries % 2 === 1) return this.send(); // the owner is gone: any node will do
    this.#pause?.cancel();
    this.#pause = clock.after(limits.nobodyMs * (0.5 + random()), () => this.send());
  }

  #next(ms: number): void {
    this.#pause?.cancel();
    this.#pause = this.ports.clock.after(ms, () => {
      if (this.#isForgotten()) return this.send(0);
      if (!this.budget.spend()) return this.#next(ms);
      this.ports.metrics.count("commands_hedged");
      if (this.#accepted) this.#repeatMs *= 2;
      this.send();
    });
  }

  /** Silent for so long that the shard has another owner by now: it may be asked without a token. */
  #isForgotten(): boolean {
    const { clock, limits } = this.ports;
    return !this.#accepted && clock.tick() - this.#sentAt > limits.deadMs + limits.hedgeMs;
  }

  #late(): void {
    const mayBeDone = (this.#open.size > 0 || this.#doubt) && !this.wanted.envelope.read;
    this.#done(mayBeDone ? unknown : { ok: false, fault: { code: "unavailable" } });
  }

  #done(reply: Reply): void {
    this.#end.cancel();
    this.#pause?.cancel();
    this.wanted.finish(reply);
  }
}

/** Null: no answer of a host. */
export function readReply(text: string): Reply | null {
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === "object" && reply !== null && "ok" in reply ? reply as Reply : null;
  } catch {
    return null;
  }
}
