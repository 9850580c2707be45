// Facts of a native pile on their way: numbered for ever, kept until recorded, one at a time in order.
import * as z from "zod";
import { type DeviceFact, factAnswer } from "../../wire/native.ts";
import type { Clock } from "../clock.ts";
import { seeded } from "../random.ts";
import type { PileEvent } from "./events.ts";
import { BackOff } from "./lane.ts";
import type { Misbehaviour } from "./misbehaviour.ts";

/** A fact as it is kept: the link's epoch is put in when it is sent. */
export type KeptFact = {
  [K in DeviceFact["kind"]]: Omit<Extract<DeviceFact, { kind: K }>, "linkEpoch">;
}[
  DeviceFact["kind"]
];

export interface FactMemory {
  /** Last number used, over all boots. */
  seq: number;
  queue: KeptFact[];
  /** Recorded ones, in case the platform asks for them again. */
  sent: KeptFact[];
}
export const freshFacts = (): FactMemory => ({ seq: 0, queue: [], sent: [] });

/** So many recorded facts stay at hand: minutes of a busy pile. */
const SENT_MAX = 64;
/** A disk has an end; a pile that is away for days gives up its oldest meter readings first. */
const QUEUE_MAX = 2_000;
const ANSWER_MS = 5_000;

/** Sends one fact and gives the answer, or null where none came. */
export type SendFact = (fact: KeptFact, timeoutMs: number) => Promise<unknown>;

export class FactQueue {
  #pumping = false;
  #send: SendFact | null = null;
  #pause: { cancel(): void } | null = null;
  #linkGone: () => void = () => {};
  readonly #backOff: BackOff;

  constructor(
    readonly memory: FactMemory,
    private readonly bad: Misbehaviour,
    private readonly clock: Clock,
    seed: number,
    private readonly saved: () => void,
  ) {
    this.#backOff = new BackOff(seeded(seed));
  }

  add(event: PileEvent): void {
    const draft = factOf(event);
    if (draft === null) return;
    const { queue } = this.memory;
    this.memory.seq += 1;
    queue.push({ ...draft, seq: this.memory.seq });
    if (queue.length > QUEUE_MAX) this.#dropOldestReading();
    void this.pump();
  }

  /** The link is there: `nextSeq` is what the platform wants to hear next. */
  open(nextSeq: number, send: SendFact, linkGone: () => void): void {
    this.close();
    this.#send = send;
    this.#linkGone = linkGone;
    this.#backOff.reset();
    this.#rewindTo(nextSeq);
    if (this.bad.reorderQueue) this.memory.queue.reverse();
    void this.pump();
  }

  close(): void {
    this.#send = null;
    this.#pause?.cancel();
    this.#pause = null;
  }

  /** Sends what waits, head first, until it is empty or the link is gone. */
  async pump(): Promise<void> {
    if (this.#pumping || this.#pause !== null) return;
    this.#pumping = true;
    try {
      while (this.#send !== null && this.memory.queue.length > 0) {
        if (!await this.#sendHead(this.#send)) break;
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #sendHead(send: SendFact): Promise<boolean> {
    const head = this.memory.queue[0]!;
    if (this.bad.duplicateFacts) void send(head, ANSWER_MS);
    const answer = factAnswer.safeParse(await send(head, ANSWER_MS));
    if (this.#send !== send) return true; // another link by now: the same fact goes there
    if (!answer.success) return this.#waitMs(this.#backOff.next());
    if ("error" in answer.data) return this.#refused(head, answer.data);
    if ("expect" in answer.data) {
      const { expect } = answer.data;
      // Told of a gap that this pile cannot fill (a lost disk on either side): go on from its number.
      if (!this.#rewindTo(expect)) this.#renumberFrom(expect);
      return this.memory.queue[0]?.seq === head.seq ? this.#waitMs(this.#backOff.next()) : true;
    }
    this.#backOff.reset();
    this.#recorded(answer.data.seq);
    return true;
  }

  /** Later, after a new boot, or never: then a note takes its place in the sequence. */
  #refused(head: KeptFact, { error, afterMs }: { error: string; afterMs?: number }): boolean {
    if (afterMs === undefined) {
      const { seq, at, connector } = head;
      const data = {
        code: "fact-refused",
        raw: `${head.kind}: ${error}`,
        severity: "info" as const,
      };
      this.memory.queue[0] = { seq, at, connector, kind: "fault", data };
      return head.kind === "fault" ? this.#waitMs(this.#backOff.next()) : true;
    }
    if (error === "link.gone") this.#linkGone();
    return this.#waitMs(Math.max(this.#backOff.next(), afterMs));
  }

  #recorded(seq: number): void {
    const { memory } = this;
    const done = memory.queue.filter((fact) => fact.seq <= seq);
    memory.queue = memory.queue.filter((fact) => fact.seq > seq);
    memory.sent = [...memory.sent, ...done].slice(-SENT_MAX);
    this.saved();
  }

  /** Puts the queue so that it begins with `seq`, out of what was sent before; false: cannot. */
  #rewindTo(seq: number): boolean {
    const { memory } = this;
    if (seq > memory.seq + 1) {
      this.#renumberFrom(seq);
      return true;
    }
    const all = [...memory.sent, ...memory.queue].sort((a, b) => a.seq - b.seq);
    memory.sent = all.filter((fact) => fact.seq < seq).slice(-SENT_MAX);
    memory.queue = all.filter((fact) => fact.seq >= seq);
    return memory.queue.length === 0 || memory.queue[0]!.seq === seq;
  }

  #renumberFrom(seq: number): void {
    const { memory } = this;
    memory.queue = memory.queue.map((fact, i) => ({ ...fact, seq: seq + i }));
    memory.seq = seq + memory.queue.length - 1;
    memory.sent = [];
  }

  #waitMs(ms: number): boolean {
    this.#pause = this.clock.after(ms, () => {
      this.#pause = null;
      void this.pump();
    });
    return false;
  }

  #dropOldestReading(): void {
    const at = this.memory.queue.findIndex(({ kind }) => kind === "meter");
    if (at < 0) return;
    this.memory.queue.splice(at, 1);
    this.memory.queue.forEach((fact, i, all) => (fact.seq = (all[0]?.seq ?? 1) + i));
    this.memory.seq = this.memory.queue.at(-1)!.seq;
  }
}

const endings = z.enum([
  "remote",
  "local",
  "limit",
  "unplugged",
  "emergency-stop",
  "power-loss",
  "reset",
  "fault",
  "other",
]).catch("other");

const rawOf = ({ raw }: { raw?: string }) => raw === undefined ? {} : { raw };

const GATE = { up: "closed", down: "open", moving: "moving", fault: "fault" } as const;
const lockData = ({ bay, code }: { bay: "empty" | "taken"; code?: string }) => ({
  bay,
  ...(code === undefined ? {} : { code }),
});

type Draft = { [K in KeptFact["kind"]]: Omit<Extract<KeptFact, { kind: K }>, "seq"> }[
  KeptFact["kind"]
];

/** The event in the native lane's words; null: nothing that is told. */
export function factOf(event: PileEvent): Draft | null {
  const { at, connector } = event;
  const order = "orderId" in event && event.orderId !== undefined ? { orderId: event.orderId } : {};
  const base = { at, connector, ...order };
  switch (event.kind) {
    case "preparing":
    case "gave-up":
      return null;
    case "plugged":
    case "unplugged":
    case "fault-cleared":
    case "estop":
      return { ...base, kind: event.kind, data: {} };
    case "charging": {
      const tag = event.idTag === undefined ? {} : { idTag: event.idTag };
      return { ...base, kind: "charging", data: { registerWh: event.registerWh, ...tag } };
    }
    case "meter": {
      const { registerWh, powerW, socPct } = event;
      const soc = socPct === undefined ? {} : { socPct };
      return { ...base, kind: "meter", data: { registerWh, powerW, ...soc } };
    }
    case "tariff-edge":
      return { ...base, kind: "tariff-edge", data: { registerWh: event.registerWh } };
    case "limit-reached": {
      const { registerWh, limit } = event;
      return { ...base, kind: "limit-reached", data: { registerWh, limit } };
    }
    case "ended": {
      const code = event.code === undefined ? {} : { code: event.code };
      const reason = endings.parse(event.reason);
      const data = { registerWh: event.registerWh, reason, ...code, ...rawOf(event) };
      return { ...base, kind: "ended", data };
    }
    case "fault": {
      const { code, severity } = event;
      return { ...base, kind: "fault", data: { code, severity, ...rawOf(event) } };
    }
    case "tamper":
      return { ...base, kind: "tamper", data: { code: event.code } };
    case "lock":
      return { ...base, kind: "lock", data: { state: event.state, ...lockData(event) } };
    case "gate":
      return { ...base, kind: "gate", data: { state: GATE[event.state], ...lockData(event) } };
  }
}
