// The lock of a bay as its pile has it: what the connector's use asks of it, its words both ways, the
// connector closed for its fault with the reason, and who is told.
import { expect, test } from "vitest";
import type { Principal } from "../../wire/envelope.ts";
import { pileView } from "../../wire/pile.ts";
import {
  innerPrincipal,
  newRig,
  ORDER,
  PILE,
  type Rig,
  RIVAL,
  stage,
  toldTo,
  USER,
} from "./rig.ts";

const LOCK = `${PILE}-1`;
const lockPrincipal: Principal = { kind: "actor", id: `lock/${LOCK}` };
const anna: Principal = { kind: "driver", id: USER };
const SINCE = "2026-03-02T02:00:00.000Z";
const stuck = { code: "stuck", since: SINCE };

type Body = Record<string, unknown>;
const note = (rig: Rig, more: Body = {}, principal = lockPrincipal) =>
  rig.step.send({
    type: "NoteLock",
    connector: 1,
    form: "ground-lock",
    position: "up",
    fault: null,
    ...more,
  }, { principal });
/** Online, priced, behind a lock that is up; no car. */
function behindLock(): Rig {
  const rig = newRig();
  rig.register();
  rig.setTariff();
  rig.openLink();
  rig.plug(false);
  rig.tell("ReportMeter", { registerWh: 1_000 });
  note(rig);
  rig.step.take();
  return rig;
}
const toLock = (effects: readonly unknown[]) =>
  toldTo(effects, LOCK).map(({ type, ...body }) => [type, body] as const);
const lower = (rig: Rig, principal = anna) =>
  rig.step.send({ type: "LowerLock", connector: 1 }, { principal });

test("only its own lock speaks for a bay", () => {
  const rig = behindLock();
  const other: Principal = { kind: "actor", id: `lock/${PILE}-2` };
  expect(note(rig, {}, other).refusal?.code).toBe("auth.forbidden");
  expect(note(rig).events).toEqual([]); // told twice it is the same
});

test("behind a lock no gun can be in yet: the order is taken, and the lock goes down by itself", () => {
  const rig = behindLock();
  expect(rig.keep().ok).toBe(true);
  expect(toLock(rig.step.take())).toEqual([]); // not before the order is durable
  rig.start();
  expect(toLock(rig.step.take())).toEqual([["MoveLock", { to: "down", causeId: ORDER }]]);
  note(rig, { position: "down" });
  rig.says("start", "refused", { code: "unplugged" });
  expect(rig.connector().use).toMatchObject({ status: "starting", step: "waits-plug" });
});

test("once it is down, a gun that is not in is known as ever", () => {
  const rig = behindLock();
  note(rig, { position: "down" });
  expect(rig.keep().refusal?.code).toBe("pile.unplugged");
});

test("a start that comes to nothing leaves the bay to its rest", () => {
  const rig = behindLock();
  rig.keep();
  rig.start();
  rig.says("start", "refused", { code: "unplugged" });
  rig.step.take();
  rig.step.advance(60_000); // nobody plugs in
  expect(rig.status).toBe("free");
  expect(toLock(rig.step.take())).toEqual([["RestLock", { causeId: ORDER }]]);
});

test("after a charge the bay is left to its rest when the gun is back, not before", () => {
  const rig = behindLock();
  rig.keep();
  rig.start();
  note(rig, { position: "down" });
  rig.plug();
  rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000 });
  rig.step.take();
  rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_200, reason: "local" });
  expect(rig.status).toBe("occupied");
  expect(toLock(rig.step.take())).toEqual([]);
  rig.plug(false);
  expect(toLock(rig.step.take())).toEqual([["RestLock", { causeId: ORDER }]]);
});

test("a fault closes the connector with its reason and whom to call; over, it is open again", () => {
  const rig = behindLock();
  note(rig, { fault: stuck });
  const refusal = rig.keep().refusal;
  expect(refusal).toEqual({
    code: "pile.gate-fault",
    facts: {
      connector: 1,
      form: "ground-lock",
      position: "up",
      code: "stuck",
      since: SINCE,
      phone: "400 800",
    },
  });
  const shown = rig.step.read("show");
  const view = pileView.parse("body" in shown ? shown.body : null);
  expect(view.connectors[0]).toMatchObject({ status: "faulted", lock: { fault: stuck } });
  expect(view.connectors[1]!.status).toBe("free");
  const quote = rig.step.read("quote", { connector: 1 });
  expect(quote).toMatchObject({ body: { startable: false, why: "pile.gate-fault" } });
  note(rig, { position: "down" });
  rig.plug();
  expect(rig.keep().ok).toBe(true);
});

test("it breaks while an order waits behind it: the start is over at once, and the driver is told", () => {
  const rig = behindLock();
  rig.keep();
  rig.start();
  rig.says("start", "refused", { code: "unplugged" });
  rig.step.take();
  note(rig, { fault: stuck });
  const effects = rig.step.take();
  expect(effects).toContainEqual(expect.objectContaining({
    do: "call",
    port: "notify",
    body: {
      tenant: "main",
      userId: USER,
      code: "lock.fault",
      facts: expect.objectContaining({ orderId: ORDER, phone: "400 800", form: "ground-lock" }),
    },
  }));
  expect(toldTo(effects)).toMatchObject([
    { type: "ConnectorStartFailed", why: "fault", cause: { code: "lock:fault", raw: "stuck" } },
  ]);
  note(rig, { fault: { ...stuck, code: "silent" } });
  expect(rig.step.take().filter(({ do: kind }) => kind === "call")).toEqual([]); // told once
});

test("a car that is in already charges on, whatever the lock says", () => {
  const rig = stage.charging();
  note(rig, { fault: stuck });
  expect(rig.status).toBe("charging");
});

test("a driver in front of it opens it for a while, and is told when it does not open", () => {
  const rig = behindLock();
  lower(rig);
  expect(toLock(rig.step.take())).toEqual([
    ["MoveLock", { to: "down", causeId: USER, forMs: 300_000 }],
  ]);
  rig.plug(); // other news do not take it back
  expect(toLock(rig.step.take())).toEqual([]);
  note(rig, { fault: stuck });
  expect(rig.step.take()).toContainEqual(expect.objectContaining({ port: "notify" }));
  const late = behindLock();
  lower(late);
  late.step.advance(400_000);
  late.step.take();
  note(late, { fault: stuck });
  expect(late.step.take()).toEqual([]);
});

test("nobody opens another's bay, or one without a lock", () => {
  const rig = behindLock();
  rig.keep(ORDER, RIVAL);
  expect(lower(rig).refusal?.code).toBe("pile.occupied");
  expect(lower(rig, { kind: "driver", id: RIVAL }).ok).toBe(true);
  expect(lower(stage.ready()).refusal?.code).toBe("lock.unknown");
});

const drive = (rig: Rig, more: Body) =>
  rig.step.send({ type: "DriveLock", connector: 1, ...more }, { principal: lockPrincipal });

test("its orders and questions go over the pile's link, and the answers come back", () => {
  const rig = behindLock();
  const order = { op: "move", n: 3, id: `${LOCK}-m1`, to: "down" };
  const { effects } = drive(rig, order);
  expect(effects).toMatchObject([{
    do: "call",
    port: "device",
    body: { command: { kind: "lock", id: `${LOCK}-m1`, connector: 1, to: "down" } },
    onReply: "LockDeviceAnswered",
    ref: { connector: 1, op: "move", n: 3 },
  }]);
  const answered = (op: string, answer: Body) =>
    toLock(
      rig.step.send({ type: "LockDeviceAnswered", ref: { connector: 1, op, n: 3 }, answer }, {
        principal: innerPrincipal,
      }).effects,
    )[0]?.[1];
  const good = (body: Body) => ({ ok: true, body });
  expect(answered("move", good({ outcome: "accepted" })))
    .toEqual({ op: "move", n: 3, answer: { outcome: "accepted" } });
  expect(answered("move", good({ outcome: "known", code: "refused" })))
    .toMatchObject({ answer: { outcome: "refused", code: "refused" } });
  expect(answered("move", { ok: false, refusal: { code: "outcome.unknown", facts: {} } }))
    .toMatchObject({ answer: { outcome: "none" } });
  const row = { no: 1, state: "idle", lock: { state: "down", bay: "empty" } };
  expect(answered("ask", good({ outcome: "told", connectors: [row] })))
    .toMatchObject({ answer: { outcome: "told", seen: { state: "down", bay: "empty" } } });
  expect(answered("ask", good({ outcome: "told", connectors: [{ no: 1, state: "idle" }] })))
    .toMatchObject({ answer: { outcome: "none" } });
});

test("without a link there is no answer; what the pile tells of its lock is handed on in order", () => {
  const rig = behindLock();
  rig.tell("ReportLock", { seen: { state: "down", bay: "taken" } });
  expect(toLock(rig.step.take())).toMatchObject([["ReportLock", { state: "down", bay: "taken" }]]);
  rig.loseLink();
  rig.step.take();
  drive(rig, { op: "ask", n: 4 });
  expect(toLock(rig.step.take())).toEqual([
    ["LockAnswered", { op: "ask", n: 4, answer: { outcome: "none" } }],
  ]);
});

test("after a charge its order hears that we are in the way while the lock is broken", () => {
  const rig = stage.charging();
  note(rig);
  rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_000_200, reason: "local" });
  const told = () =>
    toldTo(rig.step.take()).flatMap((word) => word.type === "BayTold" ? [word] : []);
  expect(told()).toMatchObject([{ what: "taken" }]);
  note(rig, { fault: stuck });
  expect(told()).toMatchObject([{ what: "blocked", why: "faulted" }]);
  note(rig);
  expect(told()).toMatchObject([{ what: "opened" }]);
});
