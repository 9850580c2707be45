// Lossy input to an actor in memory: its new memory, ticks to screens, and what it makes necessary.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { liveSubject } from "../../wire/subjects.ts";
import { type Env, ownCommand } from "./env.ts";
import { nameOf, type Place, selfOf } from "../routing/mod.ts";
import { type Head, timeOf } from "./turn.ts";

const encoder = new TextEncoder();

/** What the resident lends: its head, and a way into its mailbox. */
export interface SignalHost {
  head(): Head | null;
  /** Loads the actor; `arrive` is called when it is there. */
  load(): Promise<unknown>;
  command(envelope: Envelope, v: number, done: () => void): void;
}

export class Signals {
  /** What the actor keeps of its signals while it is in memory. */
  memory: unknown = null;
  #newest: Record<string, unknown> | null = null;
  #commanding = false;

  constructor(
    readonly env: Env,
    readonly actor: AnyActor,
    readonly place: Place,
    readonly host: SignalHost,
  ) {}

  /** Newest wins: what comes while the actor is being loaded replaces what came before. */
  take(data: Record<string, unknown>): void {
    const head = this.host.head();
    if (head) return this.#now(head, data);
    const first = this.#newest === null;
    this.#newest = data;
    if (first) void this.host.load().catch(() => this.#newest = null);
  }

  /** The actor is in memory now. */
  arrive(head: Head): void {
    const data = this.#newest;
    this.#newest = null;
    if (data) this.#now(head, data);
  }

  #now(head: Head, data: Record<string, unknown>): void {
    const { draft } = head;
    const result = this.#evaluated(head, data);
    if (!result) return;
    this.memory = result.memory;
    if (!result.command || this.#commanding) return;
    this.#commanding = true; // one at a time: the next signal speaks again
    const { type, ...body } = result.command;
    const { address } = this.place;
    const id = `${nameOf(address)}#${draft.v}.${type}`;
    const envelope = ownCommand(address, "signal", { id, type, body });
    this.host.command(envelope, draft.v, () => this.#commanding = false);
  }

  /** Null: the actor takes no signals, or this one broke it. Ticks are published at once. */
  #evaluated(head: Head, data: Record<string, unknown>) {
    const { env, actor, place: { address } } = this;
    if (!actor.signal) return null;
    const { tenant } = address;
    const [at, settings] = [timeOf(env, head), env.settings(address)];
    const ctx = { at, self: selfOf(address), tenant, settings };
    try {
      const result = actor.signal(head.draft.state, this.memory, data, ctx);
      for (const { to, data } of result.live ?? []) {
        const bytes = encoder.encode(JSON.stringify(data));
        env.network.publish(liveSubject({ tenant, ...to }), bytes);
      }
      return result;
    } catch (error) {
      env.metrics.count("signal_breaches", { kind: address.kind });
      env.log.error({ ...address, error: String(error) }, "signal broke");
      return null;
    }
  }
}
