// Every refusal of a pile has a row: given, when, then.
import { describe, expect, test } from "vitest";
import type { SendOptions } from "../kit/stepper.ts";
import {
  devicePrincipal,
  innerPrincipal,
  newRig,
  opsPrincipal,
  ORDER,
  orderPrincipal,
  OTHER,
  type Rig,
  RIVAL,
  stage,
  stationPrincipal,
  TARIFF,
  USER,
} from "./rig.ts";

const cause = { code: "leakage", by: "pile" };
const registered = (): Rig => {
  const rig = newRig();
  rig.register();
  return rig;
};
const online = (): Rig => {
  const rig = registered();
  rig.setTariff();
  rig.openLink();
  return rig;
};
const keepBody = (more: Record<string, unknown> = {}) => ({
  type: "KeepConnector",
  orderId: ORDER,
  userId: USER,
  connector: 1,
  tariffVersion: "tv_1",
  ...more,
});
const byOrder: SendOptions = { principal: orderPrincipal() };
const with_ = (rig: Rig, ...steps: ((rig: Rig) => unknown)[]): Rig => {
  for (const step of steps) step(rig);
  return rig;
};

describe("keeping a connector is refused, in the order that people are told", () => {
  test.each<[string, Rig, Record<string, unknown>, string]>([
    ["an unknown pile", newRig(), {}, "pile.unknown"],
    ["an unknown connector", online(), { connector: 3 }, "pile.connector-unknown"],
    [
      "a disabled pile, though offline too",
      with_(
        registered(),
        (rig) =>
          rig.step.send({ type: "DisablePile", reason: "works" }, { principal: opsPrincipal }),
      ),
      {},
      "pile.disabled",
    ],
    ["an offline pile", registered(), {}, "pile.offline"],
    [
      "a faulted connector, though charging too",
      with_(stage.charging(), (rig) => rig.tell("ReportFault", { cause, severity: "critical" })),
      { orderId: OTHER, userId: RIVAL },
      "pile.faulted",
    ],
    [
      "a pile that is faulted as a whole",
      with_(
        online(),
        (rig) => rig.tell("ReportFault", { connector: undefined, cause, severity: "critical" }),
      ),
      {},
      "pile.faulted",
    ],
    ["kept for another order", stage.kept(), { orderId: OTHER, userId: RIVAL }, "pile.occupied"],
    ["starting for another order", stage.starting(), { orderId: OTHER }, "pile.occupied"],
    ["charging for another order", stage.charging(), { orderId: OTHER }, "pile.occupied"],
    [
      "stopping for another order",
      with_(stage.charging(), (rig) => rig.stop()),
      { orderId: OTHER },
      "pile.occupied",
    ],
    [
      "a failed start that is not proven over",
      with_(stage.starting(), (rig) => rig.stop()),
      { orderId: OTHER },
      "pile.occupied",
    ],
    [
      "the car of another user after its charge",
      with_(
        stage.charging(),
        (rig) => rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_000, reason: "local" }),
      ),
      { orderId: OTHER, userId: RIVAL },
      "pile.occupied",
    ],
    [
      "known to be unplugged",
      with_(online(), (rig) => rig.plug(true), (rig) => rig.plug(false)),
      {},
      "pile.unplugged",
    ],
    ["no tariff", with_(registered(), (rig) => rig.openLink()), {}, "pile.no-tariff"],
    [
      "another tariff than the one seen",
      online(),
      { tariffVersion: "tv_0" },
      "order.price-changed",
    ],
  ])("%s", (_name, rig, more, code) => {
    const body = keepBody(more);
    const { v } = rig.step;
    const kept = rig.step.send(body, { principal: orderPrincipal(body.orderId) });
    expect(kept.refusal?.code).toBe(code);
    expect(rig.step.v).toBe(v);
  });

  test.each<[string, Rig, Record<string, unknown>]>([
    ["a pile that says nothing of plugs", online(), {}],
    ["a car that waits there", stage.ready(), {}],
    ["the same order again", stage.kept(), {}],
    ["the same order again while charging", stage.charging(), {}],
    [
      "the same user's car after its charge",
      with_(
        stage.charging(),
        (rig) => rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_000, reason: "local" }),
      ),
      { orderId: OTHER },
    ],
    [
      "an OCPP pile that says available",
      with_(online(), (rig) => rig.tell("ReportState", { state: "available" })),
      {},
    ],
    [
      "a connector with a warning",
      with_(
        online(),
        (rig) =>
          rig.tell("ReportFault", { cause: { code: "fan", by: "pile" }, severity: "warning" }),
      ),
      {},
    ],
  ])("but not for %s", (_name, rig, more) => {
    const body = keepBody(more);
    const kept = rig.step.send(body, { principal: orderPrincipal(body.orderId) });
    expect(kept.refusal).toBeUndefined();
    expect(kept.body).toMatchObject({ tariff: TARIFF, ratedPowerW: 120_000 });
  });

  test("price-changed names the tariff in force", () => {
    const rig = online();
    expect(rig.keep(ORDER, USER, 1, "tv_0").refusal?.facts).toEqual({ tariffVersion: "tv_1" });
  });
});

describe("who may say what", () => {
  const start = { type: "StartConnector", orderId: ORDER, connector: 1, limit: {}, holdFen: null };
  const setTariff = { type: "SetTariff", tariff: TARIFF, stationPhone: "1" };
  const viewer = { kind: "ops" as const, id: "ops_2", roles: ["viewer"] };
  const elsewhere = { ...opsPrincipal, scope: ["stn_west1"] };
  test.each<[string, Record<string, unknown> & { type: string }, SendOptions["principal"]]>([
    ["another order keeps", keepBody(), orderPrincipal(OTHER)],
    ["a driver keeps", keepBody(), { kind: "driver", id: USER }],
    ["another order starts", start, orderPrincipal(OTHER)],
    [
      "another order lets go",
      { type: "LetConnectorGo", orderId: ORDER, connector: 1 },
      orderPrincipal(OTHER),
    ],
    [
      "another order stops",
      { type: "StopConnector", orderId: ORDER, connector: 1, by: "user" },
      orderPrincipal(OTHER),
    ],
    ["another station sets prices", setTariff, { kind: "actor", id: "station/stn_west1" }],
    ["ops sets prices past the station", setTariff, opsPrincipal],
    ["a viewer disables", { type: "DisablePile", reason: "x" }, viewer],
    ["ops of another station enables", { type: "EnablePile", reason: "x" }, elsewhere],
    ["another pile's device opens the link", {
      type: "OpenLink",
      gatewayId: "g",
      lane: "native",
      bootId: "b",
    }, { kind: "device", id: "P999" }],
    [
      "a device answers for its gateway",
      { type: "DeviceAnswered", ref: {}, answer: {} },
      devicePrincipal,
    ],
    [
      "an order notes a reading",
      { type: "NoteReading", connector: 1, deviceAt: 1, registerWh: 1 },
      orderPrincipal(),
    ],
    ["a device fires a timer", { type: "TimerFired", name: "keep/1" }, devicePrincipal],
  ])("%s: forbidden", (_name, body, principal) => {
    const rig = stage.kept();
    expect(rig.step.send(body, { principal: principal! }).refusal?.code).toBe("auth.forbidden");
  });
});

describe("other refusals", () => {
  const start = { type: "StartConnector", orderId: ORDER, connector: 1, limit: {}, holdFen: null };
  const gap = { ...TARIFF, periods: TARIFF.periods.slice(1) };
  test.each<[string, Rig, Record<string, unknown> & { type: string }, SendOptions, string]>([
    [
      "a pile registered twice",
      registered(),
      {
        type: "RegisterPile",
        stationId: "stn_east1",
        code: "100001",
        lane: "native",
        ratedPowerW: 1_000,
        connectors: [{ no: 1, plug: "ccs2", ratedPowerW: 1_000, reservable: false }],
      },
      { principal: opsPrincipal },
      "pile.exists",
    ],
    [
      "two connectors of one number",
      newRig(),
      {
        type: "RegisterPile",
        stationId: "stn_east1",
        code: "100001",
        lane: "native",
        ratedPowerW: 1_000,
        connectors: [1, 1].map((no) => ({
          no,
          plug: "ccs2",
          ratedPowerW: 1_000,
          reservable: true,
        })),
      },
      { principal: opsPrincipal },
      "command.malformed",
    ],
    ["a tariff with a gap", registered(), { type: "SetTariff", tariff: gap, stationPhone: "1" }, {
      principal: stationPrincipal,
    }, "station.tariff-gap"],
    ["a start without a keep", stage.ready(), start, byOrder, "pile.not-kept"],
    [
      "a start of an unknown connector",
      stage.kept(),
      { ...start, connector: 9 },
      byOrder,
      "pile.connector-unknown",
    ],
    [
      "a start while faulted",
      with_(stage.kept(), (rig) => rig.tell("ReportFault", { cause, severity: "critical" })),
      start,
      byOrder,
      "pile.faulted",
    ],
    [
      "a start after the failure of the same order",
      with_(stage.starting(), (rig) => rig.says("start", "refused", { code: "faulted" })),
      start,
      byOrder,
      "pile.not-kept",
    ],
    [
      "a stop of what the pile never knew",
      stage.ready(),
      { type: "StopConnector", orderId: ORDER, connector: 1, by: "user" },
      byOrder,
      "pile.not-kept",
    ],
    [
      "a link of an unknown pile",
      newRig(),
      { type: "OpenLink", gatewayId: "g", lane: "native", bootId: "b" },
      {},
      "pile.unknown",
    ],
    [
      "a fact of an older link",
      with_(stage.ready(), (rig) => rig.openLink()),
      { type: "ReportPlug", linkEpoch: 1, connector: 1, plugged: true, deviceAt: 1 },
      {},
      "pile.link-stale",
    ],
    [
      "a fact of a link to come",
      stage.ready(),
      { type: "ReportPlug", linkEpoch: 9, connector: 1, plugged: true, deviceAt: 1 },
      {},
      "pile.link-stale",
    ],
    ["an unknown field", stage.ready(), { ...start, now: true }, byOrder, "command.malformed"],
  ])("%s", (_name, rig, body, how, code) => {
    expect(rig.step.send(body, how).refusal?.code).toBe(code);
  });

  test("a gap in the device's facts says which one is missing", () => {
    const rig = stage.ready();
    const { factSeq } = rig.state;
    const fact = { bootId: "boot-1", seq: factSeq + 2 };
    const told = rig.step.send({
      type: "ReportPlug",
      linkEpoch: 1,
      fact,
      connector: 1,
      plugged: false,
      deviceAt: rig.step.at,
    });
    expect(told.refusal).toEqual({ code: "fact.gap", facts: { expect: factSeq + 1 } });
  });

  test("reads of what is not there", () => {
    expect(newRig().step.read("show")).toMatchObject({ refused: { code: "pile.unknown" } });
    const read = (name: string, query = {}) => stage.ready().step.read(name, query);
    expect(read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
    expect(read("quote")).toMatchObject({ refused: { code: "request.malformed" } });
    expect(read("quote", { connector: 7 })).toMatchObject({
      refused: { code: "pile.connector-unknown" },
    });
    expect(registered().step.read("quote", { connector: 1 })).toMatchObject({
      refused: { code: "pile.no-tariff" },
    });
  });

  test("an answer that nobody waits for changes nothing", () => {
    const rig = stage.ready();
    const { v } = rig.step;
    const ref = { op: "reboot", connector: 1, about: "x" };
    rig.step.send({ type: "DeviceAnswered", ref, answer: {} }, { principal: innerPrincipal });
    expect(rig.step.v).toBe(v);
  });
});
