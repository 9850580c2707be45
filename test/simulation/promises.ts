// Reservations in small: a driver reserves a connector, then comes for it, cancels, appeals, or stays away;
// ops look at appeals, and now and then shut a reserved pile.
import type { Random } from "../../sim/random.ts";
import { rulesOf } from "../../actors/tariff/mod.ts";
import type { Settled } from "./asker.ts";
import type { Driver, Spot } from "./people.ts";
import { settings } from "./town.ts";

interface Promised {
  id: string;
  spot: Spot;
  until: number;
}
const MINUTES_MAX = 25;
const TRIES_MAX = 3;
const codeOf = (settled: Settled | null): string | null =>
  settled && !settled.ok ? settled.refusal.code : null;
const at = (id: string) => ({ kind: "reservation", id });

/** One reservation to its end, as far as its driver has a hand in it. */
export async function keepPromise(driver: Driver, random: Random): Promise<void> {
  const { devices, time, act, skips } = driver.options;
  const device = random.pick(devices);
  const spot: Spot = { device, no: random.pick(device.sockets).no };
  const inMs = random.pick([0, 0, 0, 4_000, 12_000]);
  const minutes = settings.reserveMinutesMin + Math.floor(random.next() * MINUTES_MAX);
  const whatNext = random.weighted([6, 2, 2, 2]);
  act();
  if (skips()) return;
  const id = driver.entity("rsv", "/v1/reservations");
  const from = time.now() + inMs;
  const asked = await reserve(
    driver,
    { id, spot, from, minutes },
    1 + Math.floor(random.next() * 2),
  );
  if (!asked?.ok) return driver.options.count(`reserve-${codeOf(asked) ?? "given-up"}`);
  const promised = { id, spot, until: from + minutes * settings.reserveMinuteMs };
  if (random.next() < 0.1) void shut(driver, random, device.id);
  if (whatNext === 0) return await come(driver, random, promised);
  const leftMs = promised.until - time.now();
  if (whatNext === 3) return await time.sleep(leftMs + random.between(0, 3_000));
  await time.sleep(leftMs * random.next());
  await (whatNext === 1 ? cancel(driver, random, id) : appeal(driver, random, id));
}

async function reserve(
  driver: Driver,
  { id, spot, from, minutes }: { id: string; spot: Spot; from: number; minutes: number },
  taps: number,
): Promise<Settled | null> {
  const { device, no } = spot;
  driver.options.say(`${driver.userId} reserves ${device.id}/${no} for ${minutes} by ${id}`);
  const { rulesVersion } = rulesOf(settings);
  const window = { pileId: device.id, connector: no, from, minutes, rulesVersion };
  return await driver.ask(at(id), "RequestReservation", window, taps);
}

/** Some come early, some late, some to another pile first. */
async function come(driver: Driver, random: Random, promised: Promised): Promise<void> {
  const { time, devices, say } = driver.options;
  const { id, spot, until } = promised;
  const leftMs = until - time.now();
  const isLate = random.next() < 0.3;
  await time.sleep(isLate ? leftMs - random.between(0, 1_500) : leftMs * random.next());
  if (random.next() < 0.3) {
    const device = random.pick(devices);
    if (await elsewhere(driver, { device, no: random.pick(device.sockets).no })) return;
  }
  const takes = !spot.device.socket(spot.no).plugged;
  if (takes) spot.device.plug(spot.no);
  for (let n = 1;; n++) {
    await time.sleep(random.between(50, 1_000));
    const orderId = driver.entity("ord", "/v1/reservations/start");
    const plan = { ...driver.plan(orderId, spot), orderId };
    const taps = 1 + Math.floor(random.next() * 2);
    const started = await driver.ask(at(id), "StartReserved", plan, taps);
    if (started?.ok) return await driver.goOn(orderId, spot, started, takes);
    say(`${driver.userId} is told: ${codeOf(started)}`);
    driver.options.count(`start-reserved-${codeOf(started) ?? "given-up"}`);
    if (n === TRIES_MAX || codeOf(started) === "reservation.over") break;
    await time.sleep(random.between(500, 4_000));
  }
  if (takes) spot.device.unplug(spot.no);
  if (random.next() < 0.7) await cancel(driver, random, id);
}

/** True: it charged there. */
async function elsewhere(driver: Driver, spot: Spot): Promise<boolean> {
  const takes = !spot.device.socket(spot.no).plugged;
  if (takes) spot.device.plug(spot.no);
  const orderId = driver.entity("ord", "/v1/orders");
  const started = await driver.start(orderId, spot);
  const code = codeOf(started);
  if (code !== null) driver.options.count(`told-${code}`);
  await driver.goOn(orderId, spot, started, takes);
  return code === null;
}

async function cancel(driver: Driver, random: Random, id: string): Promise<void> {
  const { depositFen } = rulesOf(settings);
  driver.options.say(`${driver.userId} cancels ${id}`);
  const free = { costVersion: `0-${depositFen}` };
  const out = await driver.ask(
    at(id),
    "CancelReservation",
    free,
    1 + Math.floor(random.next() * 2),
  );
  if (codeOf(out) !== "reservation.cost-changed" || !out || out.ok) return;
  const { costVersion } = out.refusal.facts;
  if (random.next() < 0.8) await driver.ask(at(id), "CancelReservation", { costVersion });
}

async function appeal(driver: Driver, random: Random, id: string): Promise<void> {
  driver.options.say(`${driver.userId} appeals ${id}`);
  const out = await driver.ask(at(id), "AppealReservation", { text: "the bay is blocked" });
  if (!out?.ok || random.next() < 0.3) return;
  await driver.options.time.sleep(random.between(500, 5_000));
  const decision = { grant: random.next() < 0.5, reason: "looked at" };
  await driver.askOps(at(id), "DecideAppeal", decision);
}

/** Ops shut the pile for a while. */
async function shut(driver: Driver, random: Random, pileId: string): Promise<void> {
  const { time, say } = driver.options;
  const pile = { kind: "pile", id: pileId };
  await time.sleep(random.between(0, 8_000));
  say(`ops shut ${pileId}`);
  await driver.askOps(pile, "DisablePile", { reason: "looked at" }, "operator");
  await time.sleep(random.between(500, 4_000));
  await driver.askOps(pile, "EnablePile", { reason: "looked at" }, "operator");
}
