// A driver of a drill: signed in with money, an app that listens, and what it was told.
import { createDriver, type Driver, Refused, type StartPlan } from "../../sim/mod.ts";
import type { Order } from "../../wire/http.ts";
import type { Fact, Notice, Tick } from "../../wire/live.ts";
import type { OrderStatus } from "../../wire/order.ts";
import { Red, SEE_MS, until } from "./see.ts";

export interface Person {
  readonly driver: Driver;
  readonly id: string;
  readonly notices: Notice[];
  /** When each of them came first, by its id. */
  readonly toldAt: ReadonlyMap<string, number>;
  readonly facts: Fact[];
  readonly ticks: Tick[];
  /** Taps start and watches the order; the order as 启动中. */
  start(plan: StartPlan): Promise<Order>;
  /** The code of the refusal. */
  refused(what: Promise<unknown>): Promise<Refused>;
  /** Waits until the order has one of the statuses. */
  until(orderId: string, ...statuses: OrderStatus[]): Promise<Order>;
  /** A notice of that code about that order. */
  notice(code: string, orderId: string, ms?: number): Promise<Notice>;
  noticesOf(code: string, orderId: string): Notice[];
  close(): void;
}

export async function person(baseUrl: string, phone: string, fen: number): Promise<Person> {
  const driver = createDriver({ baseUrl, phone });
  await driver.signIn();
  if (fen > 0) await driver.recharge(fen);
  const [notices, facts, ticks] = [[] as Notice[], [] as Fact[], [] as Tick[]];
  const toldAt = new Map<string, number>();
  const live = driver.live({
    fact: (fact) => facts.push(fact),
    tick: (tick) => ticks.push(tick),
    notice: (notice) => {
      // said again until it is acknowledged: one notice
      if (toldAt.has(notice.id)) return;
      toldAt.set(notice.id, Date.now());
      notices.push(notice);
    },
  });
  await live.watch("user:me");
  const noticesOf = (code: string, orderId: string) =>
    notices.filter((one) => one.code === code && one.facts.orderId === orderId);
  return {
    driver,
    id: driver.userId,
    notices,
    toldAt,
    facts,
    ticks,
    async start(plan) {
      const order = await driver.start(plan);
      await live.watch(`order:${order.id}`);
      return order;
    },
    async refused(what) {
      const said = await what.then(() => null, (error: unknown) => error);
      if (said instanceof Refused) return said;
      if (said !== null) throw said;
      throw new Red("it was not refused");
    },
    async until(orderId, ...statuses) {
      let last = "";
      return await until(`order ${statuses.join(" or ")}`, async () => {
        const order = await driver.order(orderId);
        last = order.status;
        return statuses.includes(order.status) && order;
      }).catch((error: unknown) => {
        throw error instanceof Red ? new Red(`${error.message}, it is ${last}`) : error;
      });
    },
    notice: (code, orderId, ms = SEE_MS) =>
      until(`notice ${code}`, () => noticesOf(code, orderId)[0], ms),
    noticesOf,
    close: () => live.close(),
  };
}
