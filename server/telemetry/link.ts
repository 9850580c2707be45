// One native pile's link, as this gateway holds it.
import type { DeviceAnswer, DeviceLink, PileOrder } from "../device-call.ts";
import { remember } from "../device-call.ts";
import type { BootRequest } from "../../wire/native.ts";
import { type Sender, sendOrder } from "./orders.ts";

export class NativeLink implements DeviceLink {
  /** A pile tells a repeat by its id, over reboots: what is unknown may be sent again. */
  readonly repeatable = true;
  readonly known = new Map<string, Promise<DeviceAnswer>>();
  /** Facts of a pile are taken one after the other. */
  tail: Promise<void> = Promise.resolve();
  facts = 0;
  told = 0;
  /** Connector -> when a tick of it was stored last. */
  readonly storedAt = new Map<number, number>();
  readonly #sender: Sender;

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
    this.#sender = sender;
    for (const { id, outcome } of boot.cmds) {
      remember(this, id, Promise.resolve({ ok: true, body: { outcome } }));
    }
  }
  readonly bootId: string;

  perform(order: PileOrder): Promise<DeviceAnswer> {
    return sendOrder(this.#sender, this, order);
  }
}
