// The river through one pile: kept, started, metered, stopped, ended, unplugged.
import { expect, test } from "vitest";
import { commandsIn, ORDER, stage, T0, toldTo } from "./rig.ts";
import { tagOf } from "./names.ts";

test("a charge goes from keep to free, and each Wh has an owner", () => {
  const rig = stage.ready();
  const kept = rig.keep();
  expect(kept.body).toMatchObject({ stationId: "stn_east1", registerWh: 1_000_000, plugged: true });
  expect(rig.status).toBe("kept");

  const started = rig.start();
  expect(started.body).toBeNull();
  expect(commandsIn(started.effects)).toEqual([{
    kind: "start",
    id: `${ORDER}-start`,
    connector: 1,
    orderId: ORDER,
    idTag: tagOf(ORDER),
    limit: {},
    holdFen: 9_000,
  }]);
  rig.says("start", "accepted");
  const report = rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
  expect(report.body).toEqual({ txId: 1, accepted: true });
  expect(toldTo(report.effects)).toEqual([
    { type: "ConnectorStarted", txId: 1, registerWh: 1_000_000, deviceAt: T0, segments: [] },
  ]);
  expect(rig.status).toBe("charging");

  rig.step.at += 60_000;
  const note = rig.tell("ReportMeter", { registerWh: 1_001_000, powerW: 60_000 });
  expect(toldTo(note.effects)[0]).toMatchObject({ type: "MeterAdvanced", registerWh: 1_001_000 });

  const stop = rig.stop();
  expect(commandsIn(stop.effects)).toMatchObject([{ kind: "stop", id: `${ORDER}-stop`, txId: 1 }]);
  rig.says("stop", "accepted");
  rig.step.at += 2_000;
  const ended = rig.tell("ReportEnded", { txId: 1, registerWh: 1_001_030, reason: "remote" });
  expect(ended.body).toBeNull();
  const [last] = toldTo(ended.effects);
  expect(last).toMatchObject({
    type: "ConnectorEnded",
    reason: "remote",
    startRegisterWh: 1_000_000,
    registerWh: 1_001_030,
  });
  expect((last as unknown as { segments: { wh: number }[] }).segments.map(({ wh }) => wh))
    .toEqual([1_030]);
  expect(rig.status).toBe("occupied");
  rig.plug(false);
  expect(rig.status).toBe("free");
  expect([...rig.step.timers.keys()]).toEqual([]);
  expect(rig.connector().unattributedWh).toBe(0);
});
