// Promises of a pile as rows: asked, kept, locked, troubled, taken up, given back. What the reservation makes
// of them is told by actors/reservation.
import { expect, test } from "vitest";
import { chargingSettings } from "../../wire/settings.ts";
import { type Rig, RIVAL, stage, T0, USER } from "./rig.ts";
import { SLOTS_MAX } from "./slots.ts";

const R = "rsv_r0001";
const { reserveLinkMs } = chargingSettings.parse({});
const minutes = (n: number) => n * 60_000;
const by = (id = R) => ({ principal: { kind: "actor" as const, id: `reservation/${id}` } });
const slot = (more: Record<string, unknown> = {}) => ({
  reservationId: R,
  userId: USER,
  connector: 1,
  from: T0 + minutes(30),
  until: T0 + minutes(60),
  ...more,
});
const reserve = (rig: Rig, more: Record<string, unknown> = {}) => {
  const wanted = slot(more);
  return rig.step.send({ type: "ReserveConnector", ...wanted }, by(wanted.reservationId));
};
const typesOf = ({ events }: { events: { type: string }[] }) => events.map(({ type }) => type);
const toReservation = ({ effects }: { effects: readonly unknown[] }) =>
  (effects as { to?: { kind: string }; type: string; body: unknown }[])
    .filter(({ to }) => to?.kind === "reservation").map(({ type, body }) => [type, body]);

test("asking keeps nothing, reserving does, once", () => {
  const rig = stage.ready();
  const asked = rig.step.send({ type: "AskSlot", ...slot() }, by());
  expect(asked).toMatchObject({ body: { stationId: "stn_east1" }, events: [] });
  expect(reserve(rig).body).toEqual({ stationId: "stn_east1" });
  expect(typesOf(reserve(rig))).toEqual([]);
  expect(rig.state.slots).toMatchObject([{ lockFrom: T0 + minutes(25), locked: false }]);
  expect(rig.step.timers.get(`slot/${R}`)).toBe(T0 + minutes(25));
  expect(rig.step.read("reservation-rules")).toMatchObject({
    body: { connectors: [1, 2], taken: [{ connector: 1, from: "2026-03-02T02:30:00.000Z" }] },
  });
});

test.each([
  ["auth.forbidden", (rig: Rig) => rig.step.send({ type: "AskSlot", ...slot() }, by("rsv_x0001"))],
  ["auth.forbidden", (rig: Rig) => rig.step.send({ type: "ReleaseSlot", reservationId: R })],
  ["slot.taken", (rig: Rig) => (reserve(rig), reserve(rig, { reservationId: "rsv_x0001" }))],
  ["slot.taken", (rig: Rig) => (rig.keep("ord_walkin01", RIVAL), reserve(rig))],
  ["pile.offline", (rig: Rig) => (rig.loseLink(), reserve(rig))],
  ["pile.connector-unknown", (rig: Rig) => reserve(rig, { connector: 7 })],
])("refused: %s", (code, act) => {
  expect(act(stage.ready()).refusal?.code).toBe(code);
});

test("promises are bounded", () => {
  const rig = stage.ready();
  const window = (i: number) => ({
    reservationId: `rsv_n${String(i).padStart(4, "0")}`,
    from: T0 + minutes(30 * i),
    until: T0 + minutes(30 * i + 15),
  });
  for (let i = 0; i < SLOTS_MAX; i++) expect(reserve(rig, window(i)).ok).toBe(true);
  expect(reserve(rig, window(SLOTS_MAX)).refusal?.code).toBe("overloaded");
});

test("a lock begins: the connector shows it, others find it reserved, its user too", () => {
  const rig = stage.ready();
  reserve(rig);
  rig.step.advance(minutes(25));
  expect(rig.step.read("show")).toMatchObject({
    body: { connectors: [{ status: "reserved" }, {}] },
  });
  expect(rig.keep("ord_walkin01", RIVAL).refusal).toEqual({
    code: "pile.reserved",
    facts: { connector: 1, until: T0 + minutes(60) },
  });
  expect(rig.keep("ord_walkin02", USER).refusal?.facts).toMatchObject({ reservationId: R });
  const keep = { type: "KeepConnector", connector: 1, tariffVersion: "tv_1" };
  const mine = { ...keep, orderId: "ord_mine0001", userId: USER, reservationId: R };
  const order = (id: string) => ({ principal: { kind: "actor" as const, id: `order/${id}` } });
  expect(rig.step.send({ ...mine, userId: RIVAL }, order("ord_mine0001")).refusal?.code)
    .toBe("pile.reserved");
  expect(
    rig.step.send({ ...mine, reservationId: "rsv_x0001" }, order("ord_mine0001")).refusal?.code,
  )
    .toBe("reservation.over");
  expect(typesOf(rig.step.send(mine, order("ord_mine0001")))).toEqual([
    "ConnectorKept",
    "SlotTaken",
  ]);
  const back = { type: "LetConnectorGo", orderId: "ord_mine0001", connector: 1 };
  expect(typesOf(rig.step.send(back, order("ord_mine0001"))))
    .toEqual(["ConnectorLetGo", "SlotOpened"]);
});

test("before its lock the promise is not there for others; its user comes too early", () => {
  const rig = stage.ready();
  reserve(rig);
  const mine = { orderId: "ord_mine0001", userId: USER, connector: 1, tariffVersion: "tv_1" };
  const early = rig.step.send({ type: "KeepConnector", ...mine, reservationId: R }, {
    principal: { kind: "actor", id: "order/ord_mine0001" },
  });
  expect(early.refusal).toEqual({
    code: "reservation.too-early",
    facts: { lockFrom: T0 + minutes(25) },
  });
  expect(rig.keep("ord_walkin01", RIVAL).ok).toBe(true);
});

test("trouble is told once: at the lock, by a fault, by ops, by a lost link", () => {
  const occupied = stage.ready();
  reserve(occupied);
  occupied.keep("ord_walkin01", RIVAL);
  occupied.start("ord_walkin01");
  const [step] = occupied.step.advance(minutes(25)).filter(({ events }) =>
    events.some(({ type }) => type === "SlotLocked")
  );
  expect(typesOf(step!)).toEqual(["SlotLocked", "SlotTroubled", "IncidentRaised"]);
  expect(toReservation(step!)).toEqual([["SlotTroubled", { why: "pile.occupied" }]]);

  const faulted = stage.ready();
  reserve(faulted);
  const fault = { cause: { code: "E01", by: "pile" }, severity: "critical" };
  const told = faulted.tell("ReportFault", fault);
  expect(toReservation(told)).toEqual([["SlotTroubled", { why: "pile.faulted" }]]);
  expect(toReservation(faulted.tell("ReportFault", { ...fault, connector: 2 }))).toEqual([]);
  const end = faulted.step.send({ type: "ReleaseSlot", reservationId: R }, by());
  expect(end.body).toEqual({ trouble: "pile.faulted", used: null });
  expect(faulted.state.slots).toEqual([]);
  expect(faulted.step.send({ type: "ReleaseSlot", reservationId: R }, by()).body)
    .toEqual({ trouble: null, used: null });
});

test("a link that is away for long is trouble while it is locked; a flap is none", () => {
  const missing = [["SlotTroubled", { why: "pile.offline" }]];
  const told = (rig: Rig, ms: number) => rig.step.advance(ms).flatMap(toReservation);
  const rig = stage.ready();
  reserve(rig);
  rig.loseLink();
  expect(told(rig, minutes(24))).toEqual([]); // it may be back before anybody comes
  rig.openLink("boot-2");
  rig.step.advance(minutes(1));
  for (let flap = 0; flap < 3; flap++) {
    rig.loseLink();
    expect(told(rig, reserveLinkMs - 1)).toEqual([]);
    rig.openLink("boot-2");
    expect(told(rig, 1)).toEqual([]);
  }
  rig.loseLink();
  expect(told(rig, reserveLinkMs - 1)).toEqual([]);
  expect(told(rig, 1)).toEqual(missing);
  rig.openLink("boot-2");
  rig.loseLink();
  expect(told(rig, minutes(5))).toEqual([]); // told once

  const locks = stage.ready();
  reserve(locks);
  locks.step.advance(minutes(25) - 1_000);
  locks.loseLink();
  expect(told(locks, reserveLinkMs - 1)).toEqual([]);
  expect(told(locks, 1)).toEqual(missing);

  const long = stage.ready();
  reserve(long);
  long.loseLink();
  expect(told(long, minutes(25) - 1)).toEqual([]);
  expect(told(long, 1)).toEqual(missing);
});

test("a link that goes while a start is authorised is missed once that came to nothing", () => {
  const rig = stage.ready();
  reserve(rig, { from: rig.step.at });
  rig.step.send({
    type: "KeepConnector",
    reservationId: R,
    orderId: "ord_reserved1",
    userId: USER,
    connector: 1,
    tariffVersion: "tv_1",
  }, { principal: { kind: "actor", id: "order/ord_reserved1" } });
  rig.loseLink();
  rig.step.advance(1_000);
  rig.letGo("ord_reserved1");
  const later = rig.step.advance(reserveLinkMs - 1_000).flatMap(toReservation);
  expect(later).toEqual([["SlotTroubled", { why: "pile.offline" }]]);
});

test("a pile without promises goes on as ever", () => {
  const rig = stage.ready();
  rig.keep();
  expect(rig.state.slots).toBeUndefined();
});
