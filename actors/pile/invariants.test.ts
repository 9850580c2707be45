// Any story of a pile: no Wh without an owner, no session lost or settled twice, nothing left locked.
import { expect, test } from "vitest";
import { energyOf } from "../tariff/mod.ts";
import type { PileEvent } from "./mod.ts";
import { happen, heal, type World, worldOf } from "./world.ts";

/** E1, E2, O1 and the ids, on the state and the events so far. */
function check({ rig, told, device }: World): void {
  const { state, step } = rig;
  const [one] = state.connectors;
  const log = step.log;
  let first: number | null = null;
  let jumps = 0;
  let toOrders = 0;
  const ends = new Map<number, number>();
  const txIds = new Set<number>();
  for (const event of log) {
    if (event.type === "MeterNoted") first ??= event.reading.wh;
    if (event.type === "RegisterReset") jumps += event.reading.wh - event.fromWh;
    if (event.type === "ChargeStarted" || event.type === "TransactionNoted") {
      if (txIds.has(event.txId)) throw new TypeError(`two transactions ${event.txId}`);
      txIds.add(event.txId);
    }
    if (event.type !== "ChargeEnded") continue;
    ends.set(event.txId, (ends.get(event.txId) ?? 0) + 1);
    if (event.owner.by === "nobody") continue;
    const wh = energyOf(event.segments);
    if (wh !== event.registerWh - event.startRegisterWh) throw new TypeError("E2: segments");
    const refusedLater = log.some((later) =>
      later.type === "CardRefused" && later.txId === event.txId &&
      log.indexOf(later) > log.indexOf(event)
    );
    if (!refusedLater) toOrders += wh;
  }
  for (const [txId, times] of ends) if (times > 1) throw new TypeError(`ended twice: ${txId}`);
  const { use } = one!;
  const running = use.status === "charging" || use.status === "stopping" ? [use.session] : [];
  const open = [...running, ...state.left.map(({ session }) => session)];
  const inOpen = open.reduce((sum, { segments }) => sum + energyOf(segments), 0);
  const reserved = state.left.reduce((sum, { ceilingWh, last }) => sum + ceilingWh - last.wh, 0);
  const booked = toOrders + inOpen + reserved + one!.unattributedWh;
  expect(booked).toBe(one!.register!.wh - first! - jumps);
  expect(one!.register!.wh).toBeLessThanOrEqual(device.register);
  // an estimated end is told again, once, by the true meter
  const orderEnds = told.flatMap(({ type, orderId, body }) => {
    const { estimated } = body as { estimated?: { method: string } };
    const byRule = estimated?.method === "power-until-stop";
    return type === "ConnectorEnded" && !byRule ? [orderId] : [];
  });
  expect(new Set(orderEnds).size).toBe(orderEnds.length);
  const ids = open.flatMap(({ owner }) => owner.by === "nobody" ? [] : [owner.orderId]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(one!.calls.length).toBeLessThanOrEqual(3);
}

/** After healing: every session that is over is settled, every failed start proven, nothing locked. */
function settled({ rig, told, device }: World): void {
  const { use } = rig.connector();
  if (device.session) expect(["charging", "stopping"]).toContain(use.status);
  else expect(["free", "occupied"]).toContain(use.status);
  expect(device.queue).toEqual([]);
  expect(rig.state.left).toEqual([]);
  const by = (type: string) => told.filter((one) => one.type === type);
  const ended = new Set(by("ConnectorEnded").map(({ orderId }) => orderId));
  const running = use.status === "charging" || use.status === "stopping"
    ? use.session.owner.orderId
    : null;
  for (const { orderId } of by("ConnectorStarted")) {
    if (orderId !== running) expect(ended).toContain(orderId);
  }
  for (const { orderId } of by("ConnectorStartFailed")) {
    const all = by("ConnectorStartFailed").filter((one) => one.orderId === orderId);
    expect(all.at(-1)!.body.proven).toBe(true);
    expect(by("ConnectorStarted").some((one) => one.orderId === orderId)).toBe(false);
  }
}

const SEEDS = 80; // a second or so; thousands have been run by hand
const STEPS = 150;

/** What the stories must have met at least once: else they prove little. */
const SOMETIMES: Record<"native" | "OCPP", PileEvent["type"][]> = {
  native: [
    "StartFailed",
    "StartUndone",
    "ChargeEnded",
    "CardAccepted",
    "CardRefused",
    "LinkLost",
    "LimitReached",
    "CheckAnswered",
    "EnergyUnattributed",
    "IncidentRaised",
  ],
  OCPP: [
    "StartFailed",
    "StartUndone",
    "ChargeEnded",
    "ChargeLeft",
    "CardAccepted",
    "CardRefused",
    "LinkLost",
    "LimitReached",
    "CheckAnswered",
    "EnergyUnattributed",
    "StateSeen",
  ],
};

test.each<["native" | "OCPP", boolean]>([["native", false], ["OCPP", true]])(
  "any story of a %s pile",
  (lane, ocpp) => {
    const met = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = worldOf(seed, ocpp);
      try {
        for (let i = 0; i < STEPS; i++) {
          happen(world);
          check(world);
        }
        heal(world);
        check(world);
        settled(world);
        for (const { type } of world.rig.step.log) met.set(type, (met.get(type) ?? 0) + 1);
      } catch (error) {
        throw Object.assign(error as object, { seed });
      }
    }
    for (const type of SOMETIMES[lane]) expect(met.get(type) ?? 0, type).toBeGreaterThan(0);
  },
);
