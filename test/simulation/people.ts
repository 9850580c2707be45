// Drivers and ops in small. Each tap has its key and is repeated until the answer is definite; cars come
// and go whatever the platform says.
import { type Client, entityId } from "../../server/runtime/mod.ts";
import type { Random } from "../../sim/random.ts";
import { time10 } from "../../actors/pile/names.ts";
import type { Asker, Settled } from "./asker.ts";
import type { Device } from "./device.ts";
import { TENANT } from "./gateway.ts";
import { keepPromise } from "./promises.ts";
import type { Provider } from "./provider.ts";
import { leftStanding, settledUp } from "./stays.ts";
import type { Time } from "./time.ts";
import { CAMPAIGN, COUPONS, USERS } from "./town.ts";

export interface PeopleOptions {
  time: Time;
  random: Random;
  asker: Asker;
  client: Client;
  devices: readonly Device[];
  provider: Provider;
  /** Nobody begins anything new. */
  over(): boolean;
  /** Counts an action, and says whether a shrunk run leaves it out. */
  skips(): boolean;
  /** Chance of cars that stay after their charge; null: all leave. */
  staying: Random | null;
  /** Chance of their reservations; null: nobody reserves. */
  reserving: Random | null;
  say(words: string): void;
  act(): void;
  count(name: string): void;
}
export type Body = Record<string, unknown>;
export interface Spot {
  device: Device;
  no: number;
}
interface Target {
  kind: string;
  id: string;
}

export const TARIFF_VERSION = "tv_1";
const THINK_MS_MAX = 4_000;
const CHARGE_MS_MAX = 40_000;
const PAY_MS_MAX = 20_000;
/** Of what they do, by those who reserve. */
const RESERVES = 0.45;

/** One of those that the town's campaign gave this driver. */
function couponOf(userId: string, random: Random): string {
  const first = USERS.findIndex(([id]) => id === userId) * COUPONS;
  return `cpn_${CAMPAIGN.slice(4)}-${first + 1 + Math.floor(random.next() * COUPONS)}`;
}

export class Driver {
  #keys = 0;

  constructor(readonly userId: string, readonly options: PeopleOptions) {
    void this.#live();
  }

  async #live(): Promise<void> {
    const { time, random, over, reserving } = this.options;
    await time.sleep(random.between(0, THINK_MS_MAX));
    while (!over()) {
      if (reserving && reserving.next() < RESERVES) await keepPromise(this, reserving);
      else if (random.next() < 0.22) await this.#recharge();
      else await this.#charge();
      await time.sleep(random.between(100, THINK_MS_MAX));
    }
  }

  async #charge(): Promise<void> {
    const { random, devices, time, act, skips } = this.options;
    const device = random.pick(devices);
    const spot: Spot = { device, no: random.pick(device.sockets).no };
    const socket = device.socket(spot.no);
    const takes = !socket.plugged;
    const plugsFirst = random.next() < 0.8;
    const skipped = skips();
    if (takes && plugsFirst) device.plug(spot.no);
    act();
    await time.sleep(random.between(50, 1_000));
    const orderId = this.entity("ord", "/v1/orders");
    const started = skipped ? null : await this.start(orderId, spot);
    if (takes && !plugsFirst) {
      await time.sleep(random.between(500, 15_000));
      device.plug(spot.no);
    }
    await this.goOn(orderId, spot, started, takes);
  }

  /** From its start to its payment; a car that came for it leaves. */
  async goOn(orderId: string, spot: Spot, started: Settled | null, takes: boolean): Promise<void> {
    const { random, time, say } = this.options;
    if (started?.ok) {
      await time.sleep(random.between(500, CHARGE_MS_MAX / 2));
      if (random.next() < 0.2) await this.#money(orderId, "TopUpHold", { fen: 500 }, 2);
      await time.sleep(random.between(0, CHARGE_MS_MAX / 2));
      await this.#finish(orderId, spot);
    } else if (started) say(`${this.userId} is told: ${started.refusal.code}`);
    if (takes) {
      if (this.#others(spot, orderId)) await time.sleep(random.between(1_000, 10_000));
      if (started?.ok) await this.#stay(orderId, spot);
      spot.device.unplug(spot.no);
    }
    if (started?.ok) await this.#pay(orderId);
  }

  /** Some leave the car at the gun, and pay for that on their own time. */
  async #stay(orderId: string, { device, no }: Spot): Promise<void> {
    const { staying } = this.options;
    if (!staying || staying.next() < 0.6) return;
    const parked = { userId: this.userId, orderId, device, no };
    const around = { ...this.options, random: staying };
    await leftStanding(parked, around);
    void settledUp(parked, around);
  }

  /** Somebody else's order runs at this car's gun: its driver waits a little. */
  #others({ device, no }: Spot, orderId: string): boolean {
    const session = device.socket(no).session;
    return session !== null && session.orderId !== orderId;
  }

  /** What a tap on start asks for. */
  plan(orderId: string, { device, no }: Spot): Body {
    const { random, say } = this.options;
    const by = random.next() < 0.6
      ? "wallet"
      : random.pick(["wechat", "alipay", "credit"] as const);
    const limit = random.next() < 0.3 ? { energyWh: 100 + Math.floor(random.next() * 400) } : {};
    say(`${this.userId} starts ${orderId} at ${device.id}/${no}, pays by ${by}`);
    return {
      pileId: device.id,
      connector: no,
      tariffVersion: TARIFF_VERSION,
      limit,
      pay: { by, autoCapture: random.next() < 0.7 },
      ageMs: 100,
    };
  }

  async start(orderId: string, spot: Spot): Promise<Settled | null> {
    const plan = this.plan(orderId, spot);
    const taps = 1 + Math.floor(this.options.random.next() * 2);
    return await this.#money(orderId, "StartCharge", plan, taps);
  }

  async #finish(orderId: string, { device, no }: Spot): Promise<void> {
    const { random, say } = this.options;
    const how = random.next();
    if (how < 0.5) {
      say(`${this.userId} stops ${orderId}`);
      await this.#order(orderId, "StopCharge", {}, 1 + Math.floor(random.next() * 2));
    } else if (how < 0.7) device.end(no, "local");
    else if (how < 0.85) this.options.count("gun-pulled-by-driver");
  }

  /** What is not taken by consent is paid by a tap, sometimes; the rest becomes a debt. */
  async #pay(orderId: string): Promise<void> {
    const { random, time, provider } = this.options;
    await time.sleep(random.between(100, 5_000));
    if (random.next() < 0.3) return;
    const by = random.pick(["wallet", "wechat", "alipay"] as const);
    const coupon = random.next() < 0.6 ? { couponId: couponOf(this.userId, random) } : {};
    const paid = await this.#money(orderId, "PayOrder", { purpose: "charge", by, ...coupon });
    await this.#dispute(orderId);
    const { paymentId } = (paid?.ok ? paid.body : {}) as { paymentId?: string };
    if (paymentId === undefined) return;
    await time.sleep(random.between(100, PAY_MS_MAX));
    if (random.next() < 0.8) provider.pay(paymentId);
  }

  /** Some appeal, and some of them get something back. */
  async #dispute(orderId: string): Promise<void> {
    const { random } = this.options;
    if (random.next() >= 0.3) return;
    if (random.next() < 0.5) await this.#money(orderId, "AppealOrder", { text: "not mine" });
    const fen = 1 + Math.floor(random.next() * 20);
    const order = { kind: "order", id: orderId };
    await this.askOps(order, "AdjustOrder", { fen, reason: "goodwill", name: "service" });
    this.options.count("money-operation");
  }

  /** What ops do about this driver. */
  async askOps(to: Target, type: string, body: Body, role = "service"): Promise<Settled | null> {
    const { asker, client } = this.options;
    return await asker.insist(client, {
      id: `ops-${this.userId}-${++this.#keys}`,
      to: { tenant: TENANT, ...to },
      type,
      body,
      principal: { kind: "ops", id: "ops_0002", roles: [role] },
    });
  }

  async #recharge(): Promise<void> {
    const { random, time, provider, act, skips, say } = this.options;
    act();
    if (skips()) return;
    const paymentId = this.entity("pay", "/v1/me/payments");
    const fen = 1_000 + Math.floor(random.next() * 30_000);
    say(`${this.userId} recharges ${fen} fen by ${paymentId}`);
    const to = { kind: "payment", id: paymentId };
    const split = { energyFen: 0, serviceFen: 0 };
    const by = random.pick(["wechat", "alipay"] as const);
    const body = { userId: this.userId, purpose: "recharge", fen, ...split, by };
    this.options.count("money-operation");
    const opened = this.ask(to, "OpenPayment", body);
    if (random.next() < 0.8) await opened; // the others are impatient
    await time.sleep(random.between(100, PAY_MS_MAX));
    if (random.next() < 0.3) await this.ask(to, "ClosePayment", {});
    if (random.next() < 0.85) provider.pay(paymentId); // also when it was given up
  }

  #money(orderId: string, type: string, body: Body, taps = 1): Promise<Settled | null> {
    this.options.count("money-operation");
    return this.#order(orderId, type, body, taps);
  }

  #order(orderId: string, type: string, body: Body, taps = 1): Promise<Settled | null> {
    return this.ask({ kind: "order", id: orderId }, type, body, taps);
  }

  /** `taps`: that many copies at once, as a phone that is shaken sends them. */
  async ask(to: Target, type: string, body: Body, taps = 1): Promise<Settled | null> {
    const { asker, client } = this.options;
    const ask = {
      id: `cmd-${this.userId}-${++this.#keys}`,
      to: { tenant: TENANT, ...to },
      type,
      body,
      principal: { kind: "driver" as const, id: this.userId },
    };
    const copies = Array.from({ length: taps }, () => asker.insist(client, ask));
    const [first] = await Promise.all(copies);
    return first ?? null;
  }

  entity(prefix: string, route: string): string {
    const principal = { kind: "driver", id: this.userId } as const;
    const digits = `${++this.#keys}`.padStart(16, "0");
    const key = `${time10(this.options.time.now())}${digits}`;
    return entityId(prefix, { tenant: TENANT, principal, route, key });
  }
}
