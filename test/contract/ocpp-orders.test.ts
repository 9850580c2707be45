// Orders of the platform to an OCPP pile: through the port handler, the bus, the gateway and a real socket.
import { expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import type { DeviceCall, DeviceOutcome } from "../../wire/pile.ts";
import { GATEWAY, type OcppWorld, ocppWorld, type TestPile } from "./ocpp-world.ts";

type Order = DeviceCall["command"];
const start = (id = "ord_0001-start"): Order => ({
  kind: "start",
  id,
  connector: 1,
  orderId: "ord_0001",
  idTag: "CW0123456789ABCDEF",
  limit: {},
  holdFen: 3000,
});
const stop = (txId?: number): Order => (
  { kind: "stop", id: "ord_0001-stop", connector: 1, ...(txId === undefined ? {} : { txId }) }
);
const ask: Order = { kind: "ask", id: "ask-1" };
const accepted = { status: "Accepted" };

async function onePile(settings = {}) {
  const world = await ocppWorld(settings);
  await world.addPile("CP1");
  const pile = await world.connect("CP1");
  await pile.call("Heartbeat", {});
  return { world, pile };
}
function order(world: OcppWorld, command: Order, linkEpoch = 1, deadlineMs = 5_000) {
  const call = {
    tenant: "main",
    pileId: "CP1",
    gatewayId: GATEWAY,
    linkEpoch,
    lane: "ocpp1.6",
    command,
  };
  return deviceHandler(world.bus, world.clock, deadlineMs)(call);
}
const asked = (pile: TestPile) => pile.got.filter(([type]) => type === 2).map(([, , what]) => what);
const ok = (body: Partial<DeviceOutcome>) => ({ ok: true, body });
const no = (code: string) =>
  expect.objectContaining({
    ok: false,
    refusal: expect.objectContaining({ code }),
  });
const status = (connectorId: number, word: string) => (
  { connectorId, status: word, errorCode: "NoError" }
);

test("a start goes out once; told again it is known and comes to the same", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = () => accepted;
  expect(await order(world, start())).toEqual(ok({ outcome: "accepted" }));
  expect(await order(world, start())).toEqual(ok({ outcome: "known", code: "accepted" }));
  expect(pile.got.filter(([type]) => type === 2).map(([, , action, payload]) => [action, payload]))
    .toEqual([["RemoteStartTransaction", { connectorId: 1, idTag: "CW0123456789ABCDEF" }]]);
});

test("a pile's no is a refusal with its word", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = (action) => ({
    status: action === "UnlockConnector" ? "NotSupported" : "Rejected",
  });
  expect(await order(world, start())).toEqual(ok({ outcome: "refused", code: "rejected" }));
  expect(await order(world, { kind: "unlock", id: "u1", connector: 1 })).toEqual(
    ok({ outcome: "refused", code: "not-supported" }),
  );
  expect(await order(world, { kind: "reboot", id: "r1" })).toEqual(
    ok({ outcome: "refused", code: "rejected" }),
  );
  expect(await order(world, stop())).toEqual(ok({ outcome: "refused", code: "no-transaction" }));
});

test("a stop is sent each time, by the order's transaction or the one that the link has seen", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = () => accepted;
  await pile.call("StartTransaction", {
    connectorId: 1,
    idTag: "CW0123456789ABCDEF",
    meterStart: 0,
    timestamp: "2026-11-20T08:00:00Z",
  });
  await order(world, stop());
  await order(world, stop(99));
  expect(pile.got.filter(([type]) => type === 2).map(([, , , payload]) => payload)).toEqual([
    { transactionId: 7 },
    { transactionId: 99 },
  ]);
});

test("an order of another link, to another gateway or of no shape reaches no pile", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  expect(await order(world, start(), 0)).toEqual(no("link.gone"));
  expect(await order(world, start(), 2)).toEqual(no("link.gone"));
  const elsewhere = deviceHandler(world.bus, world.clock, 500);
  const call = { tenant: "main", pileId: "CP1", gatewayId: "gone", linkEpoch: 1, lane: "ocpp1.6" };
  expect(await elsewhere({ ...call, command: start() })).toEqual(no("link.gone"));
  expect(await elsewhere({ ...call, command: { kind: "dance" } })).toEqual(no("command.malformed"));
  expect(asked(pile)).toEqual([]);
});

test("silence is an unknown outcome; it is not sent again until the platform has asked", async () => {
  const { world, pile } = await onePile({ callMs: 200, statusMs: 100 });
  await using _ = world;
  expect(await order(world, start())).toEqual(no("outcome.unknown"));
  expect(await order(world, start())).toEqual(no("outcome.unknown"));
  expect(asked(pile)).toEqual(["RemoteStartTransaction"]);
  await order(world, ask);
  pile.onCall = () => accepted;
  expect(await order(world, start())).toEqual(ok({ outcome: "accepted" }));
});

test("a late answer is what a repeat hears", async () => {
  const { world, pile } = await onePile({ callMs: 150 });
  await using _ = world;
  expect(await order(world, start())).toEqual(no("outcome.unknown"));
  const [, id] = pile.got.find(([type]) => type === 2)!;
  pile.send(JSON.stringify([3, id, accepted]));
  await pile.call("Heartbeat", {});
  expect(await order(world, start())).toEqual(ok({ outcome: "known", code: "accepted" }));
});

test("one question at a time, stops before what waits", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const first = order(world, start("a"));
  const second = order(world, start("b"));
  const urgent = order(world, stop(5));
  await world.until(() => asked(pile).length === 1, "first question");
  await pile.call("Heartbeat", {});
  expect(asked(pile)).toHaveLength(1);
  pile.onCall = () => accepted;
  pile.send(JSON.stringify([3, pile.got.find(([type]) => type === 2)![1], accepted]));
  await Promise.all([first, second, urgent]);
  expect(asked(pile)).toEqual([
    "RemoteStartTransaction",
    "RemoteStopTransaction",
    "RemoteStartTransaction",
  ]);
});

test("what waited too long behind a silent pile is not sent at all", async () => {
  const { world, pile } = await onePile({ callMs: 300, sendMs: 100 });
  await using _ = world;
  const first = order(world, start("a"));
  const second = order(world, start("b"));
  expect(await first).toEqual(no("outcome.unknown"));
  expect(await second).toEqual(ok({ outcome: "refused", code: "busy" }));
  expect(asked(pile)).toHaveLength(1);
});

test("a link that closes under an order leaves its outcome unknown", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const answer = order(world, start());
  await world.until(() => asked(pile).length === 1, "question");
  pile.socket.terminate();
  expect(await answer).toEqual(no("outcome.unknown"));
  await world.told("LoseLink");
  expect(await order(world, start())).toEqual(no("link.gone"));
});

test("asked what runs, a pile tells by its statuses", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = (_action, { requestedMessage }) => {
    if (requestedMessage === "StatusNotification") {
      setTimeout(() => {
        void pile.call("StatusNotification", status(1, "Charging"));
        void pile.call("StatusNotification", status(2, "Available"));
      }, 20);
    }
    return accepted;
  };
  await pile.call("MeterValues", {
    connectorId: 1,
    transactionId: 7,
    meterValue: [{ timestamp: "2026-11-20T08:00:00Z", sampledValue: [{ value: "1234" }] }],
  });
  expect(await order(world, ask)).toEqual(ok({
    outcome: "told",
    connectors: [
      { no: 1, state: "charging", txId: 7, registerWh: 1234 },
      { no: 2, state: "idle" },
    ],
  }));
});

test("where TriggerMessage is unknown, a status counts unless a start has followed it", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = (action) => action === "TriggerMessage" ? { status: "NotImplemented" } : accepted;
  await pile.call("StatusNotification", status(1, "Available"));
  expect(await order(world, ask)).toEqual(ok({
    outcome: "told",
    connectors: [{ no: 1, state: "idle" }, { no: 2, state: "unknown" }],
  }));
  await order(world, start());
  expect(await order(world, ask)).toEqual(ok({
    outcome: "told",
    connectors: [{ no: 1, state: "unknown" }, { no: 2, state: "unknown" }],
  }));
  await pile.call("StatusNotification", status(1, "Charging"));
  expect(await order(world, ask)).toEqual(ok({
    outcome: "told",
    connectors: [{ no: 1, state: "charging" }, { no: 2, state: "unknown" }],
  }));
});

test("an answer of the wrong shape is a refusal, a stray one is only noted", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  pile.onCall = () => ({ status: "Perhaps" });
  expect(await order(world, start())).toEqual(
    ok({ outcome: "refused", code: "formation-violation" }),
  );
  pile.send('[4,"nobody","GenericError","",{}]');
  expect((await pile.call("Heartbeat", {}))?.[0]).toBe(3);
});

test("an order that comes before the gateway has heard of its own link waits for it", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  let answer: Promise<unknown> | undefined;
  world.answer = async (ask) => {
    if (ask.type !== "OpenLink") return undefined;
    answer = order(world, start());
    await new Promise((later) => setTimeout(later, 30));
    return undefined;
  };
  const pile = await world.connect("CP1");
  pile.onCall = () => accepted;
  await world.until(() => answer !== undefined, "link opened");
  expect(await answer).toEqual(ok({ outcome: "accepted" }));
});
