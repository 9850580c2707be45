// A lock as rows: who may say what; a move from its order to its end, with every way that it can fail.
import { expect, test } from "vitest";
import type { Principal } from "../../wire/envelope.ts";
import { lockView } from "../../wire/lock.ts";
import { heardIn, LOCK, MAKER, maker, ops, ORDER, pilePrincipal, rigOf, standing } from "./rig.ts";

const elsewhere: Principal = {
  kind: "ops",
  id: "ops_2",
  roles: ["operator"],
  scope: ["stn_west1"],
};
const viewer: Principal = { kind: "ops", id: "ops_3", roles: ["viewer"] };
const otherPile: Principal = { kind: "actor", id: "pile/P200" };
const otherMaker: Principal = { kind: "provider", id: "lock/other" };
const move = { type: "MoveLock", to: "down", causeId: ORDER };
const report = { type: "ReportLock", state: "down", deviceAt: 1 };

test.each<[string, Record<string, unknown> & { type: string }, Principal, string]>([
  ["a move by a viewer", move, viewer, "auth.forbidden"],
  ["a move by ops of another station", move, elsewhere, "auth.forbidden"],
  ["a move by another pile", move, otherPile, "auth.forbidden"],
  ["rest by another pile", { type: "RestLock", causeId: ORDER }, otherPile, "auth.forbidden"],
  ["a report by another pile", report, otherPile, "auth.forbidden"],
  ["a maker's report of the pile's own lock", report, maker, "auth.forbidden"],
  [
    "another pile's answer",
    { type: "LockAnswered", op: "ask", n: 1, answer: { outcome: "none" } },
    otherPile,
    "auth.forbidden",
  ],
])("%s is refused", (_name, command, principal, code) => {
  expect(standing().step.send(command, { principal }).refusal?.code).toBe(code);
});

test("nothing is said to a lock that nobody made known", () => {
  const rig = rigOf();
  expect(rig.step.send(move).refusal?.code).toBe("lock.unknown");
  expect(rig.fit({ connector: 2 }).refusal?.code).toBe("command.malformed");
  expect(rig.step.read("show")).toMatchObject({ refused: { code: "lock.unknown" } });
});

test("a maker's report counts only of its own lock", () => {
  const rig = standing({ way: MAKER });
  const of = (principal: Principal, ref: string) =>
    rig.step.send({ ...report, deviceAt: rig.step.at, ref }, { principal }).refusal?.code;
  expect(of(otherMaker, "L-7")).toBe("auth.forbidden");
  expect(of(maker, "L-8")).toBe("auth.forbidden");
  expect(of(pilePrincipal, "L-7")).toBe("auth.forbidden");
  expect(of(maker, "L-7")).toBeUndefined();
  expect(rig.state.position).toBe("down");
});

test("made known it is asked where it stands, and its pile hears of it", () => {
  const rig = rigOf();
  const { effects, body } = rig.fit();
  expect(heardIn(effects)).toEqual(["ask"]);
  expect(body).toMatchObject({ id: LOCK, position: "unknown", rests: "down" });
  const seen = rig.says("up", { bay: "taken" });
  expect(seen.effects).toMatchObject([{ type: "NoteLock", body: { position: "up", fault: null } }]);
  expect(rig.state).toMatchObject({ position: "up", bay: "taken" });
});

test("a pile that is not there yet is asked again, until it is known where its lock stands", () => {
  const rig = rigOf();
  rig.fit();
  rig.silent("ask");
  rig.step.take();
  rig.step.advance(60_000);
  expect(heardIn(rig.step.take())).toEqual(["ask"]);
  rig.says("down");
  rig.step.advance(600_000);
  expect(heardIn(rig.step.take())).toEqual([]);
});

test("a move: ordered once, obeyed, told, done", () => {
  const rig = standing();
  expect(heardIn(rig.move("down").effects)).toEqual([`down ${LOCK}-m1`]);
  rig.accepts();
  rig.tells("moving");
  rig.tells("down");
  expect(rig.step.log.filter(({ type }) => type === "MoveEnded")).toEqual([
    { type: "MoveEnded", commandId: `${LOCK}-m1`, to: "down", outcome: "done" },
  ]);
  expect([...rig.step.timers.keys()]).toEqual([]);
  expect(rig.move("down").effects).toEqual([]); // it is there
});

test("no answer: asked before it is sent again, under the same id", () => {
  const rig = standing();
  rig.move("down");
  rig.step.take();
  expect(heardIn(rig.silent().effects)).toEqual(["ask"]);
  rig.says("up"); // it has not heard of it
  rig.step.take();
  rig.step.advance(3_000);
  expect(heardIn(rig.step.take())).toEqual([`down ${LOCK}-m1`]);
  rig.accepts();
  rig.tells("down");
  expect(rig.state).toMatchObject({ position: "down", fault: null, move: null });
});

test("done, but its answer was lost: the question finds it there", () => {
  const rig = standing();
  rig.move("down");
  rig.silent();
  rig.says("down");
  expect(rig.step.log.filter(({ type }) => type === "LockCalled")).toHaveLength(3); // with the fitting
  expect(rig.state).toMatchObject({ position: "down", move: null, fault: null });
});

test("it says yes and stays: a new id each time, three tries, then a fault with its reason", () => {
  const rig = standing();
  const heard = heardIn(rig.move("down").effects);
  for (let n = 0; n < 3; n++) {
    rig.accepts();
    rig.step.take();
    rig.step.advance(15_000);
    rig.says("up");
    rig.step.advance(3_000);
    heard.push(...heardIn(rig.step.take()));
  }
  expect(heard).toEqual([
    `down ${LOCK}-m1`,
    "ask",
    `down ${LOCK}-m1-2`,
    "ask",
    `down ${LOCK}-m1-3`,
    "ask",
  ]);
  expect(rig.state).toMatchObject({ fault: { code: "stuck", at: "up" }, move: null });
  expect(rig.step.log.at(-1)).toMatchObject({
    type: "IncidentRaised",
    row: "2.6",
    cause: "lock-stuck",
    outcome: "needs-person",
    facts: { pileId: "P100", connector: 1, to: "down", causeId: ORDER },
  });
});

test.each<[string, (rig: ReturnType<typeof standing>) => void, string, string | undefined]>([
  ["silent", () => {}, "silent", undefined],
  ["half-way", (rig) => (rig.accepts(), rig.tells("moving")), "half-way", undefined],
  ["accepted and never asked again with success", (rig) => rig.accepts(), "stuck", undefined],
])("its time is over while it is %s", (_name, before, code, raw) => {
  const rig = standing();
  rig.move("down");
  before(rig);
  rig.step.advance(60_000);
  expect(rig.state.fault).toMatchObject({ code, ...(raw === undefined ? {} : { raw }) });
  expect(rig.state.move).toBeNull();
  expect(rig.step.log).toContainEqual(
    expect.objectContaining({ type: "MoveEnded", outcome: "failed" }),
  );
});

test("it says no: tried again, then a fault with its own word", () => {
  const rig = standing();
  rig.move("down");
  for (let n = 0; n < 3; n++) {
    rig.refuses("motor");
    rig.step.advance(3_000);
  }
  expect(rig.state.fault).toMatchObject({ code: "refused", raw: "motor" });
});

test("it says itself that it is broken: a fault at once, even with nothing ordered", () => {
  const rig = standing();
  const { effects } = rig.tells("fault", { code: "motor" });
  expect(rig.state.fault).toMatchObject({ code: "told", raw: "motor" });
  const told = effects.find((effect) => effect.do === "tell");
  expect(told).toMatchObject({ type: "NoteLock", body: { fault: { code: "told", raw: "motor" } } });
  expect(rig.tells("fault", { code: "motor" }).events).toEqual([]);
});

test("a car in the bay: it does not rise, and that is no fault; it rises when the bay is empty", () => {
  const rig = standing({ rests: "up" }, "down");
  rig.tells("down", { bay: "empty" });
  rig.rest();
  rig.refuses("obstructed");
  expect(rig.state).toMatchObject({ fault: null, move: null, bay: "taken" });
  rig.step.take();
  expect(heardIn(rig.tells("down", { bay: "empty" }).effects)).toEqual([`up ${LOCK}-m2`]);
});

test.each(
  [
    ["rests down and is up: lowered", "down", "up", "empty", "down"],
    ["rests up over an empty bay: raised", "up", "down", "empty", "up"],
    ["rests up over a car: stays down", "up", "down", "taken", null],
    ["rests down and is down: nothing", "down", "down", "empty", null],
  ] as const,
)("nobody has the bay any more: %s", (_name, rests, at, bay, wanted) => {
  const rig = standing({ rests }, at);
  rig.tells(at, { bay });
  rig.step.take();
  const heard = heardIn(rig.rest().effects);
  expect(heard).toEqual(wanted === null ? [] : [`${wanted} ${LOCK}-m1`]);
});

test("left up after a cancelled order, silent then: it ends as it should once it speaks again", () => {
  const rig = standing();
  rig.move("down");
  rig.step.advance(60_000);
  expect(rig.state.fault?.code).toBe("silent");
  rig.rest();
  rig.step.take();
  rig.step.advance(60_000); // asked again
  expect(heardIn(rig.step.take())).toEqual(["ask"]);
  rig.says("up", { bay: "empty" });
  expect(rig.state.fault).toBeNull();
  expect(heardIn(rig.step.take())).toEqual([`down ${LOCK}-m2`]);
});

test("opened by hand: the fault is over, and it is left where it stands", () => {
  const rig = standing();
  rig.move("down");
  rig.step.advance(60_000);
  rig.tells("up"); // where nobody has seen it since: it answers again
  const rest = standing();
  rest.move("up", {}, { principal: ops });
  rest.step.advance(60_000);
  rest.step.take();
  rest.tells("down");
  expect(rest.state).toMatchObject({ position: "down", fault: null });
  expect(rest.step.log).toContainEqual({ type: "LockFaultCleared", by: "hand" });
});

test("ops are obeyed whatever it thinks of itself, with their reason on record", () => {
  const rig = standing({}, "down");
  const { events, effects } = rig.move("down", { reason: "车主被困" }, { principal: ops });
  expect(events).toContainEqual(expect.objectContaining({
    type: "MoveBegun",
    by: "ops",
    who: "ops_1",
    reason: "车主被困",
  }));
  expect(heardIn(effects)).toEqual([`down ${LOCK}-m1`]);
});

test("another move overtakes the one under way", () => {
  const rig = standing();
  rig.move("down");
  const { events } = rig.move("up");
  expect(events.filter(({ type }) => type === "MoveEnded")).toMatchObject([
    { commandId: `${LOCK}-m1`, outcome: "overtaken" },
  ]);
});

test("wanted for a time, it goes to its rest by itself", () => {
  const rig = standing({ rests: "up" });
  rig.move("down", { forMs: 100_000 });
  rig.accepts();
  rig.tells("down", { bay: "empty" });
  rig.step.take();
  rig.step.advance(100_000);
  expect(rig.step.log).toContainEqual({ type: "LockReleased", causeId: ORDER });
  expect(heardIn(rig.step.take())).toEqual([`up ${LOCK}-m2`]);
});

test("an older word changes nothing, an answer to an older question leads nowhere", () => {
  const rig = standing();
  rig.move("down");
  const { calls } = rig.state;
  rig.silent();
  rig.tells("down");
  rig.tells("up", { deviceAt: rig.step.at - 1_000 });
  expect(rig.state.position).toBe("down");
  expect(rig.step.log.at(-1)).toMatchObject({ type: "LateWord", state: "up" });
  expect(rig.accepts(calls).events).toEqual([
    { type: "LockReplied", op: "move", n: calls, outcome: "accepted" },
  ]);
});

test("shown to ops with its timeline, newest first, in the published shape", () => {
  const rig = standing({ way: MAKER });
  rig.move("down");
  const shown = rig.step.read("show");
  const view = lockView.parse("body" in shown ? shown.body : null);
  expect(view).toMatchObject({ moving: { to: "down", causeId: ORDER, tries: 1 } });
  expect(view.timeline.map(({ what }) => what).slice(0, 3)).toEqual([
    "LockCalled",
    "MoveBegun",
    "LockWished",
  ]);
});

const closeFor = (rig: ReturnType<typeof standing>, more = {}) =>
  rig.move("up", { causeId: "rsv_r0001", ...more });

test("for a reservation it closes over an empty bay only, else once the car has left", () => {
  const empty = standing({}, "down");
  expect(heardIn(closeFor(empty).effects)).toEqual([`up ${LOCK}-m1`]);
  const taken = standing({}, "down");
  taken.tells("down", { bay: "taken" });
  expect(heardIn(closeFor(taken).effects)).toEqual([]);
  expect(heardIn(taken.tells("down", { bay: "empty" }).effects)).toEqual([`up ${LOCK}-m1`]);
  const blind = rigOf();
  blind.fit();
  blind.says("down"); // it has not said what is above it
  expect(heardIn(closeFor(blind).effects)).toEqual(["ask"]);
  expect(heardIn(blind.says("down").effects)).toEqual([]);
  expect(heardIn(blind.says("down", { bay: "empty" }).effects)).toEqual([`up ${LOCK}-m1`]);
});

test("a car that comes under it while it closes is let stand until it has left", () => {
  const rig = standing({}, "down");
  closeFor(rig);
  rig.refuses("obstructed");
  expect(rig.state).toMatchObject({ move: null, fault: null, bay: "taken", wish: { to: "up" } });
  expect(heardIn(rig.tells("down", { bay: "empty" }).effects)).toEqual([`up ${LOCK}-m2`]);
});

test("reserved and opened by hand it is left so; opened by its holder it closes after a while", () => {
  const byHand = standing();
  closeFor(byHand);
  expect(heardIn(byHand.tells("down", { bay: "empty" }).effects)).toEqual([]);
  const rig = standing();
  closeFor(rig);
  const open = { causeId: "rsv_r0001", forMs: 60_000, after: "up" };
  expect(heardIn(rig.move("down", open).effects)).toEqual([`down ${LOCK}-m1`]);
  rig.accepts();
  rig.tells("down");
  rig.step.take();
  rig.step.advance(60_000);
  expect(heardIn(rig.step.take())).toEqual([`up ${LOCK}-m2`]);
  expect(rig.state.wish).toEqual({ to: "up", causeId: "rsv_r0001" });
});

test("broken while reserved it is not driven; well again it closes", () => {
  const rig = standing({}, "down");
  rig.tells("fault", { code: "motor" });
  rig.step.take();
  expect(heardIn(closeFor(rig).effects)).toEqual([]);
  expect(heardIn(rig.tells("down", { bay: "empty" }).effects)).toEqual([`up ${LOCK}-m1`]);
});
