// Who may reserve, as rows: one promise at a time, no-shows counted once, suspended for a while.
import { expect, test } from "vitest";
import { chargingSettings } from "../../wire/settings.ts";
import { stepper } from "../kit/stepper.ts";
import { user } from "./mod.ts";

const ANNA = "usr_anna0001";
const T0 = 1_777_860_000_000;
const DAY = 86_400_000;
const settings = chargingSettings.parse({});
const promise = {
  pileId: "P0001",
  connector: 1,
  lockFrom: T0 + 25 * 60_000,
  until: T0 + 60 * 60_000,
};
const by = (id: string) => ({ principal: { kind: "actor" as const, id: `reservation/${id}` } });
type Outcome = "fulfilled" | "cancelled" | "no-show" | "appealed";
function anna() {
  const actor = stepper(user, {
    id: ANNA,
    at: T0,
    settings,
    principal: { kind: "system", id: "http" },
  });
  actor.send({ type: "RegisterUser", agreementVersion: "1" });
  return {
    actor,
    open: (id = "rsv_r0001", promise?: Record<string, unknown>) =>
      actor.send({ type: "OpenReservation", reservationId: id, promise }, by(id)),
    close: (outcome: Outcome, id = "rsv_r0001") =>
      actor.send({ type: "CloseReservation", reservationId: id, outcome }, by(id)),
    begin: (where: { pileId: string; connector: number } | null) =>
      actor.send({
        type: "OpenOrder",
        orderId: "ord_elsewhere1",
        by: "wallet",
        ...(where ? { at: where } : {}),
      }, { principal: { kind: "actor", id: "order/ord_elsewhere1" } }),
    appeal: (id: string) => actor.send({ type: "CountAppeal", reservationId: id }, by(id)),
  };
}

test("one promise at a time; what is over opens nothing any more", () => {
  const { actor, open, close } = anna();
  expect(open().ok).toBe(true);
  expect(open().events).toEqual([]);
  expect(open("rsv_r0002").refusal).toEqual({
    code: "reservation.other-open",
    facts: { reservationId: "rsv_r0001" },
  });
  expect(actor.read("show")).toMatchObject({ body: { openReservations: ["rsv_r0001"] } });
  close("fulfilled");
  expect(close("no-show").events).toEqual([]);
  expect(open().refusal?.code).toBe("reservation.over");
  expect(open("rsv_r0002").ok).toBe(true);
  expect(
    actor.send({ type: "OpenReservation", reservationId: "rsv_r0009" }, by("rsv_r0003")).refusal,
  )
    .toMatchObject({ code: "auth.forbidden" });
});

test("the third no-show within 30 days suspends for 7, and the user is told", () => {
  const { actor, open, close } = anna();
  const miss = (n: number) => {
    open(`rsv_r000${n}`);
    return close("no-show", `rsv_r000${n}`);
  };
  miss(1);
  actor.at += 31 * DAY;
  expect(miss(2).events).toHaveLength(1);
  expect(miss(3).events).toHaveLength(1);
  const third = miss(4);
  expect(third.events).toMatchObject([{}, {
    type: "ReservingSuspended",
    until: actor.at + 7 * DAY,
    noShows: 3,
  }]);
  expect(third.effects).toMatchObject([{
    do: "call",
    port: "notify",
    body: { code: "reservation.suspended", facts: { noShows: 3 } },
  }]);
  expect(open("rsv_r0005").refusal?.code).toBe("reservation.suspended");
  actor.at += 7 * DAY;
  expect(open("rsv_r0006").ok).toBe(true);
});

test("appeals are counted by reservation, within the span", () => {
  const { actor, appeal } = anna();
  expect(appeal("rsv_r0001").body).toEqual({ n: 1 });
  expect(appeal("rsv_r0001").body).toEqual({ n: 1 });
  expect(appeal("rsv_r0002").body).toEqual({ n: 2 });
  actor.at += 30 * DAY;
  expect(appeal("rsv_r0003").body).toEqual({ n: 1 });
});

test("who is blocked or owes does not reserve", () => {
  const { actor, open } = anna();
  const order = { principal: { kind: "actor" as const, id: "order/ord_0001" } };
  actor.send({ type: "OpenOrder", orderId: "ord_0001", by: "wallet" }, order);
  actor.send({ type: "CloseOrder", orderId: "ord_0001", debtFen: 100 }, order);
  expect(open().refusal).toMatchObject({ code: "user.debt-open", facts: { fen: 100 } });
  const ops = { kind: "ops" as const, id: "ops_1", roles: ["admin"] };
  actor.send({ type: "BlockUser", reason: "x" }, { principal: ops });
  expect(open().refusal?.code).toBe("user.blocked");
});

test("who may start nothing for keeping bays too long does not reserve", () => {
  const { actor, open } = anna();
  for (let n = 0; n < settings.overstaysMax; n++) {
    const orderId = `ord_stayed000${n}`;
    const principal = { kind: "actor" as const, id: `order/${orderId}` };
    actor.send({ type: "CountOverstay", orderId }, { principal });
  }
  expect(open().refusal).toMatchObject({ code: "user.barred" });
});

const away = { pileId: "P0009", connector: 1 };
const other = { pileId: "P0001", connector: 2 };
test.each([
  ["before the lock", 24, away, null],
  ["from the lock on", 25, away, "reservation.other-pile"],
  ["up to its end", 60 - 1 / 60_000, away, "reservation.other-pile"],
  ["at its end", 60, away, null],
  ["at another connector", 30, other, "reservation.other-pile"],
  ["theirs, where the pile says what to do", 30, { ...other, connector: 1 }, null],
  ["by a card or by the reservation itself", 30, null, null],
])("a start elsewhere, %s", (_when, minute, where, code) => {
  const { actor, open, begin } = anna();
  open("rsv_r0001", promise);
  actor.at = T0 + Math.round(minute * 60_000);
  const facts = { reservationId: "rsv_r0001", pileId: "P0001", connector: 1 };
  expect(begin(where).refusal).toEqual(code === null ? undefined : { code, facts });
});

test("a promise that is over, or cannot be kept, keeps nobody from starting elsewhere", () => {
  for (const end of ["closed", "loosened"]) {
    const { actor, open, close, begin } = anna();
    const loosen = { type: "LoosenReservation", reservationId: "rsv_r0001" };
    open("rsv_r0001", promise);
    actor.at = promise.lockFrom;
    expect(actor.send(loosen, by("rsv_r0002")).refusal).toMatchObject({ code: "auth.forbidden" });
    if (end === "closed") close("cancelled");
    else actor.send(loosen, by("rsv_r0001"));
    expect(actor.send(loosen, by("rsv_r0001")).events).toEqual([]);
    expect(begin(away).ok).toBe(true);
  }
});
