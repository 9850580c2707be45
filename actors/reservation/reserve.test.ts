// 待付订金 and 已预约, with the real pile, wallet and user: rules, deposit, the slot, and who is too late.
import { expect, test } from "vitest";
import { no, PILE, USER } from "../../test/kit/charge-town.ts";
import {
  minutes,
  refusedWith,
  ReserveTown,
  RSV,
  rulesVersion,
} from "../../test/kit/reserve-town.ts";
import { reservationView } from "../../wire/reservation.ts";

const OTHER = "rsv_01kreserve0zzzzbbbbccccdddd";
const BORIS = "usr_boris001";
const town = (fen = 10_000) => new ReserveTown().person(fen);

test("the deposit is held, then the pile keeps the slot, then the driver hears", () => {
  const here = town();
  const reply = here.reserve();
  expect(reply).toMatchObject({ ok: true, body: { status: "reserved", depositFen: 2_000 } });
  expect(reservationView.safeParse(here.reserved()).error).toBeUndefined();
  expect(here.types("reservation", RSV)).toEqual([
    "ReservationRequested",
    "UserAllowed",
    "SlotFound",
    "DepositAsked",
    "DepositStands",
    "ReservationConfirmed",
  ]);
  expect(here.book()).toMatchObject({ [`deposit:${RSV}`]: -2_000, [`wallet:${USER}`]: -8_000 });
  expect(here.slots).toMatchObject([{ reservationId: RSV, userId: USER, locked: true }]);
  expect(here.connectorStatus()).toBe("reserved");
  expect(here.notices()).toEqual(["reservation.confirmed"]);
  expect(here.timers("reservation", RSV).get("expire")).toBe(here.at + minutes(30));
});

test("a refused deposit locks nothing and leaves nobody busy", () => {
  const here = town(1_999);
  expect(refusedWith(here.reserve())).toBe("wallet.balance-too-low");
  expect(here.reserved()).toMatchObject({ status: "cancelled", why: "wallet.balance-too-low" });
  expect(here.slots).toEqual([]);
  expect(here.balanceFen).toBe(1_999);
  expect(refusedWith(here.reserve({}, OTHER))).toBe("wallet.balance-too-low");
});

test.each([
  ["rules.changed", { rulesVersion: "older" }],
  ["reservation.window", { minutes: 14 }],
  ["reservation.window", { minutes: 61 }],
  ["reservation.window", { from: Date.UTC(2026, 4, 4, 4, 0, 1) }],
  ["reservation.window", { from: Date.UTC(2026, 4, 4, 1, 58, 59) }],
])("%s before anything is asked of anybody", (code, more) => {
  const here = town();
  expect(refusedWith(here.reserve(more))).toBe(code);
  expect(here.types("reservation", RSV)).toEqual([]);
});

test("only a free connector that may be reserved", () => {
  const here = town();
  expect(refusedWith(here.reserve({ connector: 3 }))).toBe("slot.not-reservable");
  expect(refusedWith(here.reserve({ connector: 9 }, OTHER))).toBe("pile.connector-unknown");
  expect(here.balanceFen).toBe(10_000);
});

test("somebody charges there: taken, and no money moves", () => {
  const here = town().person(10_000, BORIS);
  here.start({}, undefined, BORIS);
  here.run();
  expect(refusedWith(here.reserve())).toBe("slot.taken");
  expect(here.events("wallet", USER).some(({ type }) => type === "DepositHeld")).toBe(false);
});

test("windows of one connector keep five minutes between them", () => {
  const here = town().person(10_000, BORIS);
  here.reserve({ from: here.at + minutes(30), minutes: 30 });
  for (const from of [0, 29, 59, 64]) {
    const late = here.reserve(
      { from: here.at + minutes(from), minutes: 26 },
      `${OTHER}${from}`,
      BORIS,
    );
    expect([from, refusedWith(late)]).toEqual([from, "slot.taken"]);
  }
  expect(here.reserve({ from: here.at + minutes(65), minutes: 15 }, OTHER, BORIS)?.ok).toBe(true);
});

test("two at once: one wins, the other's money is back in the record that says so", () => {
  const here = town().person(10_000, BORIS);
  const asked = { pileId: PILE, connector: 1, from: here.at, minutes: 30, rulesVersion };
  const mine = here.tap(RSV, { type: "RequestReservation", ...asked });
  const theirs = here.tap(OTHER, { type: "RequestReservation", ...asked }, BORIS);
  here.run();
  const answers = [
    here.answer({ kind: "reservation", id: RSV }, mine.id),
    here.answer({ kind: "reservation", id: OTHER }, theirs.id),
  ];
  expect(answers.map((reply) => refusedWith(reply)).toSorted()).toEqual(
    [null, "slot.taken"].toSorted(),
  );
  expect(here.slots).toHaveLength(1);
  const balances = [here.walletOf(USER).balanceFen, here.walletOf(BORIS).balanceFen];
  expect(balances.toSorted()).toEqual([10_000, 8_000].toSorted());
  expect(here.incidents()).toContain("flow-b slot.taken compensated");
});

test("one promise at a time, none for who is blocked", () => {
  const here = town();
  here.reserve();
  expect(here.reserve({ connector: 2 }, OTHER)).toMatchObject({
    refusal: { code: "reservation.other-open", facts: { reservationId: RSV } },
  });
  here.send({ kind: "user", id: USER }, { type: "BlockUser", reason: "x" }, {
    kind: "ops",
    id: "ops_1",
    roles: ["operator"],
  });
  expect(refusedWith(here.reserve({ connector: 2 }, `${OTHER}2`))).toBe("user.blocked");
});

test("said twice: the second has nothing to say; a stranger sees nothing", () => {
  const here = town();
  here.reserve();
  expect(refusedWith(here.reserve())).toBe("reservation.exists");
  expect(here.read({ kind: "reservation", id: RSV }, "show", { kind: "driver", id: BORIS }))
    .toMatchObject(no("reservation.unknown", { reservationId: RSV }));
  expect(refusedWith(here.tapped({ type: "CancelReservation", costVersion: "0-2000" }, RSV, BORIS)))
    .toBe("reservation.unknown");
});

test("a pile that never answers: given up, and all is undone behind its question", () => {
  const here = new ReserveTown({ pick: () => 0 }).person(10_000);
  const asked = { pileId: "P0404", connector: 1, from: here.at, minutes: 30, rulesVersion };
  const out = here.tap(RSV, { type: "RequestReservation", ...asked });
  here.run();
  expect(refusedWith(here.answer({ kind: "reservation", id: RSV }, out.id))).toBe("pile.unknown");
  expect(here.balanceFen).toBe(10_000);
});

test("nobody answers in time: given up, and nothing is left behind", () => {
  const here = town();
  const asked = { pileId: PILE, connector: 1, from: here.at, minutes: 30, rulesVersion };
  const out = here.tap(RSV, { type: "RequestReservation", ...asked });
  const host = { kind: "system" as const, id: "host" };
  here.send({ kind: "reservation", id: RSV }, { type: "TimerFired", name: "answer" }, host);
  expect(refusedWith(here.answer({ kind: "reservation", id: RSV }, out.id)))
    .toBe("reservation.no-answer");
  here.run();
  expect(here.balanceFen).toBe(10_000);
  expect(here.slots).toEqual([]);
  expect(here.reserve({}, OTHER)?.ok).toBe(true);
});

test("before its lock begins anybody may charge there", () => {
  const here = town().person(10_000, BORIS);
  here.reserve({ from: here.at + minutes(30) });
  here.start({}, "ord_early0001", BORIS);
  here.run();
  expect(here.read({ kind: "order", id: "ord_early0001" }, "show", { kind: "system", id: "x" }))
    .toMatchObject({ body: { status: "starting" } });
});

test("from five minutes before its window on it is kept for its user alone", () => {
  const here = town().person(10_000, BORIS);
  here.reserve({ from: here.at + minutes(30) });
  expect(here.connectorStatus()).toBe("plugged");
  here.advance(minutes(25));
  expect(here.connectorStatus()).toBe("reserved");
  for (const [who, facts] of [[BORIS, {}], [USER, { reservationId: RSV }]] as const) {
    const orderId = `ord_late${who.slice(4)}`;
    const { id } = here.start({}, orderId, who);
    here.run();
    expect(here.answer({ kind: "order", id: orderId }, id)).toMatchObject({
      ok: false,
      refusal: { code: "pile.reserved", facts: { connector: 1, ...facts } },
    });
  }
});
