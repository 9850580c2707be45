// Transaction messages of an OCPP pile: kept over loss of link and power, sent in order, one at a time.
import type { Clock } from "../clock.ts";
import { seeded } from "../random.ts";
import { BackOff } from "./lane.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { CallError, type Payload } from "./ocpp-socket.ts";

export interface KeptMessage {
  readonly action: "StartTransaction" | "MeterValues" | "StopTransaction";
  /** The pile's own name of the transaction: the platform's number is not known yet, or never. */
  readonly local: string;
  readonly payload: Payload;
  /** A sample: the first to go when the disk is full. */
  readonly sample: boolean;
  tries: number;
}

export interface OcppMemory {
  queue: KeptMessage[];
  /** Numbers given by the platform, by the pile's own names. */
  transactions: Record<string, number>;
  /** Own name of what runs at each connector, by connector number. */
  running: Record<string, string>;
  /** Connectors whose charge is over while the car is still there. */
  finishing: number[];
  unavailable: number[];
  config: Record<string, string>;
}

export const freshOcpp = (): OcppMemory => ({
  queue: [],
  transactions: {},
  running: {},
  finishing: [],
  unavailable: [],
  config: {},
});

const SAMPLES_MAX = 1_000;
const ANSWER_MS = 10_000;
/** OCPP 1.6, 9.1.30 TransactionMessageAttempts: after so many CALLERRORs it is given up. */
const ATTEMPTS_MAX = 3;
/** For a message whose transaction never got a number (field: -1 is what real piles send). */
const NO_TRANSACTION = -1;

export type SendCall = (action: string, payload: Payload, timeoutMs: number) => Promise<Payload>;

export class TransactionQueue {
  #send: SendCall | null = null;
  #pumping = false;
  #pause: { cancel(): void } | null = null;
  readonly #backOff: BackOff;

  constructor(
    readonly memory: OcppMemory,
    private readonly bad: Misbehaviour,
    private readonly clock: Clock,
    seed: number,
    /** The platform answered StartTransaction: with a number, and whether the card is good. */
    private readonly started: (local: string, accepted: boolean) => void,
    private readonly saved: () => void,
  ) {
    this.#backOff = new BackOff(seeded(seed));
  }

  add(message: Omit<KeptMessage, "tries">): void {
    this.memory.queue.push({ ...message, tries: 0 });
    const samples = this.memory.queue.filter(({ sample }) => sample).length;
    if (samples > SAMPLES_MAX) {
      this.memory.queue.splice(this.memory.queue.findIndex(({ sample }) => sample), 1);
    }
    void this.pump();
  }

  open(send: SendCall): void {
    this.#send = send;
    this.#backOff.reset();
    if (this.bad.reorderQueue) this.memory.queue.reverse();
    void this.pump();
  }

  close(): void {
    this.#send = null;
    this.#pause?.cancel();
    this.#pause = null;
  }

  get isOpen(): boolean {
    return this.#send !== null;
  }

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

  async #sendHead(send: SendCall): Promise<boolean> {
    const head = this.memory.queue[0]!;
    const payload = this.#payloadOf(head);
    try {
      if (this.bad.duplicateFacts) await send(head.action, payload, ANSWER_MS);
      const answer = await send(head.action, payload, ANSWER_MS);
      this.#answered(head, answer);
      this.#backOff.reset();
    } catch (error) {
      if (this.#send !== send) return false;
      if (error instanceof CallError) head.tries += 1;
      if (!(error instanceof CallError) || head.tries < ATTEMPTS_MAX) {
        this.#waitMs(this.#backOff.next());
        return false;
      }
    }
    this.memory.queue = this.memory.queue.filter((message) => message !== head);
    this.saved();
    return true;
  }

  #payloadOf({ action, local, payload }: KeptMessage): Payload {
    const known = this.memory.transactions[local];
    if (action === "StartTransaction") return payload;
    if (action === "MeterValues") {
      return known === undefined ? payload : { ...payload, transactionId: known };
    }
    const id = this.bad.unknownTransaction ? NO_TRANSACTION : known ?? NO_TRANSACTION;
    return { ...payload, transactionId: id };
  }

  #answered({ action, local }: KeptMessage, answer: Payload): void {
    if (action === "StopTransaction") delete this.memory.transactions[local];
    if (action !== "StartTransaction") return;
    const { transactionId, idTagInfo } = answer;
    if (typeof transactionId === "number") this.memory.transactions[local] = transactionId;
    this.started(local, (idTagInfo as { status?: unknown } | undefined)?.status === "Accepted");
  }

  #waitMs(ms: number): void {
    this.#pause = this.clock.after(ms, () => {
      this.#pause = null;
      void this.pump();
    });
  }
}
