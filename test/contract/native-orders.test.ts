// Orders of the platform to a native pile: signed for it alone, answered, repeated, refused.
import { afterAll, beforeAll, expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import type { DeviceCall } from "../../wire/pile.ts";
import { type Engine, engine, GATEWAY, type NativeWorld, nativeWorld } from "./native-world.ts";

let nats: Engine;
beforeAll(async () => void (nats = await engine()));
afterAll(() => nats[Symbol.asyncDispose]());

type Order = DeviceCall["command"];
const start: Order = {
  kind: "start",
  id: "ord_0001-start",
  connector: 2,
  orderId: "ord_0001",
  idTag: "CW0123456789ABCDEF",
  limit: { energyWh: 5000 },
  holdFen: null,
};
async function onePile(settings = {}) {
  const world = await nativeWorld(nats, settings);
  await world.addPile("P1");
  const pile = await world.pile("P1");
  return { world, pile };
}
function order(world: NativeWorld, command: Order, linkEpoch = 1, trace?: string) {
  return deviceHandler(world.bus, world.clock, 4_000)({
    tenant: "main",
    pileId: "P1",
    gatewayId: GATEWAY,
    linkEpoch,
    lane: "native",
    command,
  }, trace);
}
const no = (code: string) => ({ ok: false, refusal: { code, facts: expect.anything() } });

test("a start arrives signed for this pile and this link", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  expect(await order(world, start)).toEqual({ ok: true, body: { outcome: "accepted" } });
  const command = pile.commands[0]!;
  expect(command).toMatchObject({
    id: "ord_0001-start",
    linkEpoch: 1,
    kind: "start",
    connector: 2,
    orderId: "ord_0001",
    args: { limit: { energyWh: 5000 }, holdFen: null },
    notAfterMs: 10_000,
  });
  expect(pile.checks(command)).toBe(true);
});

test("a command carries the trace that it belongs to, and nonsense in its place is left out", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  const trace = `00-${"a".repeat(32)}-${"b".repeat(16)}-00`;
  for (const [n, text] of [trace, "not a trace", undefined].entries()) {
    const answer = await order(world, { ...start, id: `ord_000${n}-start` }, 1, text);
    expect(answer).toEqual({ ok: true, body: { outcome: "accepted" } });
  }
  expect(pile.traces).toEqual([trace, "", ""]);
  expect(pile.commands.map((command) => pile.checks(command))).toEqual([true, true, true]);
});

test("a signature fits nothing else: other pile, other tenant, any field changed, none", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  await order(world, start);
  const command = pile.commands[0]!;
  expect(pile.checks(command, "main", "P2")).toBe(false);
  expect(pile.checks(command, "north", "P1")).toBe(false);
  const changed: [string, unknown][] = [
    ["id", "ord_0002-start"],
    ["linkEpoch", 2],
    ["kind", "unlock"],
    ["connector", 1],
    ["orderId", "ord_0002"],
    ["args", { limit: { energyWh: 50_000 }, holdFen: null }],
    ["issuedAt", command.issuedAt + 1],
    ["notAfterMs", 10_001],
    ["sig", `${command.sig.slice(0, -4)}AAAA`],
    ["sig", ""],
  ];
  for (const [field, value] of changed) {
    expect([field, pile.checks({ ...command, [field]: value })]).toEqual([
      field,
      false,
    ]);
  }
});

test("a pile's no, its known, its silence and its nonsense", async () => {
  const { world, pile } = await onePile({ answerMs: 300 });
  await using _ = world;
  await pile.boot();
  pile.onCommand = ({ id }) => ({ id, outcome: "refused", code: "unplugged" });
  expect(await order(world, start)).toEqual({
    ok: true,
    body: { outcome: "refused", code: "unplugged" },
  });
  expect(await order(world, start)).toEqual({
    ok: true,
    body: { outcome: "known", code: "refused" },
  });
  expect(pile.commands).toHaveLength(1);
  pile.onCommand = () => undefined;
  const second = { ...start, id: "second" };
  expect(await order(world, second)).toEqual(no("outcome.unknown"));
  pile.onCommand = ({ id }) => ({ id, outcome: "known", code: "accepted" });
  expect(await order(world, second)).toEqual({
    ok: true,
    body: { outcome: "known", code: "accepted" },
  });
  pile.onCommand = () => ({ id: "another", outcome: "accepted" });
  expect(await order(world, { ...start, id: "third" })).toEqual(no("outcome.unknown"));
  pile.onCommand = () => "yes";
  expect(await order(world, { ...start, id: "fourth" })).toEqual(no("outcome.unknown"));
});

test("a pile that is not there is a link that is gone", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  expect(await order(world, start)).toEqual(no("link.gone"));
  await pile.boot();
  expect(await order(world, start, 0)).toEqual(no("link.gone"));
  await pile.nc.drain(); // the server has heard that nobody listens
  expect(await order(world, start)).toEqual(no("link.gone"));
});

test("a pile that does not know its epoch yet is told again, one of another link is gone", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  let epochs = 2;
  pile.onCommand = ({ id }) => (
    --epochs < 0 ? { id, outcome: "accepted" } : { id, outcome: "refused", code: "epoch" }
  );
  expect(await order(world, start)).toEqual({ ok: true, body: { outcome: "accepted" } });
  epochs = 100;
  expect(await order(world, { ...start, id: "second" })).toEqual(no("link.gone"));
});

test("what the pile remembers from before its boot is known", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot({ cmds: [{ id: "ord_0001-start", outcome: "accepted" }] });
  expect(await order(world, start)).toEqual({
    ok: true,
    body: { outcome: "known", code: "accepted" },
  });
  expect(pile.commands).toEqual([]);
});

test("asked what runs, the pile tells of each connector", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  pile.onAsk = () => ({
    connectors: [
      { status: "charging", orderId: "ord_0001", registerWh: 5 },
      { status: "faulted", registerWh: 6 },
      { status: "plugged", registerWh: 7 },
    ],
  });
  expect(await order(world, { kind: "ask", id: "a1" })).toEqual({
    ok: true,
    body: {
      outcome: "told",
      connectors: [
        { no: 1, state: "charging", orderId: "ord_0001", registerWh: 5 },
        { no: 2, state: "idle", registerWh: 6 },
        { no: 3, state: "plugged", registerWh: 7 },
      ],
    },
  });
});

test("stop, unlock and reboot carry what they need, a stop each time anew", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  await pile.boot();
  const stop: Order = { kind: "stop", id: "s", connector: 1, orderId: "ord_0001", txId: 7 };
  await order(world, stop);
  await order(world, stop);
  await order(world, { kind: "unlock", id: "u", connector: 1 });
  await order(world, { kind: "reboot", id: "r" });
  expect(pile.commands.map(({ kind, connector, orderId }) => [kind, connector, orderId])).toEqual([
    ["stop", 1, "ord_0001"],
    ["stop", 1, "ord_0001"],
    ["unlock", 1, undefined],
    ["reboot", undefined, undefined],
  ]);
  expect(pile.commands.every((command) => pile.checks(command))).toBe(true);
});

test("an order of the actor that is quicker than the boot's answer comes after it", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  let answer: Promise<unknown> | undefined;
  world.answer = async (ask) => {
    if (ask.type !== "OpenLink") return undefined;
    answer = order(world, start);
    await new Promise((later) => setTimeout(later, 30));
    return undefined;
  };
  pile.onCommand = ({ id }) => ({ id, outcome: pile.linkEpoch === 1 ? "accepted" : "refused" });
  await pile.boot();
  expect(await answer).toEqual({ ok: true, body: { outcome: "accepted" } });
});
