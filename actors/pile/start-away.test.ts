// A pile that goes away after its connector was kept and before the start reached it.
import { describe, expect, test } from "vitest";
import { commandsIn, ORDER, type Rig, stage, toldTo } from "./rig.ts";

const failure = (rig: Rig) =>
  toldTo(rig.step.take()).filter((t) => t.type === "ConnectorStartFailed");
const calls = (rig: Rig) => commandsIn(rig.step.take()).map(({ kind, id }) => `${kind} ${id}`);

describe("a pile that lost its link between keep and start", () => {
  const waiting = () => {
    const rig = stage.kept();
    rig.loseLink();
    rig.start();
    expect(rig.status).toBe("starting");
    expect(calls(rig)).toEqual([]);
    return rig;
  };

  test("hears the start when it comes back within the time, and nothing before it", () => {
    const rig = waiting();
    rig.step.advance(60_000);
    rig.openLink("boot-1", "gw-2");
    expect(calls(rig)).toEqual([`start ${ORDER}-start`]);
    rig.says("start", "accepted");
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
  });

  test("that stays away: failed after 90 s, and proven, as the pile never heard of it", () => {
    const rig = waiting();
    rig.step.advance(89_999);
    expect(rig.status).toBe("starting");
    rig.step.advance(1);
    expect(failure(rig)).toMatchObject([{ why: "link-lost", proven: true }]);
    expect(rig.status).toBe("free");
    rig.openLink("boot-1", "gw-2");
    expect(calls(rig)).toEqual([]);
    expect([...rig.step.timers.keys()]).toEqual([]);
  });

  test("and is not waited for once the driver has stopped", () => {
    const rig = waiting();
    rig.stop();
    expect(failure(rig)).toMatchObject([{ why: "stopped", proven: true }]);
    expect(rig.status).toBe("free");
  });
});
