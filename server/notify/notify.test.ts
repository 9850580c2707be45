// Notices on their way: handed to the inbox, carried out by each way once, in the person's language.
import { expect, test } from "vitest";
import { FakeClient } from "../../test/kit/fake-client.ts";
import { quiet, TestClock, uncounted } from "../../test/kit/http-world.ts";
import { memoryDirectory } from "../store/memory-directory.ts";
import { notices } from "../../wire/notice.ts";
import { createNotify, mailWay, mayPushTo, type Reach, sandboxPost, smsWay } from "./mod.ts";

const ANNA = "usr_anna0001";
const PHONE = "+8613800000001";

async function world(reach: Partial<Reach> | null = {}) {
  const clock = new TestClock();
  const directory = memoryDirectory(clock);
  const client = new FakeClient();
  const post = await sandboxPost({ directory, clock });
  const forgotten: string[] = [];
  const whole: Reach | null = reach && { language: "zh", phone: PHONE, devices: {}, ...reach };
  const notify = await createNotify({
    client,
    directory,
    clock,
    log: quiet,
    metrics: uncounted,
    reachOf: () => Promise.resolve(whole),
    forgetDevice: (_tenant, _userId, deviceId) => Promise.resolve(void forgotten.push(deviceId)),
    ways: {
      sms: smsWay(post.sms),
      mail: mailWay(post.mail),
      push: () => Promise.resolve({ ok: false, code: "way.gone", why: "410" }),
    },
  });
  const way = (target: string, more: Record<string, unknown> = {}) =>
    notify.way({
      id: "inbox/usr_anna0001#3.0",
      body: {
        tenant: "main",
        userId: ANNA,
        target,
        id: "order/ord_0001#9.1",
        code: "charge.gun-pulled",
        facts: { orderId: "ord_0001", pileId: "P100", energyWh: 12_345, totalFen: 4_560 },
        at: clock.now(),
        ...more,
      },
    });
  const texts = async (name = PHONE) => (await post.inbox("main", name)).map(({ text }) => text);
  return { client, notify, post, way, texts, forgotten };
}

test("what an actor says goes to the person's inbox under the effect's own id", async () => {
  const { client, notify } = await world();
  client.onAsk("inbox.TakeNotice", () => ({ body: null }));
  const body = { tenant: "main", userId: ANNA, code: "charge.fault", facts: { orderId: "ord_1" } };
  expect(await notify.port({ id: "order/ord_1#4.0", body })).toEqual({ ok: true, body: null });
  expect(client.asks).toMatchObject([{
    id: "order/ord_1#4.0",
    to: { kind: "inbox", id: ANNA },
    type: "TakeNotice",
    body: { id: "order/ord_1#4.0", code: "charge.fault", facts: { orderId: "ord_1" } },
  }]);
  expect(await notify.port({ id: "x", body: { userId: 5 } })).toMatchObject({
    refusal: { code: "command.malformed" },
  });
});

test("an inbox that cannot be reached is asked again, by whoever told the notice", async () => {
  const { client, notify } = await world();
  client.onAsk("inbox.TakeNotice", () => ({ fault: "unavailable" }));
  const body = { tenant: "main", userId: ANNA, code: "charge.fault" };
  await expect(notify.port({ id: "n1", body })).rejects.toThrow("notice not taken: unavailable");
});

test("an SMS says what happened, how much and what to do, once however often it is called for", async () => {
  const { way, texts } = await world();
  for (let i = 0; i < 3; i++) expect(await way("sms")).toEqual({ ok: true, body: null });
  const [say, next] = notices["charge.gun-pulled"].zh;
  expect(await texts()).toEqual([
    `【Chargeward】${say}。充电桩 P100，电量 12.35 度，费用 45.60 元；${next}`,
  ]);
});

test.each([
  ["charge.fault", "over-temperature", "充电桩温度过高，已安全停充"],
  ["charge.vehicle-fault", "bms-insulation", "车辆BMS异常，请检查车辆：检测到车辆绝缘异常"],
  ["charge.fault", "no-such-fault", notices["charge.fault"].zh[0]],
  ["charge.fault", undefined, notices["charge.fault"].zh[0]],
  ["charge.gun-pulled", "gun-pulled", notices["charge.gun-pulled"].zh[0]], // it says more
])("an end by a known fault is told in the fault's own words: %s %s", async (code, fault, say) => {
  const { way, texts } = await world();
  await way("sms", { code, facts: { orderId: "ord_0001", fault } });
  expect((await texts())[0]).toContain(`【Chargeward】${say}。`);
});

test("in the person's language, to the person's mail", async () => {
  const { way, texts } = await world({ language: "en", mail: "anna@example.org" });
  await way("mail");
  const [say, next] = notices["charge.gun-pulled"].en;
  expect(await texts()).toEqual([
    `anna@example.org: ${say}\nPile P100, 12.35 kWh, CNY 45.60. ${next}`,
  ]);
});

test("who cannot be reached is not tried again: no address, nobody, no such way", async () => {
  const nobody = { ok: false, refusal: { code: "way.nobody" } };
  expect(await (await world({})).way("mail")).toMatchObject(nobody);
  expect(await (await world(null)).way("sms")).toMatchObject(nobody);
  expect(await (await world()).way("pigeon")).toMatchObject(nobody);
  expect(await (await world()).way("sms", { code: "" })).toMatchObject({
    refusal: { code: "way.refused" },
  });
});

test("a browser that is gone is forgotten", async () => {
  const { way, forgotten } = await world();
  expect(await way("push/dev_1")).toMatchObject({ refusal: { code: "way.gone" } });
  expect(forgotten).toEqual(["dev_1"]);
});

test("a code that the table does not know is still a word", async () => {
  const { way, texts } = await world();
  await way("sms", { code: "something.new", facts: {} });
  expect(await texts()).toEqual(["【Chargeward】您有一条新消息。请打开应用查看"]);
});

test("the sandbox's inbox is newest first and bounded", async () => {
  const { post } = await world();
  await Promise.all(
    Array.from(
      { length: 60 },
      (_, i) => post.sms.send("main", PHONE, { text: `code ${i}`, code: String(i) }),
    ),
  );
  const inbox = await post.inbox("main", PHONE);
  expect(inbox).toHaveLength(50);
  expect(inbox[0]).toMatchObject({ by: "sms", code: "59", text: "code 59" });
});

test.each([
  ["https://fcm.googleapis.com/fcm/send/x", true],
  ["https://updates.push.services.mozilla.com/wpush/v2/x", true],
  ["https://wns2.notify.windows.com/w/?token=x", true],
  ["https://web.push.apple.com/x", true],
  ["https://push.example.org:8443/x", true], // by the setting
  ["http://127.0.0.1:9/x", true], // by the setting, on this machine alone
  ["http://127.0.0.1:10/x", false],
  ["http://fcm.googleapis.com/x", false],
  ["https://fcm.googleapis.com:22/x", false],
  ["https://fcm.googleapis.com.evil.example/x", false],
  ["https://evilpush.apple.com.example/x", false],
  ["https://push.apple.com@evil.example/x", false],
  ["https://a:b@fcm.googleapis.com/x", false],
  ["https://127.0.0.1/x", false],
  ["https://169.254.169.254/latest/meta-data", false],
  ["https://[::1]/x", false],
  ["https://localhost/x", false],
  ["file:///etc/passwd", false],
  ["nonsense", false],
])("may be pushed to: %s %s", (endpoint, may) => {
  expect(mayPushTo(endpoint, ["push.example.org:8443", "127.0.0.1:9"])).toBe(may);
});
