// What a device tells: its link, its sequence, cards, plug and state, wild clocks.
import { describe, expect, test } from "vitest";
import { commandsIn, ORDER, OTHER, type Rig, RIVAL, stage, T0, toldTo } from "./rig.ts";

const incidents = (rig: Rig) =>
  rig.step.log.flatMap((event) =>
    event.type === "IncidentRaised" ? [`${event.row} ${event.cause}`] : []
  );
const view = (rig: Rig) =>
  (rig.step.read("show") as { body: { presence: string; connectors: { status: string }[] } }).body;

describe("the link", () => {
  test("each opening has a higher epoch, a repeated command the same", () => {
    const rig = stage.ready();
    expect(rig.openLink().body).toEqual({ linkEpoch: 2, lastSeq: 2, openStarts: [] });
    const open = { type: "OpenLink", gatewayId: "gw-2", lane: "native", bootId: "b" };
    const first = rig.step.send(open, { commandId: "open-1" });
    expect(rig.step.send(open, { commandId: "open-1" }).body).toEqual(first.body);
  });

  test("only its own gateway can lose it, in its own epoch", () => {
    const rig = stage.ready();
    rig.openLink("boot-1", "gw-2");
    rig.loseLink("gw-1", 1);
    rig.loseLink("gw-2", 1);
    rig.loseLink("gw-1", 2);
    expect(view(rig).presence).toBe("online");
    rig.loseLink("gw-2", 2);
    expect(view(rig).presence).toBe("offline");
    expect(rig.loseLink("gw-2", 2).events).toEqual([]);
  });

  test("lost while somebody is there: an incident; the charge goes on", () => {
    const idle = stage.ready();
    idle.loseLink();
    expect(incidents(idle)).toEqual([]);
    const rig = stage.charging();
    rig.loseLink();
    expect(incidents(rig)).toEqual(["2.1 link-closed"]);
    expect(view(rig).connectors[0]!.status).toBe("charging");
  });

  test("back after a restart that lost the charge: asked, twice, then settled", () => {
    const rig = stage.charging();
    rig.loseLink();
    rig.openLink("boot-2");
    rig.step.advance(60_000);
    rig.sees("idle");
    rig.step.advance(15_000);
    rig.sees("idle");
    const told = toldTo(rig.step.take()).filter(({ type }) => type === "ConnectorEnded");
    expect(told).toMatchObject([{ reason: "other", cause: { code: "found-idle" } }]);
  });

  test("back and still charging: nothing happens", () => {
    const rig = stage.charging();
    rig.openLink("boot-1", "gw-2");
    rig.step.advance(60_000);
    rig.sees("charging", { orderId: ORDER });
    rig.step.advance(60_000);
    expect(rig.status).toBe("charging");
  });

  test("a boot report names the device", () => {
    const rig = stage.ready();
    rig.tell("ReportBoot", {
      connector: undefined,
      deviceAt: undefined,
      model: "DC120",
      vendor: "Works",
      firmware: "2",
    });
    expect(view(rig)).toMatchObject({ model: "DC120", firmware: "2" });
  });
});

describe("the sequence of facts", () => {
  const fact = (rig: Rig, seq: number, more: Record<string, unknown> = {}) =>
    rig.step.send({
      type: "ReportStarted",
      linkEpoch: rig.epoch(),
      fact: { bootId: "boot-1", seq },
      connector: 1,
      deviceAt: T0,
      registerWh: 1_000_000,
      orderId: ORDER,
      ...more,
    });
  test("told twice is done once and answered the same", () => {
    const rig = stage.starting();
    const seq = rig.state.factSeq + 1;
    const first = fact(rig, seq);
    const { v } = rig.step;
    rig.openLink();
    expect(fact(rig, seq).body).toEqual(first.body);
    expect(rig.step.v).toBe(v + 1); // the link only
    expect(rig.state.factSeq).toBe(seq);
  });
  test("an OCPP start is known by place, time, meter and tag", () => {
    const rig = stage.starting();
    const told = (more = {}) =>
      rig.step.send({
        type: "ReportStarted",
        linkEpoch: rig.epoch(),
        connector: 1,
        deviceAt: T0,
        registerWh: 1_000_000,
        idTag: "CARD9",
        cardUserId: null,
        ...more,
      });
    const first = told();
    expect(told().body).toEqual(first.body);
    expect(told({ deviceAt: T0 + 1 }).body).not.toEqual(first.body);
  });
});

describe("a card", () => {
  const swipe = (rig: Rig, more: Record<string, unknown> = {}) =>
    rig.tell("ReportStarted", {
      idTag: "CARD1",
      cardUserId: RIVAL,
      registerWh: 1_000_000,
      ...more,
    });
  const answer = (rig: Rig, ok: boolean) =>
    rig.step.send({
      type: "CardAnswered",
      ref: { txId: 1, connector: 1 },
      answer: ok
        ? { ok: true, body: null }
        : { ok: false, refusal: { code: "wallet.hold-refused", facts: {} } },
    }, { principal: { kind: "system", id: "outbox" } });
  const answers = (effects: readonly { do: string }[]) =>
    effects.filter((effect) => effect.do === "answer");

  test("makes an order, and its report is answered when the order has", () => {
    const rig = stage.ready();
    const told = swipe(rig);
    expect(told.later).toBe(true);
    const [tell] = told.effects as { to: { id: string }; type: string; body: object }[];
    expect(tell).toMatchObject({
      type: "StartByCard",
      body: { userId: RIVAL, pileId: "P100", connector: 1, txId: 1, registerWh: 1_000_000 },
    });
    expect(tell!.to.id).toMatch(/^ord_[0-9a-hjkmnp-tv-z]{26}$/);
    const again = rig.step.send({
      type: "ReportStarted",
      linkEpoch: 1,
      connector: 1,
      deviceAt: rig.step.at,
      registerWh: 1_000_000,
      idTag: "CARD1",
      cardUserId: RIVAL,
    }, { commandId: "again" });
    expect(again.later).toBe(true);
    const accepted = answers(answer(rig, true).effects);
    expect(accepted).toHaveLength(2);
    expect(accepted[1]).toMatchObject({ to: "again", body: { txId: 1, accepted: true } });
    rig.step.at += 60_000;
    const ended = rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_800, reason: "local" });
    expect(toldTo(ended.effects, tell!.to.id)).toMatchObject([
      { type: "ConnectorEnded" },
      { type: "BayTold", what: "taken" },
    ]);
    expect(rig.connector().unattributedWh).toBe(0);
  });

  test("whose order is refused is stopped, and its energy is nobody's", () => {
    const rig = stage.ready();
    swipe(rig);
    rig.step.at += 60_000;
    rig.tell("ReportMeter", { registerWh: 1_000_500 });
    rig.step.take();
    const refused = answer(rig, false);
    expect(answers(refused.effects)).toMatchObject([
      { body: { txId: 1, accepted: false, why: "blocked" } },
    ]);
    expect(commandsIn(refused.effects)).toMatchObject([{ kind: "stop", txId: 1 }]);
    rig.step.at += 1_000;
    rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_520, reason: "deauthorized" });
    expect(rig.connector().unattributedWh).toBe(520);
  });

  test("is answered once, whatever its order says later", () => {
    const rig = stage.ready();
    swipe(rig);
    answer(rig, true);
    expect(answer(rig, false).events).toEqual([]);
    expect(rig.status).toBe("charging");
  });

  test("whose order is refused after the end: booked all the same", () => {
    const rig = stage.ready();
    swipe(rig);
    rig.step.at += 60_000;
    rig.tell("ReportEnded", { txId: -1, registerWh: 1_000_500, reason: "local" });
    answer(rig, false);
    expect(rig.connector().unattributedWh).toBe(500);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["nobody knows", { cardUserId: null }, "invalid"],
    ["is blocked", { cardBlocked: true }, "blocked"],
    ["was never looked up", { cardUserId: undefined }, "invalid"],
  ])("that %s runs to nobody and is stopped", (_name, more, why) => {
    const rig = stage.ready();
    expect(swipe(rig, more).body).toEqual({ txId: 1, accepted: false, why });
    expect(rig.status).toBe("stopping");
    expect(commandsIn(rig.step.take())).toMatchObject([{ kind: "stop", id: "tx-1-stop", txId: 1 }]);
  });

  test("at a pile out of service is blocked", () => {
    const rig = stage.ready();
    const cause = { code: "leakage", by: "pile" };
    rig.tell("ReportFault", { cause, severity: "critical" });
    expect(swipe(rig).body).toMatchObject({ accepted: false, why: "blocked" });
  });

  test("while somebody else's order holds the connector is busy", () => {
    const kept = stage.kept();
    expect(swipe(kept).body).toMatchObject({ accepted: false, why: "busy" });
    const charging = stage.charging();
    charging.step.at += 5_000;
    expect(swipe(charging).body).toMatchObject({ accepted: false, why: "busy" });
  });

  test("told too late, below what the ledger has booked, is remembered and answered", () => {
    const rig = stage.charging();
    const old = swipe(rig, { deviceAt: T0 - 3_600_000, registerWh: 999_000 });
    expect(old.body).toEqual({ txId: 2, accepted: false, why: "invalid" });
    expect(rig.status).toBe("charging");
    expect(rig.state.left).toEqual([]);
  });
});

describe("plug and state", () => {
  test("an OCPP connector is free again when it says available", () => {
    const rig = stage.charging();
    rig.tell("ReportState", { state: "charging" });
    rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_000, reason: "local" });
    rig.tell("ReportState", { state: "finishing" });
    expect(rig.status).toBe("occupied");
    rig.tell("ReportState", { state: "available" });
    expect(rig.status).toBe("free");
  });

  test("a status proves that a failed start is over, after a stop was sent", () => {
    const rig = stage.starting();
    rig.stop();
    rig.tell("ReportState", { state: "available" });
    expect(rig.status).toBe("free");
    expect(toldTo(rig.step.take()).at(-1)).toMatchObject({ proven: true });
  });

  test("charging by status alone, without a report, is found after a while and stopped", () => {
    const rig = stage.ready();
    rig.tell("ReportState", { state: "charging" });
    rig.step.advance(19_999);
    expect(rig.status).toBe("free");
    rig.step.advance(1);
    expect(rig.status).toBe("stopping");
    expect(incidents(rig)).toContain("flow-a no-order");
  });

  test("charging by a status that was taken back is nothing", () => {
    const rig = stage.ready();
    rig.tell("ReportState", { state: "charging" });
    rig.tell("ReportState", { state: "preparing" });
    rig.step.advance(60_000);
    expect(rig.status).toBe("free");
  });

  test("a report that comes after it was found is taken as the start it is", () => {
    const rig = stage.kept();
    rig.start();
    rig.says("start", "accepted");
    rig.tell("ReportState", { state: "charging" });
    rig.step.advance(30_000);
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
  });
});

describe("a device's clock", () => {
  test("that never was set begins a card's charge now, not in 1970", () => {
    const rig = stage.ready();
    rig.step.at += 5_000;
    const card = { idTag: "CARD1", cardUserId: RIVAL, registerWh: 1_000_000, deviceAt: 0 };
    const told = rig.tell("ReportStarted", card);
    expect(told.effects).toMatchObject([{ type: "StartByCard", body: { deviceAt: T0 + 5_000 } }]);
  });

  test.each<[string, number]>([
    ["1970", 0],
    ["2099", Date.UTC(2099, 0, 1)],
    ["an hour slow", T0 - 3_600_000],
    ["an hour fast", T0 + 3_600_000],
  ])("in %s is corrected for the whole charge", (_name, deviceAt) => {
    const rig = stage.starting();
    rig.says("start", "accepted");
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000, deviceAt });
    rig.step.advance(90 * 60_000);
    const later = deviceAt + 90 * 60_000;
    rig.tell("ReportEnded", { txId: 1, registerWh: 1_090_000, reason: "local", deviceAt: later });
    const ended = toldTo(rig.step.take()).find(({ type }) => type === "ConnectorEnded");
    expect(ended).toMatchObject({
      deviceAt: T0 + 90 * 60_000,
      segments: [{ kind: "flat", wh: 60_000 }, { kind: "peak", wh: 30_000 }],
    });
    expect((ended as Record<string, unknown>).implausible).toBeUndefined();
    expect(incidents(rig)).toEqual(["2.5 device-clock", "2.5 reading-gap"]);
  });
});

test("no ending leads back to a start, whatever comes after it", () => {
  const rig = stage.charging();
  rig.step.at += 1_000;
  rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_010, reason: "local" });
  rig.step.take();
  rig.plug(false);
  rig.plug(true);
  rig.openLink("boot-2");
  rig.says("start", "accepted");
  rig.sees("plugged");
  rig.step.advance(3_600_000);
  expect(commandsIn(rig.step.take())).toEqual([]);
  expect(rig.keep(OTHER, RIVAL).ok).toBe(true);
});

test("a card at two guns of one pile: each end is its own gun's", () => {
  const rig = stage.ready();
  rig.plug(true, 2);
  rig.tell("ReportMeter", { registerWh: 5_000, connector: 2 });
  const card = { idTag: "CARD1", cardUserId: RIVAL };
  rig.tell("ReportStarted", { registerWh: 1_000_000, ...card });
  rig.tell("ReportStarted", { registerWh: 5_000, connector: 2, ...card });
  rig.tell("ReportEnded", { registerWh: 5_010, connector: 2, idTag: "CARD1", reason: "local" });
  expect(rig.status).toBe("charging");
  expect(rig.connector(2).use.status).toBe("occupied");
});
