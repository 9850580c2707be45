// The lock of a reserved bay: closed for its holder when the slot locks, opened by nobody else, and where it
// belongs once the reservation has ended, however it ended.
import { expect, test } from "vitest";
import type { Principal } from "../../wire/envelope.ts";
import { newRig, ORDER, PILE, type Rig, RIVAL, T0, toldTo, USER } from "./rig.ts";

const R = "rsv_r0001";
const LOCK = `${PILE}-1`;
const minutes = (n: number) => n * 60_000;
type Body = Record<string, unknown>;
const reservation: Principal = { kind: "actor", id: `reservation/${R}` };
const driver = (id: string): Principal => ({ kind: "driver", id });

const note = (rig: Rig, more: Body = {}) =>
  rig.step.send({
    type: "NoteLock",
    connector: 1,
    form: "ground-lock",
    position: "down",
    fault: null,
    ...more,
  }, { principal: { kind: "actor", id: `lock/${LOCK}` } });
/** Reserved from now on for half an hour, or later, at a bay whose lock was down over no car. */
function reserved(from = T0): Rig {
  const rig = newRig();
  rig.register();
  rig.setTariff();
  rig.openLink();
  rig.tell("ReportMeter", { registerWh: 1_000 });
  note(rig);
  rig.step.take();
  const slot = { reservationId: R, userId: USER, connector: 1, from, until: from + minutes(30) };
  rig.step.send({ type: "ReserveConnector", ...slot }, { principal: reservation });
  return rig;
}
const asked = (rig: Rig) =>
  toldTo(rig.step.take(), LOCK).map(({ type, ...body }) => [type, body] as const);
const lower = (rig: Rig, who = USER) =>
  rig.step.send({ type: "LowerLock", connector: 1 }, { principal: driver(who) });
const release = (rig: Rig) =>
  rig.step.send({ type: "ReleaseSlot", reservationId: R }, { principal: reservation });
/** Its holder starts. */
function starts(rig: Rig): void {
  const keep = { orderId: ORDER, userId: USER, connector: 1, tariffVersion: "tv_1" };
  rig.step.send({ type: "KeepConnector", ...keep, reservationId: R }, {
    principal: { kind: "actor", id: `order/${ORDER}` },
  });
  rig.start();
}
const CLOSED = ["MoveLock", { to: "up", causeId: R }];
const OPENED = ["MoveLock", { to: "down", causeId: R, forMs: 300_000, after: "up" }];

test("it closes when the slot locks, not when it is reserved; released it goes to its rest", () => {
  const rig = reserved(T0 + minutes(30));
  rig.step.advance(minutes(20));
  expect(asked(rig)).toEqual([]);
  rig.step.advance(minutes(5));
  expect(asked(rig)).toEqual([CLOSED]);
  note(rig, { position: "up" });
  expect(asked(rig)).toEqual([]); // once
  release(rig);
  expect(asked(rig)).toEqual([["RestLock", { causeId: R }]]);
});

test("reserved from now on it closes at once", () => {
  expect(asked(reserved())).toEqual([CLOSED]);
});

test("nobody but its holder opens it; it closes again if they do not start", () => {
  const rig = reserved();
  note(rig, { position: "up" });
  asked(rig);
  expect(lower(rig, RIVAL).refusal).toEqual({
    code: "pile.reserved",
    facts: { connector: 1, until: T0 + minutes(30) },
  });
  expect(lower(rig).ok).toBe(true);
  expect(asked(rig)).toEqual([OPENED]);
  rig.plug(false); // other news do not take it back
  note(rig);
  expect(asked(rig)).toEqual([]);
  expect(lower(rig).ok).toBe(true); // once more
  expect(asked(rig)).toEqual([OPENED]);
  release(rig); // no lock outlives its reservation, nor stays open for it
  expect(asked(rig)).toEqual([["RestLock", { causeId: R }]]);
});

test("a stranger's opening before the slot locks does not last into it", () => {
  const rig = reserved(T0 + minutes(30));
  rig.step.advance(minutes(24));
  expect(lower(rig, RIVAL).ok).toBe(true);
  asked(rig);
  rig.step.advance(minutes(1));
  expect(asked(rig)).toEqual([CLOSED]);
});

test("its holder's start opens it; it stays open while they charge, and rests when they have gone", () => {
  const rig = reserved();
  note(rig, { position: "up" });
  asked(rig);
  starts(rig);
  expect(asked(rig)).toEqual([["MoveLock", { to: "down", causeId: ORDER }]]);
  note(rig);
  rig.plug();
  rig.tell("ReportStarted", { orderId: ORDER, registerWh: 1_000 });
  expect(rig.state.slots).toMatchObject([{ used: ORDER }]);
  release(rig); // the reservation is fulfilled
  expect(asked(rig)).toEqual([]);
  rig.tell("ReportEnded", { orderId: ORDER, registerWh: 1_200, reason: "local" });
  rig.plug(false);
  expect(asked(rig)).toEqual([["RestLock", { causeId: ORDER }]]);
});

test("a start that fails by the pile closes it again for the holder; by theirs it is over", () => {
  const rig = reserved();
  starts(rig);
  asked(rig);
  rig.says("start", "refused", { code: "internal" });
  expect(rig.state.slots).toMatchObject([{ restored: true }]);
  expect(asked(rig)).toEqual([CLOSED]);

  const theirs = reserved();
  starts(theirs);
  asked(theirs);
  theirs.says("start", "refused", { code: "unplugged" });
  theirs.step.advance(minutes(1)); // nobody plugs in
  expect(theirs.state.slots).toEqual([]);
  expect(asked(theirs)).toEqual([["RestLock", { causeId: ORDER }]]);
});

const stuck = { code: "stuck", since: "2026-03-02T02:00:00.000Z" };
const troubles = (rig: Rig) => toldTo(rig.step.take(), R);

test("it breaks while reserved: its reservation is told of the trouble, once", () => {
  const rig = reserved();
  asked(rig);
  note(rig, { fault: stuck });
  expect(troubles(rig)).toEqual([{ type: "SlotTroubled", why: "pile.gate-fault" }]);
  note(rig, { fault: { ...stuck, code: "silent" } });
  expect(troubles(rig)).toEqual([]);
  expect(rig.step.read("show")).toMatchObject({
    body: { connectors: [{ status: "faulted" }, {}] },
  });
  expect(release(rig).body).toEqual({ trouble: "pile.gate-fault", used: null });
});

test("it breaks before the slot locks: it may obey again, and is trouble only if it does not", () => {
  const rig = reserved(T0 + minutes(30));
  note(rig, { fault: stuck });
  expect(troubles(rig)).toEqual([]);
  rig.step.advance(minutes(25));
  expect(troubles(rig)).toEqual([{ type: "SlotTroubled", why: "pile.gate-fault" }]);
});
