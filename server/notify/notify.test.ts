import { expect, test } from "vitest";
import { quiet, TestClock, uncounted } from "../../test/kit/http-world.ts";
import { memoryDirectory } from "../store/memory-directory.ts";
import { createNotify, sandboxSms } from "./mod.ts";

async function world() {
  const clock = new TestClock();
  const directory = memoryDirectory(clock);
  const said: [string, unknown][] = [];
  const bus = {
    publish: (subject: string, data: unknown) => void said.push([subject, data]),
    request: () => Promise.resolve(null),
    subscribe: () => ({ stop() {} }),
  };
  const sms = await sandboxSms({ directory, clock });
  const notify = await createNotify({
    directory,
    bus,
    clock,
    log: quiet,
    metrics: uncounted,
    sms,
    phoneOf: (_tenant, userId) => Promise.resolve(userId === "usr_0001" ? "+8613800000001" : null),
  });
  const call = (id: string, more: Record<string, unknown> = {}) => ({
    id,
    body: {
      tenant: "main",
      userId: "usr_0001",
      code: "charge.gun-pulled",
      facts: { orderId: "ord_0001" },
      ...more,
    },
  });
  return { clock, said, sms, notify, call };
}

test("a notice is kept until it is acknowledged, and said at once, once", async () => {
  const { said, notify, call, clock } = await world();
  await notify.port(call("n1"));
  clock.at += 1;
  await notify.port(call("n2", { code: "charge.fault" }));
  await notify.port(call("n1"));
  expect(said.map(([subject]) => subject)).toEqual([
    "live.main.notice.usr_0001",
    "live.main.notice.usr_0001",
  ]);
  const pending = await notify.pending("main", "usr_0001");
  expect(pending.map(({ id }) => id)).toEqual(["n1", "n2"]);
  expect(pending[0]).toEqual({
    id: "n1",
    code: "charge.gun-pulled",
    facts: { orderId: "ord_0001" },
  });
  await notify.ack("main", "usr_0001", "n1");
  expect((await notify.pending("main", "usr_0001")).map(({ id }) => id)).toEqual(["n2"]);
  expect(await notify.pending("main", "usr_0002")).toEqual([]);
  expect(await notify.pending("other", "usr_0001")).toEqual([]);
});

test("an SMS goes where it is wanted; nobody's phone is no failure", async () => {
  const { sms, notify, call } = await world();
  await notify.port(call("n1", { channels: ["sms"] }));
  await notify.port(call("n2"));
  expect(await notify.port(call("n3", { channels: ["sms"], userId: "usr_0009" })))
    .toEqual({ ok: true, body: null });
  const inbox = await sms.inbox("main", "+8613800000001");
  expect(inbox.map(({ text }) => text)).toEqual(["[Chargeward] charge.gun-pulled ord_0001"]);
  expect(await notify.port({ id: "n4", body: { userId: 5 } })).toMatchObject({
    ok: false,
    refusal: { code: "command.malformed" },
  });
});

test("the sandbox's inbox is newest first and bounded", async () => {
  const { sms } = await world();
  await Promise.all(
    Array.from(
      { length: 60 },
      (_, i) => sms.send("main", "+8613800000001", { text: `code ${i}`, code: String(i) }),
    ),
  );
  const inbox = await sms.inbox("main", "+8613800000001");
  expect(inbox).toHaveLength(50);
  expect(inbox[0]).toMatchObject({ code: "59", text: "code 59" });
});
