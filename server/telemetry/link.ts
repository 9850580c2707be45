// One native pile's link, as this gateway holds it.
import type { DeviceAnswer, DeviceLink, PileOrder, Traces } from "../device-call.ts";
import { remember } from "../device-call.ts";
import type { BootRequest } from "../../wire/native.ts";
import { type Sender, sendOrder } from "./orders.ts";

/** Ticks of 16 connectors, beats and a queue that is flushed come to a fifth of this. */
const MESSAGES_PER_S = 100;
const MESSAGES_AT_ONCE = 500;

export class NativeLink implements DeviceLink {
  /** A pile tells a repeat by its id, over reboots: what is unknown may be sent again. */
  readonly repeatable = true;
  readonly known = new Map<string, Promise<DeviceAnswer>>();
  readonly traces: Traces = new Map();
  /** Facts of a pile are taken one after the other. */
  tail: Promise<void> = Promise.resolve();
  facts = 0;
  told = 0;
  /** Connector -> when a tick of it was stored last. */
  readonly storedAt = new Map<number, number>();
  readonly openedAt: number;
  readonly bootId: string;
  readonly #sender: Sender;
  #tokens = MESSAGES_AT_ONCE;
  #filledAt: number;
  #checkedAt: number;

  constructor(
    readonly tenant: string,
    readonly pileId: string,
    readonly linkEpoch: number,
    boot: BootRequest,
    /** Monotonic; any message under this link's epoch moves it. */
    public heardAt: number,
    sender: Sender,
  ) {
    this.bootId = boot.bootId;
    this.openedAt = heardAt;
    this.#filledAt = heardAt;
    this.#checkedAt = heardAt;
    this.#sender = sender;
    for (const { id, outcome } of boot.cmds) {
      remember(this, id, Promise.resolve({ ok: true, body: { outcome } }));
    }
  }

  /** Is it time to look whether the pile may still be here? */
  isDueForCheck(now: number, everyMs: number): boolean {
    if (now - this.#checkedAt < everyMs) return false;
    this.#checkedAt = now;
    return true;
  }

  /** Takes one message's share of what the pile may say; false: it has said too much. */
  spend(now: number): boolean {
    if (this.#tokens < 1) {
      const earned = (now - this.#filledAt) * MESSAGES_PER_S / 1000;
      this.#tokens = Math.min(MESSAGES_AT_ONCE, this.#tokens + earned);
      this.#filledAt = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  perform(order: PileOrder, _late: unknown, trace?: string): Promise<DeviceAnswer> {
    return sendOrder(this.#sender, this, order, trace);
  }
}
