// What a payment makes happen, when it asks again, when a person is called, and who may see it.
import { expect, test } from "vitest";
import {
  ANNA,
  bill,
  binding,
  booked,
  closing,
  type Command,
  handoff,
  ID,
  made,
  nope,
  opened,
  over,
  recharge,
  reported,
  settings,
  succeeded,
  system,
  T0,
  who,
  yes,
} from "../../test/kit/payment-script.ts";
import { payment } from "./mod.ts";

test("the same request is answered by what there is", () => {
  expect(made(...opened).send(recharge).body).toMatchObject({
    paymentId: ID,
    status: "open",
    handoff,
  });
});

test("the driver waits until there is a way to pay, or nothing better to say", () => {
  const waits = made();
  const asked = waits.send(recharge, { commandId: "tap-1" });
  expect(asked.later).toBe(true);
  const step = waits.send(yes("create", { status: "open", handoff }), { principal: system });
  expect(step.effects).toEqual([
    { do: "answer", to: "tap-1", body: expect.objectContaining({ status: "open", handoff, v: 2 }) },
  ]);
  const unclear = made();
  unclear.send(recharge, { commandId: "tap-2" });
  const later = unclear.send(nope("create", "outcome.unknown"), { principal: system });
  expect(later.effects).toEqual([
    { do: "answer", to: "tap-2", body: expect.objectContaining({ status: "creating" }) },
  ]);
  const refused = made();
  refused.send(recharge, { commandId: "tap-3" });
  expect(refused.send(nope("create", "provider.refused"), { principal: system }).effects).toEqual([
    {
      do: "answer",
      to: "tap-3",
      refused: { code: "provider.refused", facts: { paymentId: ID } },
    },
  ]);
});

test("a binding that succeeds without a contract is not believed, and asked on", () => {
  const actor = made(binding);
  const step = actor.send(yes("create", { status: "succeeded" }), { principal: system });
  expect(step.events).toMatchObject([{ type: "PaymentUnclear", why: "provider.unknown" }]);
  expect(actor.state).toMatchObject({ status: "creating" });
  expect(actor.timers.size).toBe(1);
});

test("what comes of a success: wallet, order, user, each told once", () => {
  const sent = (actor: ReturnType<typeof made>, when: Command) =>
    actor.send(when, { principal: who(when) }).effects.map((effect) =>
      effect.do === "tell" ? [effect.to.kind, effect.type, effect.last] : effect.do
    );
  expect(sent(made(...opened), reported("succeeded"))).toEqual([["wallet", "BookPayment", true]]);
  expect(sent(made(...succeeded), booked)).toEqual([["user", "CollectDebts", true]]);
  const paid = made(bill, yes("create", { status: "open", handoff }), reported("succeeded", 900));
  expect(sent(paid, booked)).toEqual([["order", "PaymentSettled", true]]);
  const bound = made(binding);
  expect(sent(bound, yes("create", { status: "succeeded", contract: "C-9" }))).toEqual([
    "answer",
    ["user", "AddBinding", true],
  ]);
  expect(bound.state).toMatchObject({ bindingId: "bnd_0001", contract: "C-9" });
});

test("an open payment is asked by schedule, then each minute, and closed when too old", () => {
  const actor = made(...opened);
  const asked: number[] = [];
  while (actor.state.status === "open") {
    const [due] = [...actor.timers.values()];
    if (due === undefined) break; // nothing would ever ask again: the list below is too short
    actor.advance(due - actor.at);
    if (actor.state.status !== "open") break;
    asked.push(actor.at - T0);
    actor.send(yes("query", { status: "open" }), { principal: system });
  }
  expect(asked.slice(0, 6)).toEqual([3_000, 10_000, 30_000, 60_000, 120_000, 180_000]);
  expect(actor.state.status).toBe("closing");
  expect(actor.at - T0).toBe(settings.paymentOpenMs);
});

test("an outcome that stays unknown is put before a person once, and asked on", () => {
  const actor = made(recharge, nope("create", "outcome.unknown"));
  for (let i = 0; i < 100; i++) {
    actor.advance(600_000);
    actor.send(nope("query", "outcome.unknown"), { principal: system });
  }
  expect(actor.state.status).toBe("closing");
  expect(actor.timers.size).toBe(1);
  const incidents = actor.log.filter(({ type }) => type === "IncidentRaised");
  expect(incidents).toMatchObject([{ row: "4.1", outcome: "needs-person" }]);
});

test("a refund that does not stand is put before a person, and tried on", () => {
  const actor = made(...over, reported("succeeded"));
  for (let i = 0; i < 20; i++) {
    actor.send(nope("refund", "unavailable"), { principal: system });
    actor.advance(600_000);
  }
  expect(actor.state).toMatchObject({ status: "closed", refund: { tries: 21, stands: false } });
  expect(actor.log.filter(({ type }) => type === "IncidentRaised")).toMatchObject([
    { cause: "late-success" },
    { cause: "refund-fails", outcome: "needs-person" },
  ]);
  expect(payment.ended?.(actor.state)).toBe(false);
});

test("what is over is over once nothing more can be due", () => {
  expect(payment.ended?.(made(...over).state)).toBe(true);
  expect(payment.ended?.(made(...opened).state)).toBe(false);
  expect(payment.ended?.(made(...succeeded).state)).toBe(false);
  expect(payment.ended?.(made(...succeeded, booked).state)).toBe(true);
});

test("its user and ops see it, others do not", () => {
  const actor = made(...closing);
  const show = (kind: string, id: string) =>
    payment.read(
      "show",
      actor.state,
      null,
      {},
      { self: { kind: "payment", id: ID }, v: 3, principal: { kind, id } } as never,
    );
  const body = {
    paymentId: ID,
    v: 3,
    userId: ANNA,
    purpose: "recharge",
    fen: 5_000,
    by: "wechat",
    status: "open", // closed only once the provider says so
    handoff,
  };
  for (const [kind, id] of [["driver", ANNA], ["ops", "o"], ["system", "s"], ["actor", "a"]]) {
    expect(show(kind!, id!)).toEqual({ body });
  }
  for (const [kind, id] of [["driver", "usr_other"], ["device", ANNA], ["provider", "wechat"]]) {
    expect(show(kind!, id!)).toMatchObject({ refused: { code: "payment.unknown" } });
  }
  expect(actor.read("nothing")).toMatchObject({ refused: { code: "request.not-found" } });
});
