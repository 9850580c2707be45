// How a reservation ends, with the real pile, wallet, order and user: cancelled, fulfilled, no-show, and what
// the pile's own faults make of it. Each row: given, when, then.
import { expect, test } from "vitest";
import { no, ok, ORDER, PILE, USER } from "../../test/kit/charge-town.ts";
import { minutes, refusedWith, ReserveTown, RSV } from "../../test/kit/reserve-town.ts";

const BORIS = "usr_boris001";
const CHARGE = "ord_01kreserved0aaaabbbbccccddd";
const AGAIN = "ord_01kreserved0aaaabbbbcccceee";
const SECOND = "rsv_01kreserve0zzzzbbbbccccdddd";

/** Reserved from now on for half an hour, with that much in the wallet before. */
function reserved(fen = 10_000) {
  const here = new ReserveTown().person(fen).person(10_000, BORIS);
  here.reserve();
  return here;
}
const deposit = (here: ReserveTown) => here.walletOf().deposits?.[RSV];

test("a cancel is free until ten minutes before the end, then it costs", () => {
  const here = reserved();
  expect(here.cost()).toMatchObject({ costVersion: "0-2000", feeFen: 0, refundFen: 2_000 });
  here.advance(minutes(20));
  expect(here.cost()).toEqual({ costVersion: "500-1500", feeFen: 500, refundFen: 1_500 });
  expect(here.cancel("0-2000")).toMatchObject({
    ok: false,
    refusal: { code: "reservation.cost-changed", facts: { costVersion: "500-1500", feeFen: 500 } },
  });
  expect(here.cancel()).toMatchObject({ ok: true, body: { status: "cancelled", feeFen: 500 } });
  expect(here.balanceFen).toBe(9_500);
  expect(here.book()).toMatchObject({ "revenue:reservation": -500, [`deposit:${RSV}`]: 0 });
  expect(here.slots).toEqual([]);
  expect(here.notices()).toEqual(["reservation.confirmed", "reservation.cancelled"]);
  expect(here.cancel("500-1500")).toMatchObject({ ok: true, body: { status: "cancelled" } });
  expect(here.reserve({}, SECOND)?.ok).toBe(true);
  here.advance(minutes(60));
  expect(here.reserved().status).toBe("cancelled");
});

test("a start is a new order; the deposit comes back in the posting of its hold", () => {
  const here = reserved(6_600); // the hold needs all of it: 4,600 are free
  const reply = here.begin();
  expect(reply).toMatchObject({
    ok: true,
    body: {
      reservation: { status: "fulfilled", orderId: CHARGE, feeFen: 0, refundFen: 2_000 },
      order: { id: CHARGE, status: "starting", reservationId: RSV },
    },
  });
  const placed = here.events("wallet", USER).find(({ type }) => type === "HoldPlaced");
  expect(placed).toMatchObject({ orderId: CHARGE, deposit: { reservationId: RSV, fen: 2_000 } });
  expect(here.types("wallet", USER)).not.toContain("DepositSettled");
  expect(here.balanceFen).toBe(0);
  here.fact("ReportStarted", { registerWh: 5_000, orderId: CHARGE });
  expect(here.slots).toEqual([]);
  expect(here.types("user", USER)).toContain("ReservationClosed");
  here.advance(minutes(120));
  expect(here.reserved().status).toBe("fulfilled");
  expect(here.types("reservation", RSV)).not.toContain("NoShowRecorded");
});

test("a refused hold leaves it as it was, and it may be tried again", () => {
  const here = reserved(6_599);
  expect(here.begin()).toMatchObject({ ok: false, refusal: { code: "wallet.balance-too-low" } });
  expect(here.reserved()).toMatchObject({
    status: "reserved",
    next: ["start", "cancel", "appeal", "help"],
  });
  expect(deposit(here)).toMatchObject({ status: "held", fen: 2_000 });
  expect(here.slots).toMatchObject([{ orderId: null, locked: true }]);
  expect(here.begin({ limit: { moneyFen: 2_000 } }, AGAIN)?.ok).toBe(true);
});

test.each([
  ["reservation.other-pile", 10, { pileId: "P0002" }],
  ["reservation.other-pile", 10, { connector: 2 }],
  ["order.price-changed", 10, { tariffVersion: "tv_0" }],
  ["start.too-old", 10, { ageMs: 60_001 }],
  ["reservation.over", 30, {}],
])("%s after %i minutes: nothing changes", (code, after, more) => {
  const here = reserved();
  here.device["start"] = () => null;
  here.advance(minutes(after) - (after === 30 ? 1 : 0));
  if (after === 30) here.at += 1; // the timer is late
  const before = here.reserved();
  const reply = here.begin(more);
  expect(refusedWith(reply)).toBe(code);
  expect({ ...here.reserved(), v: 0 }).toEqual({ ...before, v: 0 });
  expect(deposit(here)).toMatchObject({ status: "held" });
});

test("another pile scanned: told which pile is theirs", () => {
  expect(reserved().begin({ pileId: "P0002" })).toMatchObject({
    refusal: { facts: { pileId: PILE, connector: 1 } },
  });
});

test("too early, or not theirs", () => {
  const here = new ReserveTown().person(10_000).person(10_000, BORIS);
  here.reserve({ from: here.at + minutes(10) });
  expect(refusedWith(here.begin())).toBe("reservation.too-early");
  expect(refusedWith(here.begin({}, AGAIN, RSV, BORIS))).toBe("reservation.unknown");
  here.advance(minutes(5));
  expect(here.begin({}, AGAIN)?.ok).toBe(true);
});

test("not started in time: cancelled by itself, fee taken, rest returned, told, counted", () => {
  const here = reserved();
  here.advance(minutes(30) - 1);
  expect(here.reserved().status).toBe("reserved");
  here.advance(1);
  expect(here.reserved()).toMatchObject({ status: "no-show", feeFen: 2_000, refundFen: 0 });
  expect(here.balanceFen).toBe(8_000);
  expect(here.book()).toMatchObject({ "revenue:reservation": -2_000 });
  expect(here.slots).toEqual([]);
  expect(here.notices()).toEqual(["reservation.confirmed", "reservation.no-show"]);
  expect(here.incidents()).toContain("1.5 no-show handled");
  expect(here.read({ kind: "user", id: USER }, "show", { kind: "driver", id: USER }))
    .toMatchObject({ body: { noShows: 1, openReservations: [] } });
  for (const command of ["CancelReservation", "StartReserved"] as const) {
    const reply = command === "StartReserved" ? here.begin() : here.cancel("0-2000");
    expect(refusedWith(reply)).toBe("reservation.over");
  }
});

test("the third no-show within 30 days suspends reserving for 7 days, and it is shown", () => {
  const here = new ReserveTown().person(20_000);
  const day = minutes(24 * 60);
  for (let i = 0; i < 3; i++) {
    expect(here.reserve({}, `rsv_0miss${i}`)?.ok).toBe(true);
    here.advance(i === 2 ? minutes(30) : 9 * day);
  }
  expect(here.notices().filter((code) => code === "reservation.suspended")).toHaveLength(1);
  const refused = here.reserve({}, "rsv_0miss4");
  expect(refusedWith(refused)).toBe("reservation.suspended");
  const show = () => here.read({ kind: "user", id: USER }, "show", { kind: "driver", id: USER });
  expect(show()).toMatchObject({ body: { noShows: 3, reservingFrom: expect.any(String) } });
  here.advance(7 * day - 1);
  expect(refusedWith(here.reserve({}, "rsv_0miss5"))).toBe("reservation.suspended");
  here.advance(1);
  expect(here.reserve({}, "rsv_0miss6")?.ok).toBe(true);
  expect(show()).toMatchObject({ body: { noShows: 3 } });
});

test("no-shows further apart than 30 days do not add up", () => {
  const here = new ReserveTown().person(20_000);
  for (let i = 0; i < 4; i++) {
    expect(here.reserve({}, `rsv_0rare${i}`)?.ok).toBe(true);
    here.advance(minutes(16 * 24 * 60));
  }
  expect(here.types("user", USER)).not.toContain("ReservingSuspended");
});

test.each([
  ["ReportFault", { cause: { code: "E01", by: "pile" }, severity: "critical" }, "pile.faulted"],
])("the pile faults: told, a cancel is free, never a no-show", (type, body, why) => {
  const here = reserved();
  here.advance(minutes(25));
  here.fact(type, body);
  expect(here.reserved()).toMatchObject({ status: "reserved", trouble: why });
  expect(here.notices()).toContain("reservation.trouble");
  expect(here.incidents()).toContain(`flow-b ${why} handled`);
  expect(here.cost()).toEqual({ costVersion: "0-2000", feeFen: 0, refundFen: 2_000, trouble: why });
  here.advance(minutes(5));
  expect(here.reserved()).toMatchObject({ status: "cancelled", why, refundFen: 2_000 });
  expect(here.balanceFen).toBe(10_000);
  expect(here.types("user", USER)).not.toContain("NoShowRecorded");
  expect(here.read({ kind: "user", id: USER }, "show", { kind: "driver", id: USER }))
    .toMatchObject({ body: { noShows: 0 } });
});

test("the pile goes offline while it is locked; before that its link is its own matter", () => {
  const here = new ReserveTown().person(10_000);
  here.reserve({ from: here.at + minutes(60) });
  here.loseLink();
  expect(here.reserved().trouble).toBeUndefined();
  here.openLink();
  here.advance(minutes(55));
  expect(here.reserved().trouble).toBeUndefined();
  here.loseLink();
  here.advance(29_000);
  here.openLink();
  here.advance(minutes(10));
  expect(here.reserved().trouble).toBeUndefined(); // a flap
  here.loseLink();
  here.advance(30_000);
  expect(here.reserved().trouble).toBe("pile.offline");
});

test("a flap of the link makes no cancel free, and nobody who stayed away innocent", () => {
  const here = new ReserveTown().person(10_000);
  here.reserve();
  here.advance(minutes(25));
  here.loseLink();
  here.advance(10_000);
  expect(here.cost()).toMatchObject({ feeFen: 500, refundFen: 1_500 });
  here.openLink();
  here.advance(minutes(5));
  expect(here.reserved()).toMatchObject({ status: "no-show", feeFen: 2_000 });
});

test("still occupied when the lock begins: told, all comes back", () => {
  const here = new ReserveTown().person(10_000).person(10_000, BORIS);
  here.reserve({ from: here.at + minutes(30) });
  here.start({}, ORDER, BORIS);
  here.run();
  here.fact("ReportStarted", { registerWh: 5_000, orderId: ORDER });
  here.advance(minutes(25));
  expect(here.reserved().trouble).toBe("pile.occupied");
  expect(refusedWith(here.begin())).toBe("pile.occupied");
  here.advance(minutes(35));
  expect(here.reserved()).toMatchObject({ status: "cancelled", why: "pile.occupied" });
  expect(here.balanceFen).toBe(10_000);
});

test("a start that fails by the pile's fault: the lock is back for the window and 15 minutes", () => {
  const here = reserved();
  here.device["start"] = () => ok({ outcome: "refused", code: "internal" });
  here.advance(minutes(10));
  expect(here.begin()?.ok).toBe(true);
  expect(here.state("order", CHARGE)).toMatchObject({ status: "start-failed", proven: true });
  expect(here.balanceFen).toBe(10_000);
  expect(here.reserved()).toMatchObject({ status: "fulfilled", next: ["start", "help"] });
  expect(here.slots).toMatchObject([{ until: here.at + minutes(35), orderId: null }]);
  expect(here.connectorStatus()).toBe("reserved");
  expect(here.notices()).toContain("reservation.restored");
  here.advance(minutes(30)); // the window is over, the lock is not
  here.device["start"] = () => ok({ outcome: "accepted" });
  expect(here.begin({}, AGAIN)).toMatchObject({ body: { reservation: { orderId: AGAIN } } });
  here.fact("ReportStarted", { registerWh: 5_000, orderId: AGAIN });
  expect(here.slots).toEqual([]);
  expect(here.types("reservation", RSV).filter((type) => type === "ReservationFulfilled"))
    .toHaveLength(1);
});

test("a lock that was given back ends by itself, and costs nothing", () => {
  const here = reserved();
  here.device["start"] = () => ok({ outcome: "refused", code: "internal" });
  here.begin();
  here.advance(minutes(45) - 1);
  expect(here.connectorStatus()).toBe("reserved");
  here.advance(1);
  expect(here.slots).toEqual([]);
  expect(here.reserved()).toMatchObject({ status: "fulfilled", feeFen: 0, next: ["help"] });
  expect(here.balanceFen).toBe(10_000);
  expect(refusedWith(here.begin({}, AGAIN))).toBe("reservation.over");
});

test("the lock that is given back never reaches into the next promise", () => {
  const here = reserved();
  here.reserve({ from: here.at + minutes(37), minutes: 15 }, SECOND, BORIS);
  here.device["start"] = () => ok({ outcome: "refused", code: "internal" });
  here.begin();
  expect(here.slots.map(({ reservationId, until }) => [reservationId, until])).toEqual([
    [RSV, here.at + minutes(32)],
    [SECOND, here.at + minutes(52)],
  ]);
});

test("a driver who never plugs in has had their start: the slot is free", () => {
  const here = reserved();
  here.device["start"] = () => ok({ outcome: "refused", code: "unplugged" });
  here.advance(minutes(1));
  here.begin();
  here.advance(minutes(2));
  expect(here.state("order", CHARGE)).toMatchObject({ status: "start-failed", why: "unplugged" });
  expect(here.slots).toEqual([]);
  expect(here.reserved()).toMatchObject({ status: "fulfilled", next: ["help"] });
});

test("its time runs out while a start is under way: what that comes to decides", () => {
  const here = reserved();
  here.advance(minutes(30) - 5_000);
  here.device["start"] = () => null; // the pile is slow
  expect(here.begin()?.ok).toBe(true);
  here.advance(10_000);
  expect(here.reserved().status).toBe("fulfilled");
  here.device["start"] = () => ok({ outcome: "refused", code: "internal" });
  here.advance(minutes(2));
  expect(here.reserved()).toMatchObject({ status: "fulfilled", next: ["start", "help"] });
});

test("a start that is refused after its time was over: a no-show all the same", () => {
  const here = reserved(6_599);
  here.advance(minutes(30) - 1);
  const tap = here.tap(RSV, {
    type: "StartReserved",
    orderId: CHARGE,
    pileId: PILE,
    connector: 1,
    tariffVersion: "tv_1",
    limit: {},
    pay: { by: "wallet", autoCapture: true },
    ageMs: 1,
  });
  here.at += 1;
  here.send({ kind: "reservation", id: RSV }, { type: "TimerFired", name: "expire" }, {
    kind: "system",
    id: "host",
  });
  expect(refusedWith(here.cancel("0-2000"))).toBe("reservation.starting");
  expect(refusedWith(here.answer({ kind: "reservation", id: RSV }, tap.id)))
    .toBe("wallet.balance-too-low");
  expect(here.reserved().status).toBe("no-show");
});

test("stopped while it is being authorised: the deposit that came back stands again", () => {
  const here = reserved();
  const asked = { pileId: PILE, connector: 1, tariffVersion: "tv_1", limit: {}, ageMs: 1 };
  const pay = { by: "wallet", autoCapture: true };
  here.tap(RSV, { type: "StartReserved", orderId: CHARGE, ...asked, pay });
  const hold = () => here.state<{ holdFen?: number | null }>("order", CHARGE).holdFen ?? null;
  while (hold() === null) here.step();
  here.send({ kind: "order", id: CHARGE }, { type: "StopCharge" }, { kind: "driver", id: USER });
  here.run();
  expect(here.types("wallet", USER)).toEqual(
    expect.arrayContaining(["HoldPlaced", "HoldReleased"]),
  );
  expect(here.reserved().status).toBe("reserved");
  expect(deposit(here)).toMatchObject({ status: "held", fen: 2_000 });
  expect(here.balanceFen).toBe(8_000);
  here.advance(minutes(30));
  expect(here.balanceFen).toBe(8_000);
  expect(here.reserved().status).toBe("no-show");
});

test("by a card at the pile: the owner's takes the promise up, a stranger's is stopped", () => {
  const here = reserved();
  const card = { idTag: "04A1", registerWh: 5_000 };
  here.fact("ReportStarted", { ...card, cardUserId: BORIS });
  expect(here.reserved()).toMatchObject({ status: "reserved", trouble: "pile.occupied" });
  expect(here.state("pile", PILE)).toMatchObject({
    transactions: [{ answer: { accepted: false, why: "busy" } }],
  });

  const own = reserved();
  own.fact("ReportStarted", { ...card, cardUserId: USER });
  expect(own.reserved()).toMatchObject({ status: "fulfilled", feeFen: 0 });
  expect(own.balanceFen).toBe(10_000 - 6_600);
  expect(own.slots).toEqual([]);
});

test("a start with a bound account: nothing is held, the deposit comes back all the same", () => {
  const here = reserved();
  here.bind("wechat");
  expect(here.begin({ pay: { by: "wechat", autoCapture: true } })?.ok).toBe(true);
  expect(here.balanceFen).toBe(10_000);
  expect(deposit(here)).toMatchObject({ status: "closed", feeFen: 0, refundFen: 2_000 });
});

test("an appeal: cancelled, deposit back, a ticket; the third within 30 days waits for a person", () => {
  const here = new ReserveTown().person(10_000);
  const service = { kind: "ops" as const, id: "ops_9", roles: ["service"] };
  for (let i = 1; i <= 3; i++) {
    const id = `rsv_0appeal${i}`;
    here.reserve({}, id);
    here.advance(minutes(25));
    const reply = here.tapped({
      type: "AppealReservation",
      text: "a fuel car",
      photoId: "pho_0001",
    }, id);
    expect(reply).toEqual(ok({ ticketId: `tkt_0appeal${i}`, refundFen: i < 3 ? 2_000 : 0 }));
    const ticket = here.read({ kind: "ticket", id: `tkt_0appeal${i}` }, "show", service);
    expect(ticket).toMatchObject({
      body: { reservationId: id, photoId: "pho_0001", pileId: PILE },
    });
    expect(here.balanceFen).toBe(i < 3 ? 10_000 : 8_000);
    expect(here.reserved(id).status).toBe("appealed");
    expect(here.slots).toEqual([]);
  }
  const last = { kind: "reservation", id: "rsv_0appeal3" };
  const decide = { type: "DecideAppeal", grant: false, reason: "the bay was free" };
  expect(here.send(last, decide, { ...service, roles: ["viewer"] }).reply)
    .toMatchObject(no("auth.forbidden"));
  expect(here.send(last, decide, service).reply).toMatchObject({
    body: { appeal: { status: "refused", reason: "the bay was free" }, feeFen: 500 },
  });
  here.run();
  expect(here.balanceFen).toBe(9_500);
  expect(here.send(last, decide, service).reply).toMatchObject(no("appeal.unknown"));
  expect(refusedWith(here.tapped({ type: "AppealReservation", text: "x" }, "rsv_0appeal1")))
    .toBe("reservation.over");
});
