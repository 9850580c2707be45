// Web push against a real push service on this machine: signed, encrypted, opened as a browser does.
import { expect, test } from "vitest";
import { newPushKeys, pushWay, type Reach } from "../../server/notify/mod.ts";
import { pushService } from "../kit/push-service.ts";

const message = {
  tenant: "main",
  key: "order/ord_0001#9.1|push/dev_1",
  id: "order/ord_0001#9.1",
  code: "charge.fault",
  title: "充电异常中断",
  body: "请拔枪后换一个桩",
  path: "/orders/ord_0001",
};

function world() {
  const keys = newPushKeys();
  const service = pushService(() => keys.publicKey);
  const browser = service.browser();
  const reach: Reach = { language: "zh", devices: { dev_1: browser.subscription } };
  const settings = { keys, contact: "mailto:ops@example.org", hosts: [service.host] };
  return { service, reach, settings, send: pushWay(settings) };
}

test("a push arrives whole, signed by the platform, urgent, under one topic however often", async () => {
  const { service, reach, send } = world();
  await using _ = service;
  expect(await send(reach, message, "dev_1")).toEqual({ ok: true });
  expect(await send(reach, message, "dev_1")).toEqual({ ok: true });
  const { tenant: _tenant, key: _key, ...payload } = message;
  expect(service.pushed).toMatchObject([
    { payload, urgency: "high", ttl: 86_400, contact: "mailto:ops@example.org" },
    { payload },
  ]);
  const topics = service.pushed.map(({ topic }) => topic);
  expect(topics[0]).toMatch(/^[A-Za-z0-9_-]{1,32}$/);
  expect(topics[0]).toBe(topics[1]);
});

test.each(
  [
    [410, "way.gone"],
    [404, "way.gone"],
    [413, "way.refused"],
    [403, "way.refused"],
    [429, "way.failed"],
    [503, "way.failed"],
    [307, "way.failed"], // nobody sends us elsewhere
  ] as const,
)("the service's %i is %s", async (status, code) => {
  const { service, reach, send } = world();
  await using _ = service;
  service.misbehave.push(status);
  expect(await send(reach, message, "dev_1")).toMatchObject({ ok: false, code });
  expect(service.pushed).toEqual([]);
});

test("a foreign address is never called, and what went wrong tells no address", async () => {
  const { service, reach, settings, send } = world();
  const strict = pushWay({ ...settings, hosts: [] });
  expect(await strict(reach, message, "dev_1")).toMatchObject({ code: "way.gone" });
  expect(service.pushed).toEqual([]);
  await service[Symbol.asyncDispose]();
  const failed = await send(reach, message, "dev_1");
  expect(failed).toMatchObject({ ok: false, code: "way.failed" });
  expect(JSON.stringify(failed)).not.toContain(service.host);
});

test("somebody else's key is turned away by the service", async () => {
  const { service, reach, settings } = world();
  await using _ = service;
  const forged = pushWay({ ...settings, keys: newPushKeys() });
  expect(await forged(reach, message, "dev_1")).toMatchObject({ code: "way.refused" });
});
