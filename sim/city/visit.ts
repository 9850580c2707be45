// One visit of a driver: park, plug in, start, watch, stop as planned, pay, leave. Every refusal has
// an answer that a person would give: recharge, pay what is owed, look again, or go elsewhere.
import type { Order } from "../../wire/http.ts";
import { type Driver, Live, newKey, Refused } from "../driver/mod.ts";
import { SimFault, wordsOf } from "../fault.ts";
import type { Pile } from "../pile/mod.ts";
import type { Random } from "../random.ts";
import type { Visit } from "./book.ts";

export interface VisitHost {
  readonly driver: Driver;
  readonly idTag: string;
  readonly pile: Pile;
  readonly random: Random;
  /** Puts the visit into the city's book. */
  keep(visit: Visit): void;
  readonly signal: AbortSignal;
  say(words: string): void;
}

const RUNNING = ["authorizing", "starting", "charging", "stopping"] as const;
const OVER = [
  "declined",
  "start-failed",
  "bill-review",
  "awaiting-payment",
  "paid",
  "overdue",
] as const;

/** A start may take 90 s, a charge 12 h, and a stop has to be proven. */
const CHARGE_MS_MAX = 13 * 3_600_000;
/** The platform hears of the plug within this, or the driver gives up. */
const PLUG_SEEN_MS = 15_000;
const LOOK_MS = 500;
/** Without a live connection the app asks this often. */
const POLL_MS = 10_000;
const BALANCE_FEN_MIN = 12_000; // a hold may take 100 yuan and more at a fast pile
const RECHARGE_FEN = 50_000;
const CARD_SHARE = 0.08;
const AUTO_SHARE = 0.5;

/** Settles when the driver has left; fails where the platform could not be reached. */
export async function goOn(host: VisitHost, visit: Visit): Promise<void> {
  const { pile } = host;
  try {
    const order = visit.orderId === undefined
      ? await begin(host, visit)
      : await host.driver.order(visit.orderId);
    if (order === null) return;
    await charge(host, { ...visit, orderId: order.id }, order);
  } finally {
    if (!host.signal.aborted) leave(pile, visit.connector);
  }
}

/** Out of the bay: a sensor above a lock sees that, too. */
export function leave(pile: Pile, connector: number): void {
  pile.unplug(connector);
  pile.driveOff(connector);
}

/** Up to a running order; null: went away without one. */
async function begin(host: VisitHost, visit: Visit): Promise<Order | null> {
  const { driver, pile, random } = host;
  await payWhatIsOwed(host);
  await fillWallet(driver);
  await nap(host, random.between(500, 3_000));
  if (random.next() < CARD_SHARE) {
    const order = await startByCard(host, visit);
    if (order !== null) return order;
  }
  const limit = visit.endBy === "limit" ? { energyWh: Math.max(100, visit.wantWh) } : undefined;
  const until = Date.now() + PLUG_SEEN_MS;
  for (;;) {
    try {
      const quote = await driver.quote(pile.id, visit.connector, limit);
      if (!quote.startable) throw new NotNow(quote.why ?? "not startable");
      return await driver.start({
        pileId: pile.id,
        connector: visit.connector,
        tariffVersion: quote.tariffVersion,
        autoCapture: random.next() < AUTO_SHARE,
        key: newKey(),
        ...(limit === undefined ? {} : { limit }),
      });
    } catch (error) {
      const code = error instanceof Refused
        ? error.code
        : error instanceof NotNow
        ? error.code
        : "";
      if (!await helped(host, code) || Date.now() > until) {
        host.say(`${driver.phone} leaves ${pile.id}: ${wordsOf(error)}`);
        return null;
      }
    }
  }
}

class NotNow extends SimFault {
  constructor(readonly code: string) {
    super(`cannot start: ${code}`, "later");
  }
}

/** True: worth trying again. */
async function helped(host: VisitHost, code: string): Promise<boolean> {
  switch (code) {
    case "wallet.balance-too-low":
    case "wallet.hold-refused":
      await host.driver.recharge(RECHARGE_FEN);
      return true;
    case "user.debt-open":
      await payWhatIsOwed(host);
      return true;
    case "pile.unplugged":
    case "order.price-changed":
    case "pile.no-tariff":
      await nap(host, LOOK_MS);
      return true;
    default:
      return false;
  }
}

async function startByCard(host: VisitHost, visit: Visit): Promise<Order | null> {
  const { driver, pile, idTag } = host;
  if (!await pile.card(idTag, visit.connector)) return null;
  const until = Date.now() + PLUG_SEEN_MS;
  while (Date.now() < until) {
    const { orders } = await driver.active();
    const mine = orders.find(({ pileId }) => pileId === pile.id);
    if (mine !== undefined) return mine;
    await nap(host, LOOK_MS);
  }
  pile.stopHere(visit.connector); // nobody knows of it: the driver presses the button
  return null;
}

async function charge(host: VisitHost, visit: Visit, order: Order): Promise<void> {
  const { driver, random } = host;
  host.keep(visit);
  const over = driver.until(order.id, OVER, CHARGE_MS_MAX);
  const mine = new AbortController();
  const done = AbortSignal.any([mine.signal, host.signal]);
  try {
    const stop = enough(driver, visit, order, done);
    await Promise.race([over, stop]);
    if (host.signal.aborted) return;
    const now = await driver.order(order.id);
    if ((RUNNING as readonly string[]).includes(now.status)) await stopNow(host, visit, now);
    const ended = await over;
    mine.abort();
    await nap(host, random.between(2_000, 8_000));
    leave(host.pile, visit.connector);
    await settle(host, ended);
  } finally {
    mine.abort();
    void over.catch(() => {}); // an aborted visit no longer waits for it
  }
}

/** Settles when the driver has seen enough: energy by the live numbers, or the time to leave. */
function enough(driver: Driver, visit: Visit, order: Order, signal: AbortSignal): Promise<void> {
  const byHand = visit.endBy === "app" || visit.endBy === "pile";
  return new Promise((done) => {
    const see = (energyWh: number) => {
      if (byHand && energyWh >= visit.wantWh) end();
    };
    const live: Live = driver.live({ tick: ({ energyWh }) => see(energyWh) });
    const timer = setTimeout(() => end(), Math.max(0, visit.leaveAt - Date.now()));
    const poll = setInterval(() => {
      if (live.connected) return;
      driver.order(order.id).then((now) => see(now.live?.energyWh ?? 0), () => {});
    }, POLL_MS);
    const end = () => {
      clearTimeout(timer);
      clearInterval(poll);
      live.close();
      done();
    };
    signal.addEventListener("abort", end, { once: true });
    void live.watch(`order:${order.id}`).catch(() => {}); // the poll sees it, later
  });
}

async function stopNow(host: VisitHost, visit: Visit, order: Order): Promise<void> {
  if (visit.endBy === "pile") host.pile.stopHere(visit.connector);
  else await host.driver.stop(order.id);
}

async function settle(host: VisitHost, order: Order): Promise<void> {
  const open = order.dues.some(({ status }) => status === "open");
  if (order.status !== "awaiting-payment" || !open) return;
  await nap(host, host.random.between(1_000, 10_000));
  await fillWallet(host.driver);
  await host.driver.pay(order.id).catch((error) => {
    if (!(error instanceof Refused && error.code === "due.closed")) throw error;
  });
}

/** Old bills; a list that cannot be had just now keeps nobody from charging. */
async function payWhatIsOwed(host: VisitHost): Promise<void> {
  for (const status of ["awaiting-payment", "overdue"]) {
    const ask = { query: { status }, tries: 1 };
    const list = await host.driver.api.ask<{ items: Order[] }>("GET", "/v1/orders", ask)
      .catch((error) => {
        if (error instanceof SimFault && error.retry === "later") return null;
        throw error;
      });
    for (const order of list?.body.items ?? []) await settle(host, order);
  }
}

export async function fillWallet(driver: Driver): Promise<void> {
  const { balanceFen } = await driver.wallet();
  if (balanceFen < BALANCE_FEN_MIN) await driver.recharge(RECHARGE_FEN);
}

/** A pause that the end of the city cuts short. */
function nap({ signal }: { signal: AbortSignal }, ms: number): Promise<void> {
  return new Promise((done, fail) => {
    if (signal.aborted) return fail(new SimFault("the city ends", "never"));
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      fail(new SimFault("the city ends", "never"));
    }, { once: true });
  });
}
