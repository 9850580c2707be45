// One actor in memory: takes its mailbox command by command, stores what each comes to, and only
// then lets anything out. Its state is a cache of the journal's newest record, nothing more.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Envelope, Fault, OutItem, Reply } from "../../wire/envelope.ts";
import { type Appending, store } from "./append.ts";
import { breakerOf } from "./breaker.ts";
import { removalOf } from "./draft.ts";
import type { Env, PortAnswer } from "./env.ts";
import { headOf, loadHead, trimmed } from "./head.ts";
import { type Inspection, inspection } from "./inspect.ts";
import { answerCommand, timerCommand } from "./internal.ts";
import { JournalFault, type Place, type StoredRecord } from "./journal.ts";
import { isUrgent } from "./limits.ts";
import { lookoutOf } from "./lookout.ts";
import { type Incoming, mailboxOf } from "./mailbox.ts";
import { Outbox } from "./outbox.ts";
import { readAnswer } from "./read.ts";
import { LaterShape } from "./record.ts";
import { elsewhere } from "./route.ts";
import { Signals } from "./signal.ts";
import { type DueTimer, wheelOf } from "./timers.ts";
import { evaluate, type Head, type Origin, type TurnInput, type Verdict } from "./turn.ts";
import { waitersOf } from "./waiters.ts";

type Respond = (reply: Reply) => void;
const faulty = (code: Fault["code"]): Reply => ({ ok: false, fault: { code } });
const nobodyWaits: Respond = () => {};
/** A record of a later release is no trouble of the actor's: a node of that release serves it. */
const unloaded = (error: unknown): Reply =>
  error instanceof LaterShape ? elsewhere : faulty("unavailable");

export class Resident {
  /** Monotonic moment of the last use. */
  touchedAt: number;
  #head: Head | null = null;
  #loading: Promise<Head> | null = null;
  #running = false;
  /** Id of the record that is being stored, or was last. */
  #writing = "";
  #removal: { cancel(): void } | "due" | null = null;
  readonly #signals;
  readonly #mailbox;
  readonly #outbox;
  readonly #wheel;
  readonly #waiters;
  readonly #lookout;
  readonly #breaker;

  constructor(readonly env: Env, readonly actor: AnyActor, readonly place: Place) {
    const { clock, limits } = env;
    this.touchedAt = clock.tick();
    this.#mailbox = mailboxOf(limits);
    this.#breaker = breakerOf(clock, limits);
    this.#lookout = lookoutOf(
      env,
      place,
      () => void this.#look(),
      (recordId) => recordId === this.#writing || recordId === this.#head?.recordId,
    );
    this.#waiters = waitersOf(clock, limits.waiters, {
      read: (envelope) => this.#readNow(envelope),
      changed: () => this.#lookout.keep(this.#waiters.size() > 0),
    });
    this.#wheel = wheelOf(clock, (timer) => this.#fired(timer));
    this.#signals = new Signals(env, actor, place, {
      head: () => this.#head,
      load: () => this.#loaded(),
      command: (envelope, v, done) => this.#own(envelope, { by: "signal", v }, done),
    });
    this.#outbox = new Outbox(env, place, {
      answered: (item, answer) => this.#answered(item, answer),
      removable: () => this.#removable(),
    });
  }

  /** Takes a command in; the answer comes through `respond`, once. */
  command(envelope: Envelope, respond: Respond): void {
    this.touchedAt = this.env.clock.tick();
    if (this.#breaker.open() && !isUrgent(envelope.class)) return respond(faulty("unavailable"));
    const deadline = this.touchedAt + envelope.ttlMs;
    if (!this.#enqueue({ envelope, origin: { by: "wire" }, deadline, respond })) {
      this.env.metrics.count("mailbox_full", { kind: this.place.address.kind });
      respond(faulty("overloaded"));
    }
  }

  read(envelope: Envelope, respond: Respond): void {
    this.touchedAt = this.env.clock.tick();
    const answer = (head: Head) => {
      const { sinceV, waitMs } = envelope.read!;
      const wait = sinceV !== undefined && head.draft.v <= sinceV && waitMs > 0;
      if (wait) this.#waiters.forState(envelope, respond);
      else respond(this.#readNow(envelope));
    };
    if (this.#head) return answer(this.#head);
    this.#loaded().then(answer, (error) => respond(unloaded(error)));
  }

  signal(data: Record<string, unknown>): void {
    this.touchedAt = this.env.clock.tick();
    this.#signals.take(data);
  }

  /** Somebody found open work in the newest record: see to it now. */
  async wake(): Promise<Reply> {
    this.touchedAt = this.env.clock.tick();
    try {
      if (this.#head) await this.#look();
      const { draft } = await this.#loaded();
      this.#outbox.hurry();
      this.#wheel.check();
      return { ok: true, v: draft.v, asOf: draft.at, body: null };
    } catch (error) {
      return unloaded(error);
    }
  }

  async inspect(): Promise<Inspection> {
    return inspection(this.env.node, await this.#loaded(), {
      mailbox: this.#mailbox.size(),
      waiters: this.#waiters.size(),
      parked: this.#outbox.parked(),
      quarantined: this.#breaker.open(),
    });
  }

  /** Nothing is under way and nobody waits. */
  idle(): boolean {
    return !this.#running && !this.#loading && this.#mailbox.size() === 0 &&
      this.#waiters.size() === 0 && (this.#head?.draft.out.length ?? 0) === 0;
  }
  busy(): boolean {
    return this.#running || this.#mailbox.size() > 0;
  }

  /** Leaves memory: nothing of it acts any more. */
  leave(): void {
    if (this.#removal && this.#removal !== "due") this.#removal.cancel();
    this.#drop();
    this.#lookout.keep(false);
  }

  #enqueue(incoming: Incoming): boolean {
    if (!this.#mailbox.put(incoming)) return false;
    void this.#run();
    return true;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const next = this.#mailbox.take();
      if (next) await this.#serve(next);
      else if (this.#removal === "due") await this.#remove().catch((error) => this.#broke(error));
      else break;
    }
    this.#running = false;
  }

  async #serve(incoming: Incoming): Promise<void> {
    if (this.env.clock.tick() > incoming.deadline) return incoming.respond(faulty("overloaded"));
    try {
      await this.#turn(incoming);
    } catch (error) {
      this.#broke(error);
      incoming.respond(unloaded(error));
    }
  }

  /** Decides and stores until the record holds, or it is clear that it never will. */
  async #turn({ envelope, origin, deadline, respond }: Incoming): Promise<void> {
    for (;;) {
      let head: Head;
      try {
        head = this.#head ?? await this.#loaded();
      } catch (error) {
        if (!(error instanceof JournalFault)) throw error;
        return this.#failed(origin, respond, "unavailable");
      }
      head = this.#head = trimmed(this.env, this.place, head);
      const input = this.#input(head, envelope, origin);
      const verdict = evaluate(input);
      switch (verdict.do) {
        case "answer":
          return respond(verdict.reply);
        case "drop":
          return respond(faulty("unavailable"));
        case "join":
          return this.#waiters.forAnswer(
            envelope.id,
            deadline - this.env.clock.tick(),
            respond,
          );
        case "record":
          break;
      }
      this.#emergency(envelope, head, verdict);
      const over = await this.#record(
        { place: this.place, head, recordId: input.recordId, deadline, ...verdict },
        { envelope, origin, deadline, respond },
        verdict.reply,
      );
      if (over) return;
    }
  }

  /** False: somebody else wrote first, decide again on their state. */
  async #record(job: Appending, incoming: Incoming, reply: Reply | null): Promise<boolean> {
    const { envelope, origin, deadline, respond } = incoming;
    this.#writing = job.recordId;
    const stored = await store(this.env, job);
    switch (stored.outcome) {
      case "stored":
        this.#install(stored.head, true);
        if (reply) respond(reply);
        else this.#waiters.forAnswer(envelope.id, deadline - this.env.clock.tick(), respond);
        return true;
      case "lost":
        this.#follow(stored.newest);
        if (this.env.clock.tick() < deadline) return false;
        this.#failed(origin, respond, "overloaded");
        return true;
      case "refused":
        this.env.log.error({ ...this.place.address, code: stored.fault.code }, "append refused");
        this.#failed(
          origin,
          respond,
          stored.fault.code === "read-only" ? "unavailable" : "overloaded",
        );
        return true;
      case "unknown":
        this.#forget();
        respond(faulty("outcome.unknown"));
        return true;
    }
  }

  #input(head: Head, envelope: Envelope, origin: Origin): TurnInput {
    const { actor, env } = this;
    return {
      actor,
      head,
      envelope,
      origin,
      now: env.clock.now(),
      recordId: env.freshId(),
      settings: env.settingsOf(this.place.address),
      without: env.without,
      limits: env.limitsOf(this.actor.kind),
      sent: this.#outbox.sent,
    };
  }

  /** What lowers risk goes out beside its record, not after it: its key makes the repeat harmless. */
  #emergency(envelope: Envelope, head: Head, { draft }: Extract<Verdict, { do: "record" }>) {
    if (envelope.class !== "emergency") return;
    const known = new Set(head.draft.out.map((item) => item.id));
    this.#outbox.ahead(draft.out.filter((item) => !known.has(item.id)));
  }

  /** The actor's own commands come again from its newest record; others are told. */
  #failed(origin: Origin, respond: Respond, code: Fault["code"]): void {
    if (origin.by !== "wire") this.#forget();
    respond(faulty(code));
  }

  #install(head: Head, own: boolean): void {
    this.#head = head;
    this.#outbox.follow(head.draft.out, own);
    this.#wheel.follow(this.#breaker.open() ? {} : head.draft.timers);
    if (this.#waiters.size() > 0) this.#waiters.settle(head.draft);
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
    const head = await loadHead(this.env, this.actor, this.place);
    this.#install(head, false);
    this.#signals.arrive(head);
    return head;
  }

  /** Looks whether another node moved the actor; never while a turn of ours is open. */
  async #look(): Promise<void> {
    if (this.#running || !this.#head) return;
    try {
      const newest = await this.env.journal.last(this.place);
      if (this.#running || !this.#head || !newest || newest.seq <= this.#head.seq) return;
      this.#follow(newest);
    } catch (error) {
      if (!(error instanceof JournalFault)) this.#broke(error);
    }
  }

  #drop(): void {
    this.#head = null;
    this.#signals.memory = null;
    this.#outbox.reset();
    this.#wheel.stop();
  }

  /** Memory may be wrong: start again from the journal, a little later. */
  #forget(): void {
    this.#drop();
    this.env.clock.after(this.env.limits.reloadMs, () => void this.#loaded().catch(() => {}));
  }

  #broke(error: unknown): void {
    const { address } = this.place;
    if (error instanceof LaterShape) {
      this.env.metrics.count("later_shapes", { kind: address.kind });
      return this.#drop();
    }
    this.env.metrics.count("breaches", { kind: address.kind });
    this.env.log.error({ ...address, error: String(error) }, "turn dropped");
    this.env.alarms.breach?.(address, error);
    if (this.#breaker.breach()) this.env.alarms.quarantined?.(address, error);
    this.#forget();
  }

  #readNow(envelope: Envelope): Reply {
    if (!this.#head) return faulty("unavailable");
    return readAnswer(this.env, this.actor, this.#head, this.#signals.memory, envelope);
  }

  #fired(timer: DueTimer): void {
    const origin: Origin = { by: "timer", ...timer };
    this.#own(timerCommand(this.place, timer), origin, nobodyWaits);
  }

  #answered(item: OutItem, answer: PortAnswer): void {
    const origin: Origin = { by: "outbox", itemId: item.id };
    this.#own(answerCommand(this.place, item, answer), origin, nobodyWaits);
  }

  #own(envelope: Envelope, origin: Origin, respond: Respond): void {
    if (this.#breaker.open()) return;
    const deadline = this.env.clock.tick() + this.env.limits.internalTtlMs;
    this.#enqueue({ envelope, origin, deadline, respond });
  }

  #removable(): void {
    this.#removal ??= this.env.clock.after(this.env.limits.removalMs, () => {
      this.#removal = "due";
      void this.#run();
    });
  }

  /** A record that only takes away answered effects, where none other came along in time. */
  async #remove(): Promise<void> {
    this.#removal = null;
    const head = this.#head;
    if (!head || !head.draft.out.some((item) => this.#outbox.sent.has(item.id))) return;
    const recordId = this.env.freshId();
    const draft = removalOf(head.draft, this.#outbox.sent, this.env.clock.now(), this.place);
    const deadline = this.env.clock.tick() + this.env.limits.internalTtlMs;
    const stored = await store(this.env, {
      place: this.place,
      head,
      draft,
      recordId,
      timers: [],
      deadline,
    });
    if (stored.outcome === "stored") this.#install(stored.head, true);
    else if (stored.outcome === "lost") this.#follow(stored.newest);
    else this.#forget();
  }
}
