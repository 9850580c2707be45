// Silence while a pile charges: the gap is told and closed; a lost pile's charge is billed by a rule.
import { describe, expect, test } from "vitest";
import { newRig, ORDER, type Rig, stage, T0, toldTo } from "./rig.ts";

const incidents = (rig: Rig) =>
  rig.step.log.flatMap((event) =>
    event.type === "IncidentRaised" ? [`${event.row} ${event.cause} ${event.outcome}`] : []
  );
const ends = (rig: Rig) => toldTo(rig.step.take()).filter(({ type }) => type === "ConnectorEnded");
const meter = (rig: Rig, registerWh: number, more = {}) =>
  rig.tell("ReportMeter", { registerWh, powerW: 60_000, ...more });
const shown = (rig: Rig) =>
  (rig.step.read("show") as { body: { connectors: Record<string, unknown>[] } }).body.connectors[0];

describe("freshness of a charging pile", () => {
  test("two minutes without a reading are a gap: told once, closed by the next reading", () => {
    const rig = stage.charging();
    rig.step.advance(60_000);
    meter(rig, 1_001_000);
    expect(shown(rig)).toMatchObject({ readingAt: "2026-03-02T02:01:00.000Z" });
    rig.step.advance(119_999);
    expect(incidents(rig)).toEqual([]);
    rig.step.advance(1);
    expect(incidents(rig)).toEqual(["2.5 reading-gap retrying"]);
    expect(shown(rig)).toMatchObject({ gapSince: "2026-03-02T02:01:00.000Z" });
    rig.step.advance(600_000);
    meter(rig, 1_005_000);
    expect(rig.step.log.filter(({ type }) => type === "GapClosed")).toMatchObject([{ wh: 4_000 }]);
    expect(shown(rig)).not.toHaveProperty("gapSince");
    expect(incidents(rig)).toHaveLength(1);
  });

  test("a charge that has ended is silent for good", () => {
    const rig = stage.charging();
    rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_000_000, reason: "local" });
    rig.step.advance(600_000);
    expect(incidents(rig)).toEqual([]);
  });
});

/** Charging at 60 kW, lost a minute ago, stopped by the driver a minute after that. */
function lost(limit: Record<string, unknown> = {}): Rig {
  const rig = stage.charging(limit);
  rig.step.advance(60_000);
  meter(rig, 1_001_000);
  rig.loseLink();
  rig.step.advance(60_000);
  rig.stop();
  rig.step.take();
  return rig;
}

describe("a pile that is lost before it told the end", () => {
  test("is billed three minutes after the stop: last power until the stop, at most the rated", () => {
    const rig = lost();
    rig.step.advance(179_999);
    expect(ends(rig)).toEqual([]);
    rig.step.advance(1);
    expect(ends(rig)).toMatchObject([{
      reason: "remote",
      cause: { code: "pile-lost" },
      registerWh: 1_002_000, // a minute at 60 kW
      estimated: {
        lowWh: 1_001_000,
        highWh: 1_001_000 + 5_001, // four minutes at 125 % of the most it has taken
        method: "power-until-stop",
      },
      segments: [{ wh: 1_000, source: "pile" }, { wh: 1_000, source: "estimated" }],
    }]);
    expect(incidents(rig)).toContain("2.5 pile-lost retrying");
  });

  test("its own energy limit bounds it too", () => {
    const rig = lost({ energyWh: 1_500 });
    rig.step.advance(180_000);
    expect(ends(rig)).toMatchObject([{
      registerWh: 1_001_500,
      estimated: { highWh: 1_001_500 },
    }]);
  });

  test("comes back with the true end: told without bounds, and no energy is lost in the ledger", () => {
    const rig = lost();
    rig.step.advance(180_000);
    rig.step.take();
    rig.step.advance(3_600_000);
    rig.openLink("boot-2");
    const deviceAt = rig.step.at - 3_700_000;
    rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_002_400, reason: "remote", deviceAt });
    const [end] = ends(rig);
    expect(end).toMatchObject({ registerWh: 1_002_400, segments: [{ wh: 2_400, source: "pile" }] });
    expect(end).not.toHaveProperty("estimated");
    expect(rig.connector()).toMatchObject({ register: { wh: 1_002_400 }, unattributedWh: 0 });
  });

  test("that comes back in time is never estimated", () => {
    const rig = lost();
    rig.step.advance(100_000);
    rig.openLink();
    rig.loseLink();
    rig.step.advance(100_000);
    expect(ends(rig)).toEqual([]);
  });

  test("while nobody wants it to stop it charges on, unbilled", () => {
    const rig = stage.charging();
    rig.loseLink();
    rig.step.advance(3_600_000);
    expect(ends(rig)).toEqual([]);
    expect(rig.status).toBe("charging");
  });
});

test("found idle without a register: billed by the last reading, with bounds up to when it first said so", () => {
  const rig = stage.charging();
  rig.step.advance(60_000);
  meter(rig, 1_001_000);
  rig.stop();
  for (let i = 0; i < 2; i++) {
    rig.says("stop", "accepted");
    rig.step.advance(10_000);
    rig.sees("idle");
  }
  expect(ends(rig)).toMatchObject([{
    registerWh: 1_001_000,
    estimated: { lowWh: 1_001_000, highWh: 1_001_210, method: "last-reading" },
  }]);
  expect(T0).toBeLessThan(rig.step.at);
  expect(newRig().step.v).toBe(0);
});

test("idle, charging again, idle: only what came after the newest idle is left out of the bounds", () => {
  const rig = stage.charging();
  rig.step.advance(60_000);
  meter(rig, 1_001_000);
  rig.stop();
  for (const state of ["idle", "charging", "idle"]) {
    rig.says("stop", "accepted");
    rig.step.advance(10_000);
    rig.sees(state);
  }
  expect(ends(rig)).toMatchObject([{
    estimated: { lowWh: 1_001_000, highWh: 1_001_626 }, // 75 kW for 30 s
  }]);
});
