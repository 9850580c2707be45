// A driver's phone: taps by HTTP, and sees on its live socket what becomes of the order.
import type { Driver, PileMade } from "../sim/mod.ts";
import type { OrderStatus } from "../wire/order.ts";
import { BenchFault } from "./bench-fault.ts";

const WAIT_MS_MAX = 30_000;
const CONNECT_MS_MAX = 10_000;
const LOOK_MS = 10;

interface Seen {
  status: OrderStatus;
  wake: (() => void)[];
}

export class Phone {
  readonly #live;
  readonly #seen = new Map<string, Seen>();
  #orderId = "";
  #tariffVersion = "";

  constructor(private readonly driver: Driver, private readonly pileId: string) {
    this.#live = driver.live({
      fact: ({ room, data }) => this.#saw(room, data.view),
      snapshot: (room, _v, view) => this.#saw(room, view),
    });
  }

  static async open(driver: Driver, { id }: PileMade): Promise<Phone> {
    const phone = new Phone(driver, id);
    phone.#tariffVersion = (await driver.quote(id)).tariffVersion; // as the pile's page shows it
    const until = performance.now() + CONNECT_MS_MAX;
    while (!phone.#live.connected) {
      if (performance.now() > until) throw new BenchFault(`no live socket: '${driver.phone}'`);
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
    return phone;
  }

  /** From the tap to 充电中 on the socket, in ms. */
  async start(): Promise<number> {
    const begun = performance.now();
    const plan = { pileId: this.pileId, tariffVersion: this.#tariffVersion, autoCapture: true };
    const { id } = await this.driver.start(plan);
    this.#orderId = id;
    await this.#live.watch(`order:${id}`);
    await this.#until(id, "charging");
    return performance.now() - begun;
  }

  /** From the tap on stop to 已支付 on the socket, in ms. */
  async stop(): Promise<number> {
    const begun = performance.now();
    const id = this.#orderId;
    await this.driver.stop(id);
    await this.#until(id, "paid");
    this.#live.unwatch(`order:${id}`);
    this.#seen.delete(id);
    return performance.now() - begun;
  }

  close(): void {
    this.#live.close();
  }

  #saw(room: string, view: unknown): void {
    const id = room.split(":")[1] ?? "";
    const { status } = view as { status: OrderStatus };
    const seen = this.#seen.get(id);
    if (seen === undefined) return void this.#seen.set(id, { status, wake: [] });
    seen.status = status;
    for (const wake of seen.wake.splice(0)) wake();
  }

  async #until(id: string, wanted: OrderStatus): Promise<void> {
    const seen = this.#seen.get(id) ?? { status: "authorizing", wake: [] };
    this.#seen.set(id, seen);
    const late = setTimeout(() => seen.wake.splice(0).forEach((wake) => wake()), WAIT_MS_MAX);
    const until = performance.now() + WAIT_MS_MAX;
    while (seen.status !== wanted) {
      const failed = seen.status === "start-failed" || seen.status === "declined";
      if (failed || performance.now() >= until - 1) {
        clearTimeout(late);
        const { status } = await this.driver.order(id);
        const words = `'${seen.status}' on the socket, '${status}' by HTTP`;
        throw new BenchFault(`order '${id}' is not ${wanted}: ${words}`);
      }
      await new Promise<void>((wake) => seen.wake.push(wake));
    }
    clearTimeout(late);
  }
}
