// What a device's fault does, by the catalogue: whose it is, what stops, what stays closed and till when.
import { describe, expect, test } from "vitest";
import { codeLists, faultIdOf, faults } from "../../wire/faults/mod.ts";
import {
  commandsIn,
  innerPrincipal,
  opsPrincipal,
  ORDER,
  OTHER,
  type Rig,
  stage,
  toldTo,
} from "./rig.ts";

type Incident = { row: string; cause: string; outcome: string; facts: Record<string, unknown> };
const incidents = (rig: Rig): Incident[] =>
  rig.step.log.filter(({ type }) => type === "IncidentRaised") as unknown as Incident[];
const fault = (rig: Rig, code: string, severity = "critical", by = "pile", raw?: string) =>
  rig.tell("ReportFault", { cause: { code, by, ...(raw ? { raw } : {}) }, severity });
const shown = (rig: Rig) => {
  const out = rig.step.read("show");
  return ("body" in out ? out.body : null) as {
    connectors: { status: string; fault?: unknown; awaitsInspection?: true }[];
  };
};
const end = (rig: Rig, more: Record<string, unknown>) =>
  rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_000_040, reason: "other", ...more });
const ends = (rig: Rig) => toldTo(rig.step.take()).filter(({ type }) => type === "ConnectorEnded");

test("every code of every list leads to a fault, and no code to two", () => {
  const seen = new Map<string, string>();
  for (const { codes } of codeLists) {
    for (const [code, id] of Object.entries(codes)) {
      expect(faults[id], code).toBeDefined();
      expect(seen.get(code) ?? id, code).toBe(id);
      seen.set(code, id);
    }
  }
  expect(seen.size).toBeGreaterThan(120);
  expect(faultIdOf("OtherError/BST.insulation")).toBe("bms-insulation");
  expect(faultIdOf("OtherError/E-07")).toBeNull();
});

describe("a vehicle's fault", () => {
  test.each(["BST.insulation", "CEM.BCL", "ykc.0x7C", "EVCommunicationError"])(
    "%s stops its charge, keeps the raw code and is not held against the pile",
    (code) => {
      const rig = stage.charging();
      fault(rig, code, "critical", "pile", "10 26 40 06");
      expect(commandsIn(rig.step.take())).toMatchObject([{ kind: "stop" }]);
      expect(incidents(rig)).toMatchObject([{
        row: "1.9",
        cause: code,
        outcome: "handled",
        facts: { by: "vehicle", raw: "10 26 40 06" },
      }]);
      end(rig, { cause: { code: "Other", by: "unknown" } });
      expect(ends(rig)).toMatchObject([{ reason: "fault", cause: { code, by: "vehicle" } }]);
      expect(shown(rig).connectors[0]).not.toHaveProperty("fault");
      rig.plug(false);
      rig.plug(true);
      expect(rig.keep(OTHER).ok).toBe(true);
    },
  );

  describe("told as a remark while the connector works, and cleared again", () => {
    const remark = () => {
      const rig = stage.charging();
      fault(rig, "OtherError/BST.battery-hot", "info", "unknown");
      expect(commandsIn(rig.step.take())).toEqual([]);
      rig.tell("ReportFaultCleared");
      return rig;
    };
    const other = { cause: { code: "Other", by: "unknown" } };
    const vehicles = {
      code: "OtherError/BST.battery-hot",
      fault: "bms-battery-hot",
      by: "vehicle",
    };

    test("explains the end that gives no reason", () => {
      const rig = remark();
      end(rig, other);
      expect(ends(rig)).toMatchObject([{ reason: "fault", cause: vehicles }]);
    });
    test("not an end with a reason of its own", () => {
      const rig = remark();
      end(rig, { reason: "unplugged", cause: { code: "EVDisconnected", by: "user" } });
      expect(ends(rig)).toMatchObject([{ reason: "unplugged", cause: { by: "user" } }]);
    });
    test("not an end a long time later", () => {
      const rig = remark();
      rig.step.at += 61_000;
      end(rig, other);
      expect(ends(rig)).toMatchObject([{ reason: "other", cause: { code: "Other" } }]);
    });
  });

  test("with the safeguard off it closes the connector (drill)", () => {
    const rig = stage.ready();
    const cause = { code: "BST.insulation", by: "pile" };
    const fact = { bootId: "boot-1", seq: 3 };
    rig.step.send({
      type: "ReportFault",
      linkEpoch: rig.epoch(),
      fact,
      connector: 1,
      cause,
      severity: "critical",
      deviceAt: rig.step.at,
    }, { without: ["catalogue.pile-not-blamed"] });
    expect(rig.keep().refusal?.code).toBe("pile.faulted");
  });
});

describe("an electrical fault", () => {
  test.each([
    "OverCurrentFailure",
    "OverVoltage",
    "UnderVoltage",
    "GroundFailure",
    "HighTemperature",
    "estop",
    "ykc.0x72",
  ])("%s stops the charge; the pile stays faulted until ops have looked", (code) => {
    const rig = stage.charging();
    fault(rig, code, "warning"); // the catalogue knows better
    expect(commandsIn(rig.step.take())).toMatchObject([{ kind: "stop" }]);
    expect(incidents(rig)).toMatchObject([{ row: "2.8", outcome: "needs-person" }]);
    end(rig, { reason: "remote" });
    rig.plug(false);
    rig.tell("ReportFaultCleared");
    rig.tell("ReportFaultCleared");
    expect(shown(rig).connectors[0]).toMatchObject({ status: "faulted", awaitsInspection: true });
    expect(rig.keep(OTHER).refusal?.code).toBe("pile.faulted");
    rig.step.send({ type: "EnablePile", reason: "inspected: dry" }, { principal: opsPrincipal });
    expect(shown(rig).connectors[0]).toMatchObject({ status: "free" });
  });

  test("a lesser fault after it takes nothing away", () => {
    const rig = stage.ready();
    fault(rig, "GroundFailure");
    fault(rig, "InternalError");
    rig.tell("ReportFaultCleared");
    expect(shown(rig).connectors[0]).toMatchObject({ status: "faulted", awaitsInspection: true });
  });

  test("told again after it was quiet, it is a new alert", () => {
    const rig = stage.ready();
    fault(rig, "GroundFailure");
    fault(rig, "GroundFailure");
    expect(incidents(rig)).toHaveLength(1);
    rig.tell("ReportFaultCleared");
    fault(rig, "GroundFailure");
    expect(incidents(rig)).toHaveLength(2);
    expect(rig.connector().fault).not.toHaveProperty("quietSince");
  });
});

test("an internal fault goes with the pile's own recovery", () => {
  const rig = stage.ready();
  fault(rig, "PowerMeterFailure");
  expect(incidents(rig)).toMatchObject([{ row: "2.2", facts: { fault: "pile-meter" } }]);
  expect(rig.keep().refusal?.code).toBe("pile.faulted");
  rig.tell("ReportFaultCleared");
  expect(rig.keep().ok).toBe(true);
});

test("a remark of a pile that works on is recorded and closes nothing", () => {
  const rig = stage.charging();
  fault(rig, "GroundFailure", "info");
  expect(commandsIn(rig.step.take())).toEqual([]);
  expect(incidents(rig)).toEqual([]);
});

test.each([
  ["other", "BST.battery-hot", "fault", "vehicle"],
  ["fault", "ykc.0x6B", "unplugged", "user"],
  ["other", "CST.emergency-stop", "emergency-stop", "user"],
  ["other", "ykc.0x83", "power-loss", "grid"],
  ["other", "BST.target-soc", "limit", "vehicle"],
  ["other", "Other", "other", "unknown"],
  ["local", "ykc.0x45", "local", "user"],
])("an end by %s with code %s is by %s, and %s is behind it", (reason, code, really, by) => {
  const rig = stage.charging();
  end(rig, { reason, cause: { code, by: "unknown" } });
  expect(ends(rig)).toMatchObject([{ reason: really, cause: { code, by } }]);
});

describe("a gun that is pulled", () => {
  test("and put back within a minute starts nothing: a pile that goes on by itself is stopped", () => {
    const rig = stage.charging();
    end(rig, { reason: "unplugged" });
    rig.plug(false);
    rig.step.at += 20_000;
    rig.plug(true);
    rig.step.take();
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_040 });
    expect(commandsIn(rig.step.take())).toMatchObject([{ kind: "stop" }]);
    expect(incidents(rig)).toMatchObject([{ row: "2.7", cause: "restart-after-pull" }]);
    expect(rig.keep(OTHER).refusal?.code).toBe("pile.occupied");
  });

  test("while the pile says that it charges on: stopped, and the end is the pull", () => {
    const rig = stage.charging();
    rig.plug(false);
    rig.step.send({ type: "TimerFired", name: "check/1" }, {
      principal: innerPrincipal,
      at: rig.step.at + 15_000,
    });
    rig.sees("charging");
    expect(commandsIn(rig.step.take()).map(({ kind }) => kind)).toEqual(["ask", "stop"]);
    end(rig, { reason: "remote" });
    expect(ends(rig)).toMatchObject([{ reason: "unplugged", cause: { fault: "gun-pulled" } }]);
  });
});

test("a gun that is pushed in further while the order waits starts the next try", () => {
  const rig = stage.ready();
  rig.step.at += 5_000; // plugged, but not seated, before the tap
  rig.keep();
  rig.start();
  rig.says("start", "refused", { code: "unplugged" });
  rig.step.take();
  rig.plug(true);
  expect(commandsIn(rig.step.take())).toMatchObject([{ kind: "ask" }]);
});
