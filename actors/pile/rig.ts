// Test-only: one pile with one or two connectors on a stepper, and the sayings of those around it.
import { type Stepper, stepper } from "../kit/stepper.ts";
import { chargingSettings } from "../../wire/settings.ts";
import type { Principal } from "../../wire/envelope.ts";
import type { Tariff } from "../../wire/tariff.ts";
import { pile, type PileEvent } from "./mod.ts";
import type { PileMemory } from "./signal.ts";
import type { Connector, PileState, Registered } from "./state.ts";

/** 2026-03-02 10:00 in Shanghai: flat, peak from 11:00. */
export const T0 = Date.UTC(2026, 2, 2, 2, 0, 0);
export const PILE = "P100";
export const ORDER = "ord_01JPABCDEFGHJKMNPQRSTVWXYZ";
export const OTHER = "ord_01JPZZZZZZGHJKMNPQRSTVWXY9";
export const USER = "usr_anna1";
export const RIVAL = "usr_boris";

const period = (
  fromHour: number,
  toHour: number,
  kind: "flat" | "peak" | "valley",
  fen: number,
) => ({
  fromMinute: fromHour * 60,
  toMinute: toHour * 60,
  kind,
  energyMilliFenPerKwh: fen * 1000,
  serviceMilliFenPerKwh: 40_000,
});
export const TARIFF: Tariff = {
  version: "tv_1",
  currency: "CNY",
  zone: "Asia/Shanghai",
  periods: [
    period(0, 7, "valley", 30),
    period(7, 11, "flat", 70),
    period(11, 14, "peak", 110),
    period(14, 24, "flat", 70),
  ],
  overstay: { graceMinutes: 15, fenPerMinute: 50, capFen: 5_000 },
};

export const opsPrincipal: Principal = { kind: "ops", id: "ops_1", roles: ["operator"] };
export const stationPrincipal: Principal = { kind: "actor", id: "station/stn_east1" };
export const devicePrincipal: Principal = { kind: "device", id: PILE };
export const orderPrincipal = (id = ORDER): Principal => ({ kind: "actor", id: `order/${id}` });
export const innerPrincipal: Principal = { kind: "system", id: "outbox" };

export type Pile = Stepper<PileState, PileEvent, PileMemory>;
type Body = Record<string, unknown>;
type Op = "start" | "stop" | "ask";

export function newPile(): Pile {
  return stepper(pile, {
    id: PILE,
    at: T0,
    settings: chargingSettings.parse({}),
    principal: devicePrincipal,
  });
}

const plug = "gb-dc" as const;
const spec = (no: number) => ({ no, plug, ratedPowerW: 120_000, reservable: true });

/** What ops, station and gateway say. */
const placeOf = (step: Pile, now: () => Registered) => ({
  register: (lane = "native") =>
    step.send({
      type: "RegisterPile",
      stationId: "stn_east1",
      code: "100001",
      lane,
      ratedPowerW: 240_000,
      connectors: [spec(1), spec(2)],
    }, { principal: opsPrincipal }),
  setTariff: (tariff: Tariff = TARIFF) =>
    step.send({ type: "SetTariff", tariff, stationPhone: "400 800" }, {
      principal: stationPrincipal,
    }),
  openLink: (bootId = "boot-1", gatewayId = "gw-1", lane = "native") =>
    step.send({ type: "OpenLink", gatewayId, lane, bootId }),
  loseLink: (gatewayId = "gw-1", linkEpoch = now().link.linkEpoch) =>
    step.send({ type: "LoseLink", gatewayId, linkEpoch, why: "closed" }),
});

/** What orders say. */
const ordersOf = (step: Pile) => ({
  keep: (orderId = ORDER, userId = USER, connector = 1, tariffVersion = "tv_1") =>
    step.send({ type: "KeepConnector", orderId, userId, connector, tariffVersion }, {
      principal: orderPrincipal(orderId),
    }),
  letGo: (orderId = ORDER) =>
    step.send({ type: "LetConnectorGo", orderId, connector: 1 }, {
      principal: orderPrincipal(orderId),
    }),
  start: (orderId = ORDER, limit: Body = {}, holdFen: number | null = 9_000) =>
    step.send({ type: "StartConnector", orderId, connector: 1, limit, holdFen }, {
      principal: orderPrincipal(orderId),
    }),
  stop: (orderId = ORDER, by = "user") =>
    step.send({ type: "StopConnector", orderId, connector: 1, by }, {
      principal: orderPrincipal(orderId),
    }),
});

/** What the gateway answers to calls. */
function answersOf(step: Pile) {
  const answer = (op: Op, answered: Body, about: string = ORDER, no = 1) =>
    step.send({ type: "DeviceAnswered", ref: { op, connector: no, about }, answer: answered }, {
      principal: innerPrincipal,
    });
  const says = (op: Op, outcome: string, more: Body = {}, about = ORDER) =>
    answer(op, { ok: true, body: { outcome, ...more } }, about);
  const not = (code: string) => (op: Op, about = ORDER) =>
    answer(op, { ok: false, refusal: { code, facts: {} } }, about);
  return {
    answer,
    says,
    sees: (state: string, more: Body = {}, about = ORDER) =>
      says("ask", "told", { connectors: [{ no: 1, state, ...more }] }, about),
    unknown: not("outcome.unknown"),
    linkGone: not("link.gone"),
  };
}

/** What the device tells, each fact in its sequence. */
function factsOf(step: Pile, now: () => Registered) {
  let seq = 0;
  const tell = (type: string, body: Body = {}) => {
    const { link } = now();
    const fact = { bootId: link.bootId, seq: ++seq };
    const common = { linkEpoch: link.linkEpoch, fact, connector: 1, deviceAt: step.at };
    return step.send({ type, ...common, ...body });
  };
  return {
    tell,
    plug: (plugged = true, connector = 1) => tell("ReportPlug", { plugged, connector }),
  };
}

export function rigOf(step: Pile) {
  const now = (): Registered => {
    if (step.state.status === "unregistered") throw new TypeError("the pile is not registered");
    return step.state;
  };
  const connector = (no = 1): Connector => now().connectors.find((one) => one.no === no)!;
  return {
    step,
    get state(): Registered {
      return now();
    },
    connector,
    get status(): Connector["use"]["status"] {
      return connector().use.status;
    },
    epoch: (): number => now().link.linkEpoch,
    ...placeOf(step, now),
    ...ordersOf(step),
    ...answersOf(step),
    ...factsOf(step, now),
  };
}
export type Rig = ReturnType<typeof rigOf>;
export const newRig = (): Rig => rigOf(newPile());

/** A pile at the stages of a charge, with the effects so far taken away. */
export const stage = {
  /** Registered, priced, online, a car plugged, first register value known. */
  ready(rig = newRig()): Rig {
    rig.register();
    rig.setTariff();
    rig.openLink();
    rig.plug();
    rig.tell("ReportMeter", { registerWh: 1_000_000 });
    rig.step.take();
    return rig;
  },
  kept(): Rig {
    const rig = stage.ready();
    rig.keep();
    rig.step.take();
    return rig;
  },
  starting(limit: Body = {}, holdFen: number | null = 9_000): Rig {
    const rig = stage.kept();
    rig.start(ORDER, limit, holdFen);
    rig.step.take();
    return rig;
  },
  charging(limit: Body = {}, holdFen: number | null = 9_000): Rig {
    const rig = stage.starting(limit, holdFen);
    rig.says("start", "accepted");
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    rig.step.take();
    return rig;
  },
};
/** Words to one order among effects. */
export const toldTo = (effects: readonly unknown[], orderId = ORDER) =>
  (effects as { do: string; to: { id: string }; type: string; body: Body }[])
    .filter((effect) => effect.do === "tell" && effect.to.id === orderId)
    .map(({ type, body }) => ({ type, ...body }));
/** Device commands among effects. */
export const commandsIn = (effects: readonly unknown[]) =>
  (effects as { do: string; body: { command: { kind: string; id: string } } }[])
    .filter((effect) => effect.do === "call").map(({ body }) => body.command);
