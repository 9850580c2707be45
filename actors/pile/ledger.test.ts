// The register ledger: what cannot be is not believed, what is nobody's is booked, and a session that
// another one followed is still settled.
import { describe, expect, test } from "vitest";
import { energyOf } from "../tariff/mod.ts";
import type { Segment } from "../../wire/tariff.ts";
import { ORDER, type Rig, stage, toldTo } from "./rig.ts";

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

describe("a meter that cannot be believed", () => {
  test.each<[string, number, string]>([
    ["more than rated power x time", 1_001_800, "over-rated-power"],
    ["a sudden jump", 1_910_000, "register-jump"],
    ["a fall", 999_000, "register-backward"],
  ])("%s: not counted, one incident, bill held", (_name, registerWh, why) => {
    const rig = stage.charging();
    rig.step.at += 60_000;
    rig.tell("ReportMeter", { registerWh: 1_000_500 });
    for (let i = 0; i < 3; i++) {
      rig.step.at += 1_000;
      rig.tell("ReportMeter", { registerWh });
    }
    rig.step.at += 60_000;
    end(rig, { registerWh: 1_001_000 });
    const [told] = ends(rig);
    expect(told).toMatchObject({ registerWh: 1_001_000, implausible: why });
    expect(energyOf(told!.segments)).toBe(1_000);
    expect(incidents(rig)).toEqual([`2.8 ${why} needs-person`]);
  });

  test("is believed where the safeguard is off (drill)", () => {
    const rig = stage.charging();
    rig.step.send({
      type: "ReportEnded",
      linkEpoch: 1,
      txId: 1,
      deviceAt: rig.step.at,
      registerWh: 1_910_000,
      reason: "local",
    }, { without: ["bill.plausibility"] });
    const [told] = ends(rig);
    expect(told).toMatchObject({ registerWh: 1_910_000 });
    expect(told!.implausible).toBeUndefined();
  });

  test("that begins lower than it ended holds the bill, unless the device was restarted", () => {
    for (
      const [bootId, doubt] of [["boot-1", "register-backward"], ["boot-2", undefined]] as const
    ) {
      const rig = stage.ready();
      rig.step.at += 1_000;
      rig.openLink(bootId);
      rig.keep();
      rig.start();
      rig.says("start", "accepted");
      rig.tell("ReportStarted", { orderId: ORDER, registerWh: 0 });
      rig.step.at += 60_000;
      end(rig, { registerWh: 700 });
      const [told] = ends(rig);
      expect(told).toMatchObject({ startRegisterWh: 0, registerWh: 700 });
      expect(told!.implausible).toBe(doubt);
      expect(rig.step.log.some(({ type }) => type === "RegisterReset")).toBe(true);
    }
  });

  test("a value that is known already is not told again", () => {
    const rig = stage.charging();
    rig.step.at += 60_000;
    rig.tell("ReportMeter", { registerWh: 1_000_500 });
    const again = { registerWh: 1_000_500, deviceAt: rig.step.at - 30_000 };
    expect(rig.tell("ReportMeter", again).events.map(({ type }) => type)).toEqual(["FactTaken"]);
  });

  test("energy between two charges is nobody's, with an alarm", () => {
    const rig = stage.kept();
    rig.start();
    rig.step.at += 60_000;
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_700 });
    expect(rig.connector().unattributedWh).toBe(700);
    expect(incidents(rig)).toEqual(["flow-a energy-without-charge handled"]);
  });
});

describe("a session that another one followed", () => {
  const followed = () => {
    const rig = stage.charging();
    rig.step.at += 60_000;
    rig.tell("ReportMeter", { registerWh: 1_000_600 });
    rig.step.at += 60_000;
    rig.tell("ReportStarted", { idTag: "CARD1", cardUserId: null, registerWh: 1_001_000 });
    rig.step.take();
    return rig;
  };
  test("is settled by its own late report, below the other's start", () => {
    const rig = followed();
    expect(rig.state.left).toHaveLength(1);
    end(rig, { registerWh: 1_000_900 });
    expect(ends(rig)).toMatchObject([{ registerWh: 1_000_900 }]);
    expect(rig.state.left).toEqual([]);
    expect(rig.connector().unattributedWh).toBe(100);
  });
  test("is settled as it was known where no report comes", () => {
    const rig = followed();
    rig.step.advance(600_000);
    expect(ends(rig)).toMatchObject([{ reason: "other", registerWh: 1_000_600 }]);
    expect(rig.connector().unattributedWh).toBe(400);
    expect(incidents(rig)).toContain("2.4 end-missing handled");
  });
  test("whose own end cannot be believed is settled as it was known", () => {
    const rig = stage.charging();
    rig.step.at += 60_000;
    rig.tell("ReportMeter", { registerWh: 1_000_600 });
    rig.tell("ReportStarted", { idTag: "CARD1", cardUserId: null, registerWh: 1_910_000 });
    rig.step.take();
    end(rig, { registerWh: 1_909_000 });
    const told = { registerWh: 1_000_600, implausible: "register-jump" };
    expect(ends(rig)).toMatchObject([told]);
    expect(rig.connector().unattributedWh).toBe(909_400);
  });
  test("cannot take energy from beyond the other's start", () => {
    const rig = followed();
    end(rig, { registerWh: 1_005_000 });
    expect(ends(rig)).toMatchObject([{ registerWh: 1_001_000, implausible: "register-outside" }]);
  });
});
