// Several actors together on one clock, with the host's rules: one lane per target, first in first
// out; repeats answered from memory; replies and timers as commands. Strangers and ports are fakes.
import type { Principal, Refusal } from "../../wire/envelope.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { AnyActor, Ctx, Effect } from "../../actors/kit/mod.ts";

export interface Address {
  kind: string;
  id: string;
}
export type Reply = { ok: true; body: unknown } | { ok: false; refusal: Refusal };
export const ok = (body: unknown = null): Reply => ({ ok: true, body });
export const no = (code: string, facts: Record<string, unknown> = {}): Reply => ({
  ok: false,
  refusal: { code, facts },
});
type Message = Extract<Effect, { do: "tell" | "call" }>;
interface Item {
  id: string;
  from: Address;
  message: Message;
}
/** Answers a tell to a kind that is no actor here, or a call; null: not yet (asked again later). */
export type Fake = (message: Message, from: Address) => Reply | null;

export interface Recorded {
  at: number;
  actor: Address;
  v: number;
  event: { type: string; [field: string]: unknown };
}
interface Resident {
  definition: AnyActor;
  state: unknown;
  v: number;
  timers: Map<string, number>;
  /** Undefined: being worked on. */
  done: Map<string, Reply | undefined>;
}
export interface TownOptions {
  at: number;
  settings: unknown;
  actors: readonly unknown[];
  fakes: Record<string, Fake>;
  /** Which of n waiting lanes goes next; default: the oldest. */
  pick?: (n: number) => number;
  /** Delivers a message again after its answer was lost. */
  twice?: () => boolean;
  without?: readonly Safeguard[];
}

const nameOf = ({ kind, id }: Address) => `${kind}/${id}`;
const stored = <T>(value: T): T =>
  value === undefined ? value : JSON.parse(JSON.stringify(value)) as T;
export const driver = (id: string): Principal => ({ kind: "driver", id });
export const system: Principal = { kind: "system", id: "host" };

export class Town {
  at: number;
  readonly log: Recorded[] = [];
  /** Messages that reached their target, in order. */
  readonly delivered: Item[] = [];
  onRecord: () => void = () => {};
  readonly #options: TownOptions;
  readonly #residents = new Map<string, Resident>();
  readonly #lanes = new Map<string, Item[]>();
  #ids = 0;

  constructor(options: TownOptions) {
    this.#options = options;
    this.at = options.at;
  }

  #resident({ kind, id }: Address): Resident | null {
    const name = nameOf({ kind, id });
    const known = this.#residents.get(name);
    if (known) return known;
    const definition = (this.#options.actors as AnyActor[]).find((actor) => actor.kind === kind);
    if (!definition) return null;
    const state = stored(definition.initial);
    const fresh = { definition, state, v: 0, timers: new Map(), done: new Map() };
    this.#residents.set(name, fresh);
    return fresh;
  }
  state<S>(kind: string, id: string): S {
    return this.#resident({ kind, id })!.state as S;
  }
  timers(kind: string, id: string): ReadonlyMap<string, number> {
    return this.#resident({ kind, id })!.timers;
  }
  events(kind: string, id: string): Recorded["event"][] {
    return this.log.filter(({ actor }) => actor.kind === kind && actor.id === id)
      .map(({ event }) => event);
  }
  types(kind: string, id: string): string[] {
    return this.events(kind, id).map(({ type }) => type);
  }
  get idle(): boolean {
    return this.#lanes.size === 0;
  }

  #ctx(resident: Resident, self: Address, commandId: string, principal: Principal): Ctx {
    return {
      tenant: "main",
      self,
      at: this.at,
      commandId,
      principal,
      correlation: "test",
      v: resident.v,
      settings: this.#options.settings,
      without: new Set(this.#options.without ?? []),
    };
  }

  /** What a command with that id was answered; undefined: nothing yet. */
  answer(to: Address, commandId: string): Reply | undefined {
    return this.#resident(to)!.done.get(commandId);
  }
  read(to: Address, name: string, principal: Principal): Reply {
    const resident = this.#resident(to)!;
    const ctx = this.#ctx(resident, to, "read", principal);
    const out = resident.definition.read(name, resident.state, null, {}, ctx);
    return "refused" in out ? { ok: false, refusal: out.refused } : ok(stored(out.body));
  }

  /** A command from outside or inside; its answer may come later. */
  send(
    to: Address,
    command: { type: string; [field: string]: unknown },
    principal: Principal,
    commandId = `cmd-${++this.#ids}`,
  ): { id: string; reply: Reply | undefined } {
    const resident = this.#resident(to)!;
    if (resident.done.has(commandId)) return { id: commandId, reply: resident.done.get(commandId) };
    resident.done.set(commandId, undefined);
    const reply = this.#turn(resident, to, stored(command), principal, commandId);
    if (reply) resident.done.set(commandId, reply);
    return { id: commandId, reply: resident.done.get(commandId) };
  }

  #turn(
    resident: Resident,
    self: Address,
    command: { type: string; [field: string]: unknown },
    principal: Principal,
    commandId: string,
  ): Reply | null {
    const { definition } = resident;
    if (!definition.grants[command.type]?.includes(principal.kind)) {
      return no("auth.forbidden", { command: command.type });
    }
    const parsed = definition.parse(command);
    if ("malformed" in parsed) return no("command.malformed", { why: parsed.malformed });
    const ctx = this.#ctx(resident, self, commandId, principal);
    const decision = definition.decide(resident.state, parsed, ctx);
    if ("refused" in decision) return { ok: false, refusal: stored(decision.refused) };
    const whole = "events" in decision ? decision : { events: decision };
    this.#record(resident, self, whole.events, ctx);
    if ("later" in whole && whole.later) return null;
    const body = "reply" in whole && whole.reply ? whole.reply(resident.state, resident.v) : null;
    return ok(stored(body ?? null));
  }

  #record(resident: Resident, self: Address, events: readonly { type: string }[], ctx: Ctx) {
    if (events.length === 0) return;
    resident.v++;
    for (const event of stored(events)) {
      const evolved = resident.definition.evolve(resident.state, event, { at: this.at, self });
      resident.state = stored(evolved);
      this.log.push({ at: this.at, actor: self, v: resident.v, event });
    }
    const { state } = resident;
    const effects = events.flatMap((event) => [...resident.definition.react(event, state, ctx)]);
    for (const effect of stored(effects)) this.#effect(resident, self, effect);
    this.onRecord();
  }

  #effect(resident: Resident, self: Address, effect: Effect) {
    switch (effect.do) {
      case "timer":
        resident.timers.set(effect.name, effect.at);
        return;
      case "cancel":
        resident.timers.delete(effect.name);
        return;
      case "answer": {
        const open = resident.done.has(effect.to) && resident.done.get(effect.to) === undefined;
        if (!open) throw new TypeError(`could not answer: nobody waits for "${effect.to}"`);
        const reply: Reply = effect.refused
          ? { ok: false, refusal: effect.refused }
          : ok(effect.body ?? null);
        resident.done.set(effect.to, reply);
        return;
      }
      case "tell":
      case "call": {
        const target = effect.do === "tell" ? nameOf(effect.to) : `${effect.port}:${effect.lane}`;
        const lane = `${nameOf(self)} > ${target}`;
        const items = this.#lanes.get(lane) ?? [];
        items.push({ id: `${nameOf(self)}#${++this.#ids}`, from: self, message: effect });
        this.#lanes.set(lane, items);
      }
    }
  }

  /** Delivers one message; false where all wait for an answer or none is there. */
  step(): boolean {
    const lanes = [...this.#lanes.keys()];
    const first = lanes.length > 0 ? this.#options.pick?.(lanes.length) ?? 0 : 0;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(first + i) % lanes.length]!;
      if (this.#deliver(lane, this.#lanes.get(lane)!)) return true;
    }
    return false;
  }

  #deliver(lane: string, items: Item[]): boolean {
    const item = items[0]!;
    const { length } = this.log;
    const reply = this.#reach(item);
    if (!reply) return this.log.length > length; // taken on: its answer comes later
    if (this.#options.twice?.()) this.#reach(item);
    this.delivered.push(item);
    items.shift();
    if (items.length === 0) this.#lanes.delete(lane);
    const { onReply, ref = {} } = item.message;
    if (onReply) this.send(item.from, { type: onReply, ref, answer: reply }, system, item.id);
    return true;
  }

  #reach({ id, from, message }: Item): Reply | null {
    const kind = message.do === "tell" ? message.to.kind : message.port;
    if (message.do === "tell" && this.#resident(message.to)) {
      const principal: Principal = { kind: "actor", id: nameOf(from) };
      const command = { ...message.body, type: message.type };
      return this.send(message.to, command, principal, id).reply ?? null;
    }
    const fake = this.#options.fakes[kind];
    if (!fake) throw new TypeError(`could not deliver: nobody plays "${kind}"`);
    return fake(message, from);
  }

  /** Until nothing moves any more. */
  run(): void {
    for (let steps = 0; this.step(); steps++) {
      if (steps > 10_000) throw new TypeError("could not come to rest: 10000 steps");
    }
  }

  /** Moves the clock on; what becomes due fires in order, and its messages are delivered. */
  advance(byMs: number): void {
    const until = this.at + byMs;
    this.run();
    for (let fired = 0; fired < 10_000; fired++) {
      const due = [...this.#residents].flatMap(([name, resident]) =>
        [...resident.timers].map(([timer, at]) => ({ name, resident, timer, at }))
      ).filter(({ at }) =>
        at <= until
      ).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.at = Math.max(this.at, due.at);
      due.resident.timers.delete(due.timer);
      const [kind, id] = due.name.split("/") as [string, string];
      this.send({ kind, id }, { type: "TimerFired", name: due.timer }, system);
      this.run();
    }
    this.at = until;
    this.run();
  }
}
