// Stopping and ending: until proven, settled once, whoever reports it and in whatever form.
import { describe, expect, test } from "vitest";
import type { Segment } from "../../wire/tariff.ts";
import { commandsIn, ORDER, OTHER, type Rig, stage, toldTo } from "./rig.ts";

const calls = (rig: Rig) => commandsIn(rig.step.take()).map(({ kind, id }) => `${kind} ${id}`);
const ends = (rig: Rig) =>
  toldTo(rig.step.take()).filter(({ type }) => type === "ConnectorEnded") as unknown as {
    reason: string;
    limit?: string;
    registerWh: number;
    startRegisterWh: number;
    implausible?: string;
    cause?: { code: string };
    segments: Segment[];
  }[];
const incidents = (rig: Rig) =>
  rig.step.log.flatMap((event) =>
    event.type === "IncidentRaised" ? [`${event.row} ${event.cause} ${event.outcome}`] : []
  );
const end = (rig: Rig, more: Record<string, unknown> = {}) =>
  rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_100, reason: "local", ...more });

describe("a stop", () => {
  test("is sent again and again, with a question between: a pile that said yes and charges on is told anew", () => {
    const rig = stage.charging();
    rig.stop();
    rig.says("stop", "accepted");
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop`]);
    rig.step.advance(10_000);
    expect(calls(rig)[0]).toMatch(/^ask/);
    rig.sees("charging", { orderId: ORDER });
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop-2`]);
    expect(rig.status).toBe("stopping");
  });

  test("whose answer never came is repeated under its id", () => {
    const rig = stage.charging();
    rig.stop();
    rig.unknown("stop");
    rig.step.advance(10_000);
    rig.sees("charging", { orderId: ORDER });
    expect(calls(rig).at(-1)).toBe(`stop ${ORDER}-stop`);
  });

  test("tells ops after three tries and asks for a person after thirty", () => {
    const rig = stage.charging();
    rig.stop();
    for (let i = 0; i < 31; i++) {
      rig.unknown("stop");
      rig.step.advance(10_000);
      rig.unknown("ask");
      rig.step.advance(10_000);
      rig.sees("charging");
    }
    expect(incidents(rig)).toContain("2.4 stop-unproven retrying");
    expect(incidents(rig)).toContain("2.4 stop-unproven needs-person");
    expect(incidents(rig).length).toBeLessThanOrEqual(3);
  });

  test("is proven by two idle looks, and settles at what the meter shows", () => {
    const rig = stage.charging();
    rig.stop();
    rig.says("stop", "accepted");
    rig.step.advance(10_000);
    rig.sees("plugged", { registerWh: 1_000_200 });
    expect(rig.status).toBe("stopping");
    rig.step.advance(10_000);
    rig.sees("plugged", { registerWh: 1_000_200 });
    expect(ends(rig)).toMatchObject([{ reason: "remote", registerWh: 1_000_200 }]);
    expect(rig.status).toBe("occupied");
    expect([...rig.step.timers.keys()]).toEqual([]);
    end(rig, { registerWh: 1_000_200 });
    expect(ends(rig)).toEqual([]);
  });

  test("waits for the link and is sent when it opens", () => {
    const rig = stage.charging();
    rig.loseLink();
    rig.stop();
    expect(calls(rig)).toEqual([]);
    rig.openLink("boot-1", "gw-2");
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop`]);
  });

  test("again, or of a charge that is over, changes nothing", () => {
    const rig = stage.charging();
    rig.stop();
    const { v } = rig.step;
    expect(rig.stop().ok).toBe(true);
    expect(rig.step.v).toBe(v);
    end(rig);
    expect(rig.stop().ok).toBe(true);
    expect(rig.status).toBe("occupied");
  });

  test("without the safeguard is sent once (drill)", () => {
    const rig = stage.charging();
    rig.stop();
    rig.says("stop", "accepted");
    rig.step.take();
    rig.step.send({ type: "TimerFired", name: "stop/1" }, {
      principal: { kind: "system", id: "timer" },
      at: rig.step.at + 10_000,
      without: ["stop.until-proven"],
    });
    expect(calls(rig)).toEqual([]);
  });

  test("while kept lets go", () => {
    const rig = stage.kept();
    rig.stop();
    expect(rig.status).toBe("free");
  });
});

describe("an end is found", () => {
  test.each<[string, Record<string, unknown>]>([
    ["by its transaction", { txId: 1 }],
    ["by its order", { txId: undefined, orderId: ORDER }],
    ["by its place, with transaction -1", { txId: -1 }],
    ["without place or name, where only one charge can be meant", {
      txId: -1,
      connector: undefined,
    }],
  ])("%s", (_name, more) => {
    const rig = stage.charging();
    rig.step.at += 10_000;
    end(rig, more);
    expect(ends(rig)).toMatchObject([{ reason: "local", registerWh: 1_000_100 }]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["another transaction", { txId: 77 }],
    ["another order", { txId: undefined, orderId: "ord_0000another" }],
    ["an older moment without a name", { txId: -1, deviceAt: 1_772_000_000_000 }],
    ["a lower meter without a name", { txId: -1, registerWh: 999_000 }],
  ])("but not by %s: answered, booked, told to ops", (_name, more) => {
    const rig = stage.charging();
    const told = end(rig, more);
    expect(told.ok).toBe(true);
    expect(ends(rig)).toEqual([]);
    expect(rig.status).toBe("charging");
    expect(incidents(rig)).toContain("2.4 end-unknown handled");
  });

  test("of nothing known: its energy is nobody's", () => {
    const rig = stage.ready();
    rig.step.at += 60_000;
    end(rig, { txId: 9, registerWh: 1_000_900 });
    expect(rig.connector().unattributedWh).toBe(900);
  });

  test("on a connector that the pile does not have, and is answered", () => {
    expect(end(stage.ready(), { txId: 9, connector: 8 }).ok).toBe(true);
  });

  test("before its start was told: one whole charge", () => {
    const rig = stage.starting();
    rig.says("start", "accepted");
    rig.step.at += 60_000;
    end(rig, { txId: undefined, orderId: ORDER, registerWh: 1_000_500 });
    expect(ends(rig)).toMatchObject([{ startRegisterWh: 1_000_000, registerWh: 1_000_500 }]);
    const late = rig.tell("ReportStarted", {
      orderId: ORDER,
      registerWh: 1_000_000,
      deviceAt: rig.step.at - 60_000,
    });
    expect(late.body).toEqual({ txId: 1, accepted: true });
    expect(rig.status).toBe("occupied");
  });
});

describe("what an end says", () => {
  test("readings in the report cut the energy at the tariff's edge", () => {
    const rig = stage.charging();
    rig.step.at += 2 * 3_600_000;
    const edge = rig.step.at - 3_600_000; // 11:00, peak begins
    end(rig, {
      registerWh: 1_090_000,
      readings: [{ deviceAt: edge, registerWh: 1_060_000 }],
    });
    const [told] = ends(rig);
    expect(told!.segments.map(({ kind, wh }) => [kind, wh])).toEqual([
      ["flat", 60_000],
      ["peak", 30_000],
    ]);
  });

  test("a gun pulled frees the connector, and plugging back starts nothing", () => {
    const rig = stage.charging();
    rig.step.at += 10_000;
    end(rig, { reason: "unplugged" });
    expect(ends(rig)).toMatchObject([{ reason: "unplugged" }]);
    expect(rig.status).toBe("free");
    rig.step.advance(30_000);
    rig.plug(true);
    rig.step.advance(60_000);
    expect(calls(rig)).toEqual([]);
    expect(rig.status).toBe("free");
  });

  test("a gun that is out while no end comes: the pile is asked, twice", () => {
    const rig = stage.charging();
    rig.plug(false);
    for (let i = 0; i < 2; i++) {
      rig.step.advance(15_000);
      rig.sees("idle", { registerWh: 1_000_040 });
    }
    expect(ends(rig)).toMatchObject([{ reason: "unplugged", registerWh: 1_000_040 }]);
    expect(rig.status).toBe("free");
  });

  test("a limit that the platform saw is told with it", () => {
    const rig = stage.charging();
    rig.step.send({ type: "ReachLimit", connector: 1, orderId: ORDER, limit: "energy" }, {
      principal: { kind: "system", id: "signal" },
    });
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop`]);
    rig.step.at += 10_000;
    end(rig, { reason: "remote" });
    expect(ends(rig)).toMatchObject([{ reason: "remote", limit: "energy" }]);
  });

  test("twelve hours, or the time asked for, end a charge without any tick", () => {
    for (
      const [limit, ms, name] of [[{}, 43_200_000, "platform"], [
        { timeMs: 60_000 },
        60_000,
        "time",
      ]] as const
    ) {
      const rig = stage.charging(limit);
      rig.step.advance(ms - 1);
      expect(rig.status).toBe("charging");
      rig.step.advance(1);
      end(rig, { reason: "remote" });
      expect(ends(rig)).toMatchObject([{ limit: name }]);
    }
  });

  test("a fault that the platform stopped for is the reason", () => {
    const rig = stage.charging();
    const cause = { code: "E-07", by: "pile" };
    rig.tell("ReportFault", { cause, severity: "critical" });
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop`]);
    rig.step.at += 10_000;
    end(rig, { reason: "remote" });
    expect(ends(rig)).toMatchObject([{ reason: "fault", cause }]);
    expect(incidents(rig)).toContain("2.2 E-07 needs-person");
    rig.plug(false);
    expect(rig.step.read("show")).toMatchObject({
      body: { connectors: [{ status: "faulted" }, {}] },
    });
    rig.tell("ReportFaultCleared");
    expect(rig.step.read("show")).toMatchObject({ body: { connectors: [{ status: "free" }, {}] } });
  });

  test("a gate that opens does not make a fault smaller", () => {
    const rig = stage.ready();
    rig.tell("ReportFault", { cause: { code: "leakage", by: "pile" }, severity: "critical" });
    rig.tell("ReportFault", { cause: { code: "gate:open", by: "pile" }, severity: "info" });
    rig.tell("ReportFault", { cause: { code: "fan", by: "pile" }, severity: "warning" });
    expect(rig.keep().refusal).toMatchObject({ code: "pile.faulted", facts: { code: "leakage" } });
  });

  test("told twice, in a new link too, it settles once", () => {
    const rig = stage.charging();
    rig.step.at += 10_000;
    end(rig);
    rig.openLink();
    end(rig);
    end(rig, { txId: undefined, orderId: ORDER });
    expect(ends(rig)).toHaveLength(1);
    expect(rig.connector().unattributedWh).toBe(0);
  });

  test("the true end of a charge that was settled long ago takes nothing from the next one", () => {
    const rig = stage.charging();
    rig.stop();
    for (let i = 0; i < 2; i++) {
      rig.says("stop", "accepted");
      rig.step.advance(10_000);
      rig.sees("idle");
    }
    rig.keep(OTHER);
    rig.start(OTHER);
    rig.tell("ReportStarted", { orderId: OTHER, registerWh: 1_000_300 });
    rig.step.at += 60_000;
    end(rig, { registerWh: 1_000_500 });
    expect(rig.connector().register).toMatchObject({ wh: 1_000_300 });
    expect(rig.status).toBe("charging");
  });

  test("the true end of a charge that was settled without it is kept for a person", () => {
    const rig = stage.charging();
    rig.stop();
    for (let i = 0; i < 2; i++) {
      rig.says("stop", "accepted");
      rig.step.advance(10_000);
      rig.sees("idle");
    }
    expect(ends(rig)).toHaveLength(1);
    end(rig, { registerWh: 1_000_300 });
    expect(rig.connector().unattributedWh).toBe(300);
    expect(incidents(rig)).toContain("2.5 end-after-settlement needs-person");
  });
});
