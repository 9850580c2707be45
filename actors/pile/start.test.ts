// Starting: one command id, a question before each repeat, proof before anything is undone.
import { describe, expect, test } from "vitest";
import { commandsIn, newRig, ORDER, OTHER, type Rig, RIVAL, stage, toldTo } from "./rig.ts";
import { tagOf } from "./names.ts";

const failure = (rig: Rig) =>
  toldTo(rig.step.take()).filter((t) => t.type === "ConnectorStartFailed");
const calls = (rig: Rig) => commandsIn(rig.step.take()).map(({ kind, id }) => `${kind} ${id}`);
const incidents = (rig: Rig) =>
  rig.step.log.flatMap((event) =>
    event.type === "IncidentRaised" ? [`${event.row} ${event.cause}`] : []
  );

test("a keep ends by itself after 30 s and by its order", () => {
  const rig = stage.kept();
  rig.step.advance(29_999);
  expect(rig.status).toBe("kept");
  rig.step.advance(1);
  expect(rig.status).toBe("free");
  rig.keep(OTHER, RIVAL);
  rig.letGo(ORDER);
  expect(rig.status).toBe("kept");
  rig.letGo(OTHER);
  expect(rig.status).toBe("free");
  expect([...rig.step.timers.keys()]).toEqual([]);
});

describe("a silent pile", () => {
  test("is asked after 10 s, and started again only after it has proven that nothing runs", () => {
    const rig = stage.starting();
    rig.step.advance(9_999);
    expect(calls(rig)).toEqual([]);
    rig.step.advance(1);
    expect(calls(rig)).toEqual([`ask ask-1-${rig.step.v}`]);
    rig.sees("idle");
    expect(calls(rig)).toEqual([]); // the first start is still under way
    rig.unknown("start");
    expect(calls(rig)).toEqual([`start ${ORDER}-start`]);
    rig.says("start", "known", { code: "accepted" });
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
    expect(incidents(rig)).toEqual([]);
  });

  test("is not started again while it cannot say", () => {
    const rig = stage.starting();
    rig.unknown("start");
    for (let i = 0; i < 5; i++) {
      rig.sees("unknown");
      rig.step.advance(10_000);
    }
    expect(calls(rig).every((call) => call.startsWith("ask"))).toBe(true);
  });

  test("whose question is not answered is asked again after 10 s, not at once", () => {
    const rig = stage.starting();
    rig.unknown("start");
    expect(calls(rig)).toHaveLength(1);
    rig.linkGone("ask");
    expect(calls(rig)).toEqual([]);
    rig.step.advance(10_000);
    expect(calls(rig)).toHaveLength(1);
  });

  test("has three tries, then the start fails and is undone until proven", () => {
    const rig = stage.starting();
    for (let i = 0; i < 3; i++) {
      rig.unknown("start");
      rig.sees("plugged");
    }
    const told = rig.step.take();
    expect(commandsIn(told).map(({ kind }) => kind))
      .toEqual(["ask", "start", "ask", "start", "ask", "stop"]);
    expect(toldTo(told)).toMatchObject([
      { type: "ConnectorStartFailed", why: "device-silent", proven: false },
    ]);
    expect(rig.status).toBe("undoing");
    rig.unknown("stop");
    rig.sees("charging");
    expect(rig.status).toBe("undoing");
    rig.step.advance(10_000);
    rig.says("stop", "accepted");
    rig.sees("idle");
    expect(failure(rig)).toMatchObject([{ why: "device-silent", proven: true }]);
    expect(rig.status).toBe("free");
    expect([...rig.step.timers.keys()]).toEqual([]);
  });

  test("that says nothing at all for 90 s has failed", () => {
    const rig = stage.starting();
    rig.step.advance(90_000);
    expect(failure(rig)).toMatchObject([{ why: "device-silent", proven: false }]);
  });

  test("that lost its link has failed for that, and proves it when it comes back", () => {
    const rig = stage.starting();
    rig.loseLink();
    rig.linkGone("start");
    rig.step.advance(90_000);
    expect(failure(rig)).toMatchObject([{ why: "link-lost", proven: false }]);
    rig.step.advance(3_600_000);
    expect(rig.status).toBe("undoing");
    expect(incidents(rig)).toContain("2.4 stop-unproven");
    rig.step.take();
    rig.openLink("boot-2", "gw-2");
    expect(calls(rig)).toEqual([`stop ${ORDER}-stop`]);
    rig.says("stop", "refused");
    rig.sees("idle");
    expect(failure(rig)).toMatchObject([{ why: "link-lost", proven: true }]);
  });
});

test("a link that comes back within the time is asked before anything is sent", () => {
  const rig = stage.starting();
  rig.loseLink();
  rig.linkGone("start");
  expect(calls(rig)).toEqual([]);
  rig.openLink();
  expect(calls(rig)).toEqual([`ask ask-1-${rig.step.v}`]);
  rig.sees("charging", { orderId: ORDER });
  rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
  expect(rig.status).toBe("charging");
});

test("a charge that the pile has proven counts as started though its report never came", () => {
  const rig = stage.starting();
  rig.step.advance(10_000);
  rig.sees("charging", { orderId: ORDER, registerWh: 1_000_050 });
  rig.step.advance(80_000);
  expect(rig.status).toBe("charging");
  const [told] = toldTo(rig.step.take());
  expect(told).toMatchObject({ type: "ConnectorStarted", registerWh: 1_000_000, txId: 1 });
});

test("a pile that said yes and never charged has failed after 90 s", () => {
  const rig = stage.starting();
  rig.says("start", "accepted");
  rig.step.advance(89_999);
  expect(rig.status).toBe("starting");
  rig.step.advance(1);
  expect(failure(rig)).toMatchObject([{ why: "device-silent", proven: false }]);
});

describe("a pile that refuses", () => {
  test("at once: proven, nothing to undo", () => {
    const rig = stage.starting();
    rig.says("start", "refused", { code: "busy" });
    expect(failure(rig)).toEqual([{
      type: "ConnectorStartFailed",
      why: "device-refused",
      cause: { code: "busy", by: "pile" },
      proven: true,
    }]);
    expect(rig.status).toBe("free");
  });

  test("after an unknown try is asked: it may be busy with this very order", () => {
    const rig = stage.starting();
    rig.unknown("start");
    rig.sees("idle");
    rig.says("start", "refused", { code: "busy" });
    rig.sees("charging", { orderId: ORDER });
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
  });
});

describe("a gun that is not in", () => {
  const waiting = () => {
    const rig = stage.starting();
    rig.plug(false);
    rig.says("start", "refused", { code: "unplugged" });
    return rig;
  };
  test("keeps the order starting, and goes on by itself when plugged", () => {
    const rig = waiting();
    expect(toldTo(rig.step.take())).toEqual([{ type: "ConnectorWaits", why: "unplugged" }]);
    rig.step.advance(30_000);
    rig.plug(true);
    expect(calls(rig)).toEqual([`ask ask-1-${rig.step.v}`]);
    rig.sees("plugged");
    expect(calls(rig)).toEqual([`start ${ORDER}-start`]);
    rig.says("start", "known", { code: "refused" }); // the pile repeats its old refusal
    expect(calls(rig)).toEqual([`start ${ORDER}-start-2`]);
    rig.says("start", "accepted");
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
    expect(incidents(rig)).toEqual([]);
  });
  test("goes on where the pile began by itself", () => {
    const rig = waiting();
    rig.plug(true);
    rig.sees("charging", { orderId: ORDER });
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
  });
  test("ends after 60 s, proven", () => {
    const rig = waiting();
    rig.step.take();
    rig.step.advance(60_000);
    expect(failure(rig)).toMatchObject([{ why: "unplugged", proven: true }]);
    expect(rig.status).toBe("free");
    rig.plug(true);
    expect(calls(rig)).toEqual([]); // no ending leads back to a start
  });
  test("at a pile that waits by itself: the driver is prompted, and the pile's report goes on", () => {
    const rig = stage.kept();
    rig.tell("ReportState", { state: "available" });
    rig.start();
    rig.says("start", "accepted");
    expect(toldTo(rig.step.take())).toEqual([{ type: "ConnectorWaits", why: "unplugged" }]);
    rig.step.advance(59_999);
    rig.tell("ReportState", { state: "preparing" });
    rig.step.advance(1);
    rig.tell("ReportStarted", { idTag: tagOf(ORDER), registerWh: 1_000_000 });
    expect(rig.status).toBe("charging");
  });
  test("at a pile that waits by itself, for 60 s: the start is undone", () => {
    const rig = stage.kept();
    rig.tell("ReportState", { state: "available" });
    rig.start();
    rig.says("start", "accepted");
    rig.step.advance(60_000);
    expect(failure(rig)).toMatchObject([{ why: "unplugged", proven: false }]);
    expect(rig.status).toBe("undoing");
  });
  test("and was put in while the answer was on its way: asked at once", () => {
    const rig = stage.starting();
    rig.plug(false);
    rig.plug(true);
    rig.says("start", "refused", { code: "unplugged" });
    rig.sees("plugged");
    expect(calls(rig).at(-1)).toBe(`start ${ORDER}-start`);
  });
});

describe("a late start", () => {
  const undoing = () => {
    const rig = stage.starting();
    rig.step.advance(90_000);
    rig.step.take();
    return rig;
  };
  test("under the tag of a failed order is nobody's bill, stopped, and proof when it ends", () => {
    const rig = undoing();
    rig.says("stop", "accepted");
    rig.sees("idle");
    expect(failure(rig)).toMatchObject([{ proven: true }]);
    const late = rig.tell("ReportStarted", { idTag: tagOf(ORDER), registerWh: 1_000_000 });
    expect(late.body).toEqual({ txId: 1, accepted: false, why: "invalid" });
    expect(calls(rig)).toEqual(["stop tx-1-stop"]);
    rig.step.at += 30_000;
    rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_400, reason: "remote" });
    expect(toldTo(rig.step.take())).toEqual([]);
    expect(rig.connector().unattributedWh).toBe(400);
    expect(incidents(rig)).toContain("2.4 late-start");
    expect(rig.status).toBe("occupied");
    rig.keep(OTHER, RIVAL); // the car is nobody's: whoever stands there may try again
    expect(rig.status).toBe("kept");
  });
  test("while it is being undone: its end is the proof that the order waits for", () => {
    const rig = undoing();
    rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000_000 });
    expect(failure(rig)).toEqual([]);
    rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_000_000, reason: "remote" });
    expect(failure(rig)).toMatchObject([{ why: "device-silent", proven: true }]);
  });
  test("of an unknown tag of ours, too", () => {
    const rig = stage.ready();
    const late = rig.tell("ReportStarted", { idTag: tagOf(OTHER), registerWh: 1_000_000 });
    expect(late.body).toMatchObject({ accepted: false });
    expect(rig.status).toBe("stopping");
  });
  test("in another order's start makes that one fail, and is stopped", () => {
    const rig = undoing();
    rig.says("stop", "accepted");
    rig.sees("idle");
    rig.keep(OTHER, RIVAL);
    rig.start(OTHER);
    rig.step.take();
    rig.tell("ReportStarted", { idTag: tagOf(ORDER), registerWh: 1_000_000 });
    const told = rig.step.take();
    expect(toldTo(told, OTHER)).toMatchObject([{ why: "device-refused", proven: false }]);
    rig.tell("ReportEnded", { txId: 1, registerWh: 1_000_010, reason: "remote" });
    const undo = rig.step.take();
    expect(toldTo(undo, OTHER)).toEqual([]);
    expect(commandsIn(undo).map(({ id }) => id)).toEqual([]); // the stop of the late one is under way
    rig.says("stop", "accepted", {}, "tx-1");
    rig.says("stop", "refused", {}, OTHER);
    rig.sees("plugged", {}, OTHER);
    expect(toldTo(rig.step.take(), OTHER)).toMatchObject([{ why: "device-refused", proven: true }]);
    expect(rig.connector().unattributedWh).toBe(10);
  });
  test("that the safeguard no longer catches runs on unseen (drill)", () => {
    const rig = undoing();
    rig.step.send({
      type: "ReportStarted",
      linkEpoch: rig.epoch(),
      connector: 1,
      deviceAt: rig.step.at,
      registerWh: 1_000_000,
      orderId: ORDER,
    }, { without: ["start.late-start-caught"] });
    expect(rig.status).toBe("charging");
    expect(incidents(rig)).not.toContain("2.4 late-start");
  });
});

test("a stop while starting fails the start and undoes it", () => {
  const rig = stage.starting();
  rig.stop();
  expect(failure(rig)).toMatchObject([{ why: "stopped", proven: false }]);
  rig.says("stop", "refused");
  rig.sees("plugged");
  expect(failure(rig)).toMatchObject([{ why: "stopped", proven: true }]);
  expect(rig.start().refusal?.code).toBe("pile.not-kept");
});

test("a fault while starting fails the start", () => {
  const rig = stage.starting();
  const cause = { code: "leakage", by: "pile" };
  rig.tell("ReportFault", { cause, severity: "critical" });
  expect(failure(rig)).toMatchObject([{ why: "fault", cause, proven: false }]);
});

test("without the safeguard a failed start is dropped unproven (drill)", () => {
  const rig = stage.starting();
  rig.step.send({ type: "TimerFired", name: "start/1" }, {
    principal: { kind: "system", id: "timer" },
    at: rig.step.at + 90_000,
    without: ["start.stop-until-proven"],
  });
  expect(failure(rig).map((told) => (told as unknown as { proven: boolean }).proven))
    .toEqual([false, true]);
  expect(rig.status).toBe("free");
});

test("without the safeguard a failed start is never stopped (drill)", () => {
  const rig = stage.starting();
  rig.unknown("start");
  rig.step.take();
  rig.step.send({ type: "TimerFired", name: "start/1" }, {
    principal: { kind: "system", id: "timer" },
    at: rig.step.at + 90_000,
    without: ["start.stop-until-proven"],
  });
  expect(calls(rig)).toEqual([]);
});

test("without the safeguard a silent pile is started again unasked (drill)", () => {
  const rig = stage.starting();
  const blind = {
    principal: { kind: "system" as const, id: "timer" },
    without: ["start.ask-before-resend" as const],
  };
  rig.step.send({ type: "TimerFired", name: "ask/1" }, { ...blind, at: rig.step.at + 10_000 });
  expect(calls(rig)).toEqual([]); // the first is still under way
  rig.unknown("start");
  expect(calls(rig)).toEqual([`start ${ORDER}-start`]);
});

test("tags are at most 20 characters, and differ", () => {
  const tags = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    tags.add(tagOf(`ord_test-${i}`));
    tags.add(tagOf(`ord_0000000000${String(i).padStart(16, "0")}`));
  }
  expect(tags.size).toBe(40_000);
  for (const tag of tags) if (!/^CW[0-9A-Z]{16}$/.test(tag)) throw new TypeError(tag);
  expect(newRig().step.v).toBe(0);
});
