// An inbox as rows: each notice once, each way in its order, bounded tries, a person where none works.
import { describe, expect, test } from "vitest";
import { type Stepper, stepper } from "../kit/stepper.ts";
import { inbox, type InboxEvent, type InboxState } from "./mod.ts";
import { DEVICES_MAX, NOTICES_MAX, QUEUE_MAX } from "./state.ts";

const ANNA = "usr_anna0001";
const T0 = Date.UTC(2026, 2, 2);
const DEVICE = "dev_0123456789abcdef";
const driver = { kind: "driver" as const, id: ANNA };
const system = { kind: "system" as const, id: "notify" };

const take = (id: string, code = "charge.fault", facts: Record<string, unknown> = {}) => (
  { type: "TakeNotice", id, code, facts }
);
const put = (deviceId = DEVICE) => ({ type: "PutDevice", deviceId });
const answered = (id: string, target: string, code?: string) => ({
  type: "WayAnswered",
  ref: { id, target },
  answer: code === undefined
    ? { ok: true, body: null }
    : { ok: false, refusal: { code, facts: {} } },
});
type Command = { type: string; [field: string]: unknown };
const DRIVERS = new Set(["AckNotice", "ReadNotices", "PutDevice", "RemoveDevice"]);

function anna(...commands: Command[]) {
  const actor = stepper(inbox, { id: ANNA, at: T0, settings: {}, principal: system });
  for (const command of commands) say(actor, command);
  return actor;
}
const say = (actor: Stepper<InboxState, InboxEvent, null>, command: Command) =>
  actor.send(command, { principal: DRIVERS.has(command.type) ? driver : system });
const calls = (step: { effects: readonly { do: string }[] }) =>
  step.effects.map((effect) => {
    const { port, lane, body } = effect as unknown as {
      port: string;
      lane: string;
      body: { id: string };
    };
    return `${port} ${lane} ${body.id}`;
  });

const taken = (id: string, targets: string[], code = "charge.fault") => (
  { type: "NoticeTaken", id, code, facts: {}, targets }
);
test.each<[string, Command[], Command, unknown[]]>([
  ["an abnormal end goes by SMS and to each browser", [put()], take("n1"), [
    taken("n1", [`push/${DEVICE}`, "sms"]),
  ]],
  ["without a browser by SMS alone", [], take("n1"), [taken("n1", ["sms"])]],
  ["a code that nobody knows costs nothing", [], take("n1", "a.new"), [taken("n1", [], "a.new")]],
  ["the same notice twice is one", [take("n1")], take("n1"), []],
  ["a page has it", [take("n1")], { type: "AckNotice", id: "n1" }, [
    { type: "NoticeAcked", id: "n1" },
  ]],
  ["had twice is had once", [take("n1"), { type: "AckNotice", id: "n1" }], {
    type: "AckNotice",
    id: "n1",
  }, []],
  ["what is not there cannot be had", [], { type: "AckNotice", id: "n9" }, []],
  ["all are read", [take("n1"), take("n2")], { type: "ReadNotices" }, [
    { type: "NoticesRead", ids: ["n1", "n2"] },
  ]],
  ["one is read", [take("n1"), take("n2")], { type: "ReadNotices", ids: ["n2", "n7"] }, [
    { type: "NoticesRead", ids: ["n2"] },
  ]],
  ["read is read", [take("n1"), { type: "ReadNotices" }], { type: "ReadNotices" }, []],
  ["it went", [take("n1")], answered("n1", "sms"), [
    { type: "NoticeSent", id: "n1", target: "sms" },
  ]],
  ["an answer to nothing is nothing", [take("n1")], answered("n2", "sms"), []],
  ["answered twice went once", [take("n1"), answered("n1", "sms")], answered("n1", "sms"), []],
  ["it did not go: again in a second", [take("n1")], answered("n1", "sms", "way.failed"), [
    { type: "SendFailed", id: "n1", target: "sms", code: "way.failed", againAt: T0 + 1_000 },
  ]],
  ["not known whether: again, under the same key", [take("n1")], {
    ...answered("n1", "sms", "outcome.unknown"),
  }, [
    { type: "SendFailed", id: "n1", target: "sms", code: "outcome.unknown", againAt: T0 + 1_000 },
  ]],
  ["who has no mail has none", [take("n1", "charge.overdue")], {
    ...answered("n1", "mail", "way.nobody"),
  }, [{ type: "SendGivenUp", id: "n1", target: "mail", code: "way.nobody" }]],
  ["a browser that is gone is a device less", [put(), take("n1")], {
    ...answered("n1", `push/${DEVICE}`, "way.gone"),
  }, [{ type: "DeviceRemoved", deviceId: DEVICE, why: "gone" }]],
  ["a browser twice is one", [put()], put(), []],
  ["a browser no more", [put()], { type: "RemoveDevice", deviceId: DEVICE }, [
    { type: "DeviceRemoved", deviceId: DEVICE, why: "asked" },
  ]],
  ["what is no browser of theirs", [], { type: "RemoveDevice", deviceId: DEVICE }, []],
])("%s", (_name, given, when, then) => {
  expect(say(anna(...given), when)).toMatchObject({ ok: true, events: then });
});

describe("a way", () => {
  test("takes one notice at a time, in order; other ways do not wait for it", () => {
    const actor = anna(put());
    const push = `push/${DEVICE}`;
    expect(calls(say(actor, take("n1")))).toEqual([`way ${push} n1`, "way sms n1"]);
    expect(calls(say(actor, take("n2")))).toEqual([]);
    expect(calls(say(actor, answered("n1", push)))).toEqual([`way ${push} n2`]);
    expect(calls(say(actor, answered("n1", "sms", "way.failed")))).toEqual([]);
    const [again] = actor.advance(1_000);
    expect(calls(again!)).toEqual(["way sms n1"]);
    expect(calls(say(actor, answered("n1", "sms")))).toEqual(["way sms n2"]);
    expect(calls(say(actor, answered("n2", "sms")))).toEqual([]);
  });

  test("is tried five times, then the next notice has its turn", () => {
    const actor = anna(take("n1"), take("n2"));
    const pauses = [1_000, 5_000, 30_000, 120_000];
    for (const pause of pauses) {
      say(actor, answered("n1", "sms", "way.failed"));
      expect(actor.advance(pause - 1)).toEqual([]);
      expect(calls(actor.advance(1)[0]!)).toEqual(["way sms n1"]);
    }
    const over = say(actor, answered("n1", "sms", "way.failed"));
    expect(calls(over)).toEqual(["way sms n2"]);
    expect(over.events[0]).toMatchObject({ type: "SendGivenUp", id: "n1", target: "sms" });
    expect(over.events[1]).toMatchObject({
      type: "IncidentRaised",
      row: "1.8",
      outcome: "needs-person",
      facts: { code: "charge.fault", failed: ["sms"] },
    });
  });

  test("that gave up calls nobody where a page or another way has the notice, or it is no end", () => {
    const refused = answered("n1", "sms", "way.refused");
    const ends = (...given: Command[]) =>
      say(anna(...given), refused).events.map(({ type }) => type);
    const push = `push/${DEVICE}`;
    expect(ends(take("n1"))).toContain("IncidentRaised");
    expect(ends(take("n1"), { type: "AckNotice", id: "n1" })).toEqual(["SendGivenUp"]);
    expect(ends(take("n1"), { type: "ReadNotices" })).toEqual(["SendGivenUp"]);
    expect(ends(put(), take("n1"))).toEqual(["SendGivenUp"]); // push is under way
    expect(ends(put(), take("n1"), answered("n1", push))).toEqual(["SendGivenUp"]);
    expect(ends(take("n1", "charge.overdue"))).toEqual(["SendGivenUp"]);
  });

  test("that is full is noted, and is not started over", () => {
    const actor = anna();
    for (let i = 0; i < QUEUE_MAX; i++) say(actor, take(`n${i}`));
    const step = say(actor, take("one more"));
    expect(step.events).toMatchObject([
      { type: "NoticeTaken", targets: [] },
      { type: "SendGivenUp", id: "one more", target: "sms", code: "way.full" },
    ]);
    expect(step.effects).toEqual([]);
  });
});

test("lists are bounded: the newest notices, the newest browsers, facts of a sane size", () => {
  const actor = anna();
  for (let i = 0; i < NOTICES_MAX + 5; i++) say(actor, take(`n${i}`, "payment.checked"));
  expect(actor.state).toMatchObject({ notices: { length: NOTICES_MAX }, left: 5 });
  for (let i = 0; i <= DEVICES_MAX; i++) say(actor, put(`dev_${String(i).padStart(16, "0")}`));
  expect(actor.state.devices).toHaveLength(DEVICES_MAX);
  expect(actor.state.devices).not.toContain("dev_0000000000000000");
  say(actor, take("big", "charge.fault", { why: "x".repeat(3_000) }));
  expect(actor.state.notices.at(-1)).toMatchObject({ id: "big", facts: {} });
});

test("an inbox is its driver's: others neither read nor change it", () => {
  const actor = anna(take("n1"), take("n2"), { type: "AckNotice", id: "n1" });
  const other = { kind: "driver" as const, id: "usr_other001" };
  for (const command of [{ type: "ReadNotices" }, put(), { type: "AckNotice", id: "n2" }]) {
    expect(actor.send(command, { principal: other }).refusal?.code).toBe("auth.forbidden");
  }
  const read = (name: string, principal: object) =>
    inbox.read(
      name,
      actor.state,
      null,
      {},
      { self: { kind: "inbox", id: ANNA }, v: 3, at: T0, principal, without: new Set() } as never,
    );
  expect(read("show", driver)).toMatchObject({
    body: { unread: 2, older: false, items: [{ id: "n2", read: false }, { id: "n1" }] },
  });
  expect(read("pending", driver)).toEqual({
    body: [{ id: "n2", code: "charge.fault", facts: {} }],
  });
  expect(read("show", other)).toMatchObject({ refused: { code: "user.unknown" } });
  expect(read("nothing", driver)).toMatchObject({ refused: { code: "request.not-found" } });
});
