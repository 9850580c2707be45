// One actor in memory: takes its mailbox command by command, stores what each comes to, and only
// then lets anything out. Its state is a cache of the journal's newest record, nothing more.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Envelope, Fault, OutItem, Reply } from "../../wire/envelope.ts";
import { type Appending, store } from "./append.ts";
import { inspection, type Shown } from "./shown.ts";
import { type Env, ownCommand, type PortAnswer, traced } from "./env.ts";
import { headOf, isOutlived, loadHead, trimmed } from "./head.ts";
import { JournalFault, type StoredRecord } from "./journal.ts";
import { isUrgent } from "./limits.ts";
import { type Incoming, isLate, Mailbox } from "./mailbox.ts";
import { Outbox } from "./outbox.ts";
import { readAnswer } from "./read.ts";
import { LaterShape } from "./record.ts";
import { type Clock, elsewhere, nameOf, type Place } from "../routing/mod.ts";
import { Signals } from "./signal.ts";
import { type DueTimer, type Wheel, wheelOf } from "./timers.ts";
import { contextOf, evaluate, type Head, type Origin, timeOf, type Verdict } from "./turn.ts";
import { type Waiters, waitersOf } from "./waiters.ts";

type Respond = (reply: Reply) => void;
const faulty = (code: Fault["code"]): Reply => ({ ok: false, fault: { code } });
const UNKNOWN = "outcome.unknown";
const nobodyWaits: Respond = () => {};
const NOTHING_SENT: ReadonlySet<string> = new Set();
/** A record of a later release is no trouble of the actor's: a node of that release serves it. */
const unloaded = (error: unknown): Reply =>
  error instanceof LaterShape ? elsewhere : faulty("unavailable");

export class Resident {
  /** Monotonic moment of the last use. */
  touchedAt: number;
  /** ... and of the last look at the journal. */
  #seenAt = -Infinity;
  #doubtUntil = -Infinity;
  #commands = 0;
  #head: Head | null = null;
  #loading: Promise<Head> | null = null;
  #looking: Promise<void> | null = null;
  #running = false;
  #turns: Promise<void> | null = null;
  #removal: { cancel(): void } | null = null;
  readonly #mailbox;
  // Made when first needed and given up when done with: most residents wait for nobody, send nothing,
  // have no timer and never broke; a hundred thousand of them are to fit.
  #outbox: Outbox | null = null;
  #wheel: Wheel | null = null;
  #waiters: Waiters | null = null;
  #signals: Signals | null = null;
  #breaches: readonly number[] = [];
  /** Broke again and again: only stops are served until the node starts again. */
  #isBroken = false;

  constructor(readonly env: Env, readonly actor: AnyActor, readonly place: Place) {
    this.touchedAt = env.clock.tick();
    this.#mailbox = new Mailbox(env.limits);
  }

  /** Takes a command in; the answer comes through `respond`, once. */
  command(envelope: Envelope, respond: Respond): void {
    this.touchedAt = this.env.clock.tick();
    this.#commands++;
    if (this.#isBroken && !isUrgent(envelope.class)) return respond(faulty("unavailable"));
    const deadline = this.touchedAt + envelope.ttlMs;
    if (this.#enqueue({ envelope, origin: { by: "wire" }, deadline, respond })) return;
    this.env.metrics.count("mailbox_full", { kind: this.place.address.kind });
    respond(faulty("overloaded"));
  }

  read(envelope: Envelope, respond: Respond): void {
    this.touchedAt = this.env.clock.tick();
    const answer = (head: Head) => {
      const { sinceV = -1, waitMs } = envelope.read!;
      if (head.draft.v <= sinceV && waitMs > 0) this.#waiting().forState(envelope, respond);
      else respond(this.#readNow(envelope));
    };
    // a node that was frozen or cut off, or is not alone with the actor, may know an old state
    const isFresh = this.touchedAt - this.#seenAt <= this.env.limits.freshMs;
    if (this.#head && isFresh) return answer(this.#head);
    this.#look().then(() => this.#loaded()).then(answer, (error) => respond(unloaded(error)));
  }

  signal(data: Record<string, unknown>): void {
    this.touchedAt = this.env.clock.tick();
    (this.#signals ??= new Signals(this.env, this.actor, this.place, {
      head: () => this.#head,
      load: () => this.#loaded(),
      command: (envelope, v, done) => this.#own(envelope, { by: "signal", v }, done),
    })).take(data);
  }

  /** Somebody found open work in the newest record: see to it now. */
  async wake(lane?: string): Promise<Reply> {
    this.touchedAt = this.env.clock.tick();
    try {
      if (!this.#running) await this.#look();
      const { draft } = await this.#loaded();
      this.#outbox?.hurry(lane);
      this.#wheel?.check();
      return { ok: true, v: draft.v, asOf: draft.at, body: null };
    } catch (error) {
      return unloaded(error);
    }
  }

  async inspect(): Promise<Reply> {
    try {
      const head = await this.#loaded();
      const body = inspection(this.env.node, head, this.shown(), this.#waiters?.size() ?? 0);
      return { ok: true, v: body.v, asOf: body.at, body };
    } catch (error) {
      return unloaded(error);
    }
  }

  shown(): Shown {
    return {
      actor: this.place.address,
      commands: this.#commands,
      waiting: this.#mailbox.size(),
      parked: this.#outbox?.parked() ?? [],
      quarantined: this.#isBroken,
    };
  }

  /** Nothing is under way and nobody waits. */
  idle(): boolean {
    return !this.#running && !this.#loading && !this.#looking && this.#mailbox.size() === 0 &&
      !this.#waiters && (this.#head?.draft.out.length ?? 0) === 0 &&
      this.env.clock.tick() >= this.#doubtUntil;
  }
  /** An append that nobody answered, or a head that was lost, may hold what is asked for again. */
  mayHold(): boolean {
    return this.env.clock.tick() < this.#doubtUntil || (!this.#head && this.#seenAt > -Infinity);
  }
  busy(): boolean {
    return this.#running || this.#mailbox.size() > 0;
  }

  /** Leaves memory: nothing of it acts any more. */
  leave(): void {
    this.#removal?.cancel();
    this.#drop();
  }

  #enqueue(incoming: Incoming): boolean {
    if (!this.#mailbox.put(incoming)) return false;
    if (!this.#running) this.#turns = this.#run();
    return true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next; (next = this.#mailbox.take());) await this.#serve(next);
    this.#running = false;
  }

  async #serve(incoming: Incoming): Promise<void> {
    if (isLate(this.#head, incoming, this.env)) return this.#failed(incoming, "overloaded");
    try {
      const { trace: whole, type, to: { kind, id } } = incoming.envelope;
      const facts = { "actor.kind": kind, "actor.id": id };
      await traced(this.env, whole, `turn ${kind}.${type}`, facts, (trace) => {
        if (trace !== undefined) incoming.envelope = { ...incoming.envelope, trace };
        return this.#turn(incoming);
      });
    } catch (error) {
      if (error instanceof JournalFault) return this.#failed(incoming, "unavailable");
      incoming.respond(unloaded(error));
      this.#broke(error);
    }
  }

  /** Decides and stores until the record holds, or it is clear that it never will. */
  async #turn(incoming: Incoming): Promise<void> {
    const { envelope, origin, deadline, respond } = incoming;
    for (;;) {
      if (this.#head && isOutlived(this.env, this.#head)) this.#drop();
      const head = this.#head = trimmed(this.env, this.place, this.#head ?? await this.#loaded());
      const input = this.#input(head, envelope, origin);
      const verdict = evaluate(input);
      switch (verdict.do) {
        case "answer":
          if (verdict.unrecorded && origin.by === "wire" && await this.#isOutrun(head)) continue;
          return respond(verdict.reply);
        case "drop":
          return respond(faulty("unavailable"));
        case "join":
          return this.#waiting().forAnswer(envelope.id, deadline - this.env.clock.tick(), respond);
        case "record":
          break;
      }
      this.#emergency(envelope, head, verdict);
      const over = await this.#record(
        { place: this.place, head, recordId: input.recordId, deadline, ...verdict },
        incoming,
        verdict.reply,
      );
      if (over) return;
    }
  }

  /** Another node may have moved the actor: no append would tell where nothing is to be stored. */
  async #isOutrun(head: Head): Promise<boolean> {
    const newest = await this.env.journal.last(this.place);
    if (newest ? newest.seq <= head.seq : head.seq === 0) return false;
    this.#follow(newest);
    return true;
  }

  /** False: somebody else wrote first, decide again on their state. */
  async #record(job: Appending, incoming: Incoming, reply: Reply | null): Promise<boolean> {
    const { envelope, deadline, respond } = incoming;
    const stored = await store(this.env, job);
    const isOpen = stored.outcome === "unknown" || (stored.outcome === "lost" && stored.doubt);
    if (isOpen) this.#doubtUntil = this.env.clock.tick() + this.env.limits.doubtMs;
    switch (stored.outcome) {
      case "stored":
        this.#install(stored.head, true);
        if (reply) respond(reply);
        else this.#waiting().forAnswer(envelope.id, deadline - this.env.clock.tick(), respond);
        return true;
      case "lost":
        this.#follow(stored.newest);
        if (this.env.clock.tick() < deadline) return false;
        this.#failed(incoming, "overloaded");
        return true;
      case "refused":
        this.env.log.error({ ...this.place.address, code: stored.fault.code }, "append refused");
        this.#failed(incoming, stored.fault.code === "read-only" ? "unavailable" : "overloaded");
        return true;
      case "unknown":
        this.#forget();
        respond(faulty(UNKNOWN));
        return true;
    }
  }

  #input(head: Head, envelope: Envelope, origin: Origin) {
    const { actor, env } = this;
    const ctx = contextOf(env, head, envelope);
    const [recordId, limits] = [env.freshId(), env.limitsOf(actor.kind)];
    const sent = this.#outbox?.sent ?? NOTHING_SENT;
    return { actor, head, envelope, origin, ctx, recordId, limits, sent };
  }

  /** What lowers risk goes out beside its record, not after it: its key makes the repeat harmless. */
  #emergency(envelope: Envelope, head: Head, { draft }: Extract<Verdict, { do: "record" }>) {
    if (envelope.class !== "emergency") return;
    const known = new Set(head.draft.out.map((item) => item.id));
    this.#sending().ahead(draft.out.filter((item) => !known.has(item.id)));
  }

  /** The actor's own commands come again from its newest record; others are told. */
  #failed({ origin, respond }: Incoming, code: Fault["code"]): void {
    if (origin.by !== "wire") this.#forget();
    respond(faulty(code));
  }

  #install(head: Head, own: boolean): void {
    this.#seenAt = this.env.clock.tick();
    this.#head = { ...head, since: this.#seenAt };
    const { out, timers } = head.draft;
    if (out.length > 0) this.#sending().follow(out, own);
    else this.#sendNothing();
    const rings = Object.keys(timers).length > 0 && !this.#isBroken;
    if (rings) this.#wheel ??= wheelOf(this.#clock(), (timer) => this.#fired(timer));
    this.#wheel?.follow(rings ? timers : {});
    this.#waiters?.settle(head.draft);
  }

  /** For timers: in the actor's own time. */
  #clock(): Pick<Clock, "after" | "now"> {
    const { env, env: { clock } } = this;
    const now = () => this.#head ? timeOf(env, this.#head) : clock.now();
    return { now, after: (ms, run) => clock.after(ms, run) };
  }
  #sending(): Outbox {
    return this.#outbox ??= new Outbox(this.env, this.place, {
      answered: (item, answer) => this.#answered(item, answer),
      removable: () => this.#removable(),
    });
  }
  #sendNothing(): void {
    this.#outbox?.stop();
    this.#outbox = null;
  }
  #waiting(): Waiters {
    return this.#waiters ??= waitersOf(this.env.clock, this.env.limits, {
      read: (envelope) => this.#readNow(envelope),
      look: () => void this.#look(),
      empty: () => this.#waiters = null,
    });
  }

  /** Somebody else's record is the newest; none: the actor left the journal, load it anew. */
  #follow(newest: StoredRecord | null): void {
    if (newest) this.#install(headOf(this.actor, newest), false);
    else this.#drop();
  }

  #loaded(): Promise<Head> {
    if (this.#head) return Promise.resolve(this.#head);
    this.#loading ??= this.#load().finally(() => this.#loading = null);
    return this.#loading;
  }
  async #load(): Promise<Head> {
    this.#install(await loadHead(this.env, this.actor, this.place), false);
    const head = this.#head!; // since now
    this.#signals?.arrive(head);
    return head;
  }

  /** Looks whether another node moved the actor; never while a turn of ours is open. */
  #look(): Promise<void> {
    return this.#looking ??= this.#lookOnce().finally(() => this.#looking = null);
  }
  async #lookOnce(): Promise<void> {
    await this.#turns; // an open turn of ours is the better look
    const [head, askedAt] = [this.#head, this.env.clock.tick()];
    if (this.#running || !head) return;
    try {
      const newest = await this.env.journal.last(this.place);
      if (this.#running || this.#head !== head) return;
      if (newest && newest.seq <= head.seq) return void (this.#seenAt = askedAt);
      this.#follow(newest);
      await this.#loaded();
    } catch (error) {
      if (!(error instanceof JournalFault)) this.#broke(error);
    }
  }

  #drop(): void {
    this.#head = null;
    if (this.#signals) this.#signals.memory = null;
    this.#sendNothing();
    this.#wheel?.stop();
    this.#wheel = null;
  }

  /** Memory may be wrong: start again from the journal, a little later. */
  #forget(): void {
    this.#drop();
    this.env.clock.after(this.env.limits.reloadMs, () => void this.#loaded().catch(() => {}));
  }

  #broke(error: unknown): void {
    const { place: { address }, env: { alarms, clock, limits, log, metrics } } = this;
    if (error instanceof LaterShape) {
      metrics.count("later_shapes", { kind: address.kind });
      return this.#drop();
    }
    metrics.count("breaches", { kind: address.kind });
    log.error({ ...address, error: String(error) }, "turn dropped");
    alarms.breach?.(address, error);
    const now = clock.tick();
    this.#breaches = [...this.#breaches.filter((at) => at + limits.breachMs > now), now];
    if (!this.#isBroken && this.#breaches.length >= limits.breaches) {
      this.#isBroken = true;
      alarms.quarantined?.(address, error);
    }
    this.#forget();
  }

  #readNow(envelope: Envelope): Reply {
    if (!this.#head) return faulty("unavailable");
    return readAnswer(this.env, this.actor, this.#head, this.#signals?.memory ?? null, envelope);
  }

  #fired(timer: DueTimer): void {
    const { address } = this.place;
    const { name, recordId } = timer;
    const id = `${nameOf(address)}#${recordId}.${name}`;
    const envelope = ownCommand(address, "timer", { id, type: "TimerFired", body: { name } });
    this.#own(envelope, { by: "timer", ...timer }, nobodyWaits);
  }

  #answered({ id, onReply, ref = {}, correlation, trace }: OutItem, answer: PortAnswer): void {
    const command = { id, type: onReply!, body: { ref, answer }, correlation };
    const more = trace === undefined ? {} : { trace };
    const envelope = ownCommand(this.place.address, "outbox", { ...command, ...more });
    this.#own(envelope, { by: "outbox", itemId: id }, nobodyWaits);
  }

  #own(envelope: Envelope, origin: Origin, respond: Respond): void {
    if (this.#isBroken) return;
    const deadline = this.env.clock.tick() + this.env.limits.internalTtlMs;
    this.#enqueue({ envelope, origin, deadline, respond });
  }

  #removable(): void {
    const { env, place: { address } } = this;
    this.#removal ??= env.clock.after(env.limits.removalMs, () => {
      this.#removal = null;
      const id = `${nameOf(address)}#${this.#head?.draft.v}.sent`;
      const envelope = ownCommand(address, "outbox", { id, type: "$sent", body: {} });
      this.#own(envelope, { by: "removal" }, nobodyWaits);
    });
  }
}
