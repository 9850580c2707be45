import { expect, test } from "vitest";
import { type DeviceAnswer, deviceHandler, type DeviceLink, once } from "./device-call.ts";
import type { Bus } from "./ports.ts";

const call = {
  tenant: "main",
  pileId: "P1",
  gatewayId: "node-1-ocpp",
  linkEpoch: 1,
  lane: "ocpp1.6",
  command: { kind: "reboot", id: "r" },
};
/** A bus whose request answers that after that many ms of its own clock. */
function handler(answer: unknown, afterMs: number) {
  let now = 0;
  const request = () => {
    now += afterMs;
    return Promise.resolve(answer);
  };
  const bus: Bus = { publish() {}, subscribe: () => ({ stop() {} }), request };
  const clock = { now: () => now, tick: () => now, after: () => ({ cancel() {} }) };
  return deviceHandler(bus, clock);
}

const rows: [string, unknown, number, unknown][] = [
  ["a good answer", { ok: true, body: { outcome: "accepted" } }, 5, { ok: true }],
  ["a refusal", { ok: false, refusal: { code: "link.gone", facts: {} } }, 5, {
    refusal: { code: "link.gone" },
  }],
  ["nobody there", null, 5, { refusal: { code: "link.gone" } }],
  ["silence", null, 12_000, { refusal: { code: "outcome.unknown" } }],
  ["nonsense", { ok: "yes" }, 5, { refusal: { code: "outcome.unknown" } }],
  ["half an answer", { ok: true }, 5, { refusal: { code: "outcome.unknown" } }],
];
test.each(rows)("%s comes back as what it is", async (_what, answer, ms, wanted) => {
  expect(await handler(answer, ms)(call)).toMatchObject(wanted as object);
});

test("a call of no shape reaches no bus", async () => {
  expect(await handler({ ok: true, body: null }, 1)({ ...call, linkEpoch: "1" })).toMatchObject({
    refusal: { code: "command.malformed" },
  });
});

function link(answers: DeviceAnswer[], repeatable = false) {
  let performed = 0;
  const one: DeviceLink = {
    linkEpoch: 1,
    repeatable,
    known: new Map(),
    traces: new Map(),
    perform: () => Promise.resolve(answers[Math.min(performed++, answers.length - 1)]!),
  };
  return { one, count: () => performed };
}
const ok: DeviceAnswer = { ok: true, body: { outcome: "accepted" } };
const unknown: DeviceAnswer = { ok: false, refusal: { code: "outcome.unknown", facts: {} } };
const start = { kind: "reboot", id: "a" } as const;

test("an order is performed once; stops and questions each time", async () => {
  const { one, count } = link([ok]);
  await once(one, start);
  expect(await once(one, start)).toEqual({
    ok: true,
    body: { outcome: "known", code: "accepted" },
  });
  expect(count()).toBe(1);
  for (const kind of ["ask", "ask"] as const) await once(one, { kind, id: "q" });
  for (let i = 0; i < 2; i++) await once(one, { kind: "stop", id: "s", connector: 1 });
  expect(count()).toBe(5);
});

test("an unknown outcome is performed again only where the pile tells repeats", async () => {
  const careful = link([unknown, ok]);
  await once(careful.one, start);
  expect(await once(careful.one, start)).toEqual(unknown);
  expect(careful.count()).toBe(1);
  const free = link([unknown, ok], true);
  await once(free.one, start);
  expect(await once(free.one, start)).toEqual(ok);
});

test("the memory of orders is bounded", async () => {
  const { one } = link([ok]);
  for (let i = 0; i < 400; i++) await once(one, { kind: "reboot", id: `r${i}` });
  expect(one.known.size).toBe(256);
});
