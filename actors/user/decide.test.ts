// A user's standing as rows: who may start, who owes, who is blocked.
import { expect, test } from "vitest";
import { chargingSettings } from "../../wire/settings.ts";
import { stepper } from "../kit/stepper.ts";
import { CLOSED_ORDERS_MAX, DEBTS_MAX } from "./state.ts";
import { user } from "./mod.ts";

const ANNA = "usr_anna0001";
const T0 = 1_777_860_000_000;
const settings = chargingSettings.parse({});
const order = { kind: "actor" as const, id: "order/ord_0001" };
const system = { kind: "system" as const, id: "http" };
const ops = { kind: "ops" as const, id: "ops_0001" };
const driver = { kind: "driver" as const, id: ANNA };

type Command = { type: string; [field: string]: unknown };
const open = (orderId = "ord_0001", by = "wallet") => ({ type: "OpenOrder", orderId, by });
const close = (debtFen = 0, orderId = "ord_0001") => ({ type: "CloseOrder", orderId, debtFen });
const bind = (by = "wechat", bindingId = "bnd_0001") => ({
  type: "AddBinding",
  bindingId,
  by,
  contract: `C-${bindingId}`,
});
const block: Command = { type: "BlockUser", reason: "fraud" };
const unblock: Command = { type: "UnblockUser", reason: "mistake" };
const settle = { type: "SettleDebt", orderId: "ord_0001" };
const unbind = { type: "RemoveBinding", bindingId: "bnd_0001" };
const who = ({ type }: Command) =>
  type === "RemoveBinding" ? driver : type.endsWith("lockUser") ? ops : order;

function anna(...commands: Command[]) {
  const actor = stepper(user, { id: ANNA, at: T0, settings, principal: order });
  actor.send({ type: "RegisterUser", agreementVersion: "2026-01" }, { principal: system });
  actor.take();
  for (const command of commands) actor.send(command, { principal: who(command) });
  return actor;
}

test("the first sign-in registers, with the agreement that was shown, and opens a wallet", () => {
  const actor = stepper(user, { id: ANNA, at: T0, settings, principal: system });
  const first = actor.send({ type: "RegisterUser", agreementVersion: "2026-01" });
  expect(first.effects).toEqual([{
    do: "tell",
    to: { kind: "wallet", id: ANNA },
    type: "OpenWallet",
    body: { currency: "CNY" },
    last: true,
  }]);
  expect(actor.send({ type: "RegisterUser", agreementVersion: "2026-02" }).events).toEqual([]);
});

const opened = { type: "OrderOpened", orderId: "ord_0001" };
const closed = { type: "OrderClosed", orderId: "ord_0001" };
const debt = { type: "DebtIncurred", orderId: "ord_0001", fen: 500 };
const barred = {
  type: "CreditBarred",
  orderId: "ord_0001",
  until: T0 + settings.creditBarMs,
};
const onCredit = { ...close(500), credit: true };
const settled = { type: "DebtSettled", orderId: "ord_0001" };
test.each<[string, Command[], Command, Command[]]>([
  ["an order is opened", [], open(), [opened]],
  ["asked again it is open already", [open()], open(), []],
  ["an order that ran is closed", [open()], close(), [closed]],
  ["closed twice is closed once", [open(), close()], close(), []],
  ["an order never opened is closed before it could be", [], close(), [closed]],
  ["a debt comes with the close", [open()], close(500), [closed, debt, barred]],
  ["or after it", [open(), close()], close(500), [debt, barred]],
  ["a debt told twice is one debt", [open(), close(500)], close(500), []],
  ["what was charged on credit is owed, not overdue", [open()], onCredit, [closed, debt]],
  ["but it may become so", [open(), onCredit], close(500), [barred]],
  ["a paid debt is gone", [open(), close(500)], settle, [settled]],
  ["no debt, nothing settled", [], settle, []],
  ["debts are called in after a recharge", [open(), close(500)], { type: "CollectDebts" }, [
    { type: "DebtsCalledIn", orderIds: ["ord_0001"] },
  ]],
  ["without debts nothing is called in", [], { type: "CollectDebts" }, []],
  ["an account is bound", [], bind(), [
    { type: "BindingAdded", bindingId: "bnd_0001", by: "wechat", contract: "C-bnd_0001" },
  ]],
  ["bound twice is bound once", [bind()], bind(), []],
  ["its user unbinds it", [bind()], unbind, [{ type: "BindingRemoved", bindingId: "bnd_0001" }]],
  ["what is not bound is not unbound", [], unbind, []],
  ["ops block", [], block, [{ type: "UserBlocked", reason: "fraud", by: "ops_0001" }]],
  ["blocked stays blocked", [block], block, []],
  ["ops unblock", [block], unblock, [{ type: "UserUnblocked", reason: "mistake", by: "ops_0001" }]],
  ["who is not blocked stays so", [], unblock, []],
])("%s", (_name, given, when, then) => {
  const step = anna(...given).send(when, { principal: who(when) });
  expect(step).toMatchObject({ ok: true, events: then });
});

test.each<[string, Command[], Command, string, Record<string, unknown>]>([
  ["another charge while one runs", [open()], open("ord_0002"), "user.order-open", {
    orderId: "ord_0001",
  }],
  ["a charge of one who is blocked", [block], open(), "user.blocked", { since: T0 }],
  ["a charge of one who owes", [open(), close(500)], open("ord_0002"), "user.debt-open", {
    orderId: "ord_0001",
    fen: 500,
  }],
  [
    "a bound account that is not there",
    [bind("alipay")],
    open("ord_0001", "wechat"),
    "payment.not-bound",
    {
      by: "wechat",
    },
  ],
  ["an order that is over", [open(), close()], open(), "due.closed", { orderId: "ord_0001" }],
])("%s is refused", (_name, given, when, code, facts) => {
  expect(anna(...given).send(when).refusal).toEqual({ code, facts });
});

test("who never registered is unknown; who is somebody else cannot unbind", () => {
  const nobody = stepper(user, { id: ANNA, at: T0, settings, principal: order });
  expect(nobody.send(open()).refusal).toEqual({ code: "user.unknown", facts: { userId: ANNA } });
  const other = { kind: "driver" as const, id: "usr_other001" };
  expect(anna(bind()).send(unbind, { principal: other }).refusal?.code).toBe("user.unknown");
});

test("the bound account is lent to the order, and its newest one of each provider kept", () => {
  const actor = anna(bind(), bind("alipay", "bnd_0002"), bind("wechat", "bnd_0003"));
  expect(actor.send(open("ord_0001", "wechat")).body).toEqual({
    binding: { id: "bnd_0003", contract: "C-bnd_0003" },
  });
  expect(actor.send(open("ord_0001", "wallet")).body).toEqual({});
  expect(actor.state).toMatchObject({ bindings: [{ id: "bnd_0002" }, { id: "bnd_0003" }] });
});

test("a recharge asks each order in debt to take its due", () => {
  const step = anna(open(), close(500)).send({ type: "CollectDebts" });
  expect(step.effects).toEqual([
    { do: "tell", to: { kind: "order", id: "ord_0001" }, type: "CollectDue", body: {} },
  ]);
});

test("lists are bounded", () => {
  const actor = anna();
  for (let i = 0; i < 2 * CLOSED_ORDERS_MAX; i++) actor.send(close(0, `ord_${1_000 + i}`));
  expect(actor.state).toMatchObject({ closedOrders: { length: CLOSED_ORDERS_MAX } });
  for (let i = 0; i < DEBTS_MAX; i++) actor.send(close(1, `ord_${1_000 + i}`));
  expect(actor.send(close(1, "ord_9999")).refusal).toEqual({
    code: "overloaded",
    facts: { debts: DEBTS_MAX },
  });
});

test("a user is seen by itself, ops and the platform; no contract is shown", () => {
  const actor = anna(open(), bind(), block);
  const show = (kind: string, id: string) =>
    user.read(
      "show",
      actor.state,
      null,
      {},
      {
        self: { kind: "user", id: ANNA },
        v: 4,
        principal: { kind, id },
        at: T0,
        settings,
      } as never,
    );
  const body = {
    id: ANNA,
    v: 4,
    registeredAt: "2026-05-04T02:00:00.000Z",
    agreementVersion: "2026-01",
    blocked: true,
    openOrders: ["ord_0001"],
    debts: [],
    bindings: [{ id: "bnd_0001", by: "wechat" }],
    credit: { limitFen: 0, paidMin: 3, why: "blocked" },
    openReservations: [],
    noShows: 0,
  };
  for (const [kind, id] of [["driver", ANNA], ["ops", "ops_1"], ["system", "x"], ["actor", "y"]]) {
    expect(show(kind!, id!)).toEqual({ body });
  }
  for (const [kind, id] of [["driver", "usr_other"], ["device", ANNA], ["provider", "wechat"]]) {
    expect(show(kind!, id!)).toMatchObject({ refused: { code: "user.unknown" } });
  }
  expect(anna().read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
  expect(anna().send({ type: "TimerFired", name: "old" }, { principal: system }).events).toEqual(
    [],
  );
});
