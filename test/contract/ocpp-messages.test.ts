// What an OCPP pile says, what its actor is told, and what it is answered.
import { expect, test } from "vitest";
import { done, faulty, refusedWith } from "./gateway-world.ts";
import { type OcppWorld, ocppWorld, type TestPile } from "./ocpp-world.ts";

const T = "2026-11-20T08:00:00Z";
const at = Date.parse(T);

async function onePile(settings = {}): Promise<{ world: OcppWorld; pile: TestPile }> {
  const world = await ocppWorld(settings);
  await world.addPile("CP1");
  return { world, pile: await world.connect("CP1") };
}
const bodies = (world: OcppWorld, type: string) =>
  world.asks.filter((ask) => ask.type === type).map(({ body }) => body);
const status = (connectorId: number, word: string, more = {}) => (
  { connectorId, status: word, errorCode: "NoError", timestamp: T, ...more }
);

test("BootNotification is told and accepted, even where it cannot be recorded now", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const boot = {
    chargePointModel: "Wall 7",
    chargePointVendor: "Acme",
    firmwareVersion: "1.2",
    chargePointSerialNumber: "S1",
  };
  const answer = await pile.call("BootNotification", boot);
  expect(answer?.[2]).toMatchObject({ status: "Accepted", interval: 30 });
  expect(bodies(world, "ReportBoot")).toEqual([
    { linkEpoch: 1, model: "Wall 7", vendor: "Acme", firmware: "1.2", serial: "S1" },
  ]);
});

test("statuses become plugs, states and faults, each only when it is news", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  for (const word of ["Available", "Preparing", "Charging", "SuspendedEV", "Finishing"]) {
    expect((await pile.call("StatusNotification", status(1, word)))?.[2]).toEqual({});
  }
  await pile.call("StatusNotification", status(1, "Available"));
  expect(bodies(world, "ReportPlug").map(({ plugged }) => plugged)).toEqual([false, true, false]);
  expect(bodies(world, "ReportState").map(({ state }) => state)).toEqual(
    ["available", "preparing", "charging", "suspended", "finishing", "available"],
  );
  expect(bodies(world, "ReportFaultCleared")).toEqual([]);
  const fault = { errorCode: "OtherError", vendorErrorCode: "E42", info: "door open" };
  await pile.call("StatusNotification", status(1, "Faulted", fault));
  await pile.call("StatusNotification", status(1, "Available"));
  expect(bodies(world, "ReportFault")).toEqual([{
    linkEpoch: 1,
    connector: 1,
    cause: { code: "OtherError/E42", by: "unknown", raw: "E42 | door open" },
    severity: "critical",
    deviceAt: at,
  }]);
  expect(bodies(world, "ReportFaultCleared")).toEqual([
    { linkEpoch: 1, connector: 1, deviceAt: at },
  ]);
});

test("a trouble of a working connector is told once, as a remark, and cleared", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  for (const errorCode of ["WeakSignal", "WeakSignal", "NoError", "NoError"]) {
    await pile.call("StatusNotification", status(1, "Available", { errorCode }));
  }
  expect(bodies(world, "ReportFault").map(({ severity }) => severity)).toEqual(["info"]);
  expect(bodies(world, "ReportFaultCleared")).toHaveLength(1);
  expect(bodies(world, "ReportState")).toHaveLength(4);
});

test("a fault that the platform still shows from before is cleared by the first good status", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  world.shown = { connectors: [{ no: 1, fault: { code: "X", by: "pile" } }, { no: 2 }] };
  await pile.call("StatusNotification", status(1, "Available"));
  await pile.call("StatusNotification", status(2, "Available"));
  expect(bodies(world, "ReportFaultCleared").map(({ connector }) => connector)).toEqual([1]);
});

test("cards are known, blocked or unknown; the platform's own tags are accepted", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const tags = await world.directory.bucket("idtags");
  await tags.put("main/CARD1", { userId: "usr_0001", blocked: false });
  await tags.put("main/CARD2", { userId: "usr_0002", blocked: true });
  const statusOf = async (idTag: string) => {
    const answer = await pile.call("Authorize", { idTag });
    return (answer![2] as { idTagInfo: { status: string } }).idTagInfo.status;
  };
  expect(await statusOf("CARD1")).toBe("Accepted");
  expect(await statusOf("CARD2")).toBe("Blocked");
  expect(await statusOf("CARD3")).toBe("Invalid");
  expect(await statusOf("CW0123456789ABCDEF")).toBe("Accepted");
});

test("a start carries the card's owner; the answer is the actor's", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const tags = await world.directory.bucket("idtags");
  await tags.put("main/CARD1", { userId: "usr_0001" });
  await tags.put("main/CARD2", { userId: "usr_0002", blocked: true });
  const start = (idTag: string) =>
    pile.call("StartTransaction", { connectorId: 1, idTag, meterStart: 1000, timestamp: T });
  expect((await start("CARD1"))?.[2]).toEqual({
    transactionId: 7,
    idTagInfo: { status: "Accepted" },
  });
  for (
    const [why, word] of [["blocked", "Blocked"], ["busy", "ConcurrentTx"], ["invalid", "Invalid"]]
  ) {
    world.answer = (ask) =>
      ask.type === "ReportStarted" ? done({ txId: 8, accepted: false, why }) : undefined;
    expect((await start("CARD2"))?.[2]).toEqual({ transactionId: 8, idTagInfo: { status: word } });
  }
  world.answer = null;
  await start("CARD9");
  await start("CW0123456789ABCDEF");
  const told = bodies(world, "ReportStarted");
  expect(told[0]).toEqual({
    linkEpoch: 1,
    connector: 1,
    deviceAt: at,
    registerWh: 1000,
    idTag: "CARD1",
    cardUserId: "usr_0001",
  });
  expect(told[1]).toMatchObject({ cardUserId: "usr_0002", cardBlocked: true });
  expect(told[4]).toMatchObject({ idTag: "CARD9", cardUserId: null });
  expect(told[5]).not.toHaveProperty("cardUserId");
});

test("a stop is answered only after it is recorded, however often that must be tried", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  let tries = 0;
  world.answer = (ask) =>
    ask.type === "ReportEnded" && ++tries < 3 ? faulty("outcome.unknown") : undefined;
  const answer = await pile.call("StopTransaction", {
    transactionId: 7,
    meterStop: 5000,
    timestamp: T,
    reason: "EVDisconnected",
    idTag: "CARD1",
    transactionData: [
      { timestamp: "2026-11-20T07:59:00Z", sampledValue: [{ value: "4.5", unit: "kWh" }] },
      { timestamp: "2026-11-20T07:58:00Z", sampledValue: [{ value: "4000" }] },
    ],
  });
  expect(answer?.[2]).toEqual({ idTagInfo: { status: "Accepted" } });
  const ends = world.asks.filter(({ type }) => type === "ReportEnded");
  expect(ends).toHaveLength(3);
  expect(new Set(ends.map(({ id }) => id)).size).toBe(1);
  expect(ends[0]!.body).toEqual({
    linkEpoch: 1,
    txId: 7,
    idTag: "CARD1",
    deviceAt: at,
    registerWh: 5000,
    reason: "unplugged",
    cause: { code: "EVDisconnected", by: "user" },
    readings: [
      { deviceAt: at - 120_000, registerWh: 4000 },
      { deviceAt: at - 60_000, registerWh: 4500 },
    ],
  });
  expect(world.stored).toHaveLength(2);
});

test("a stop that cannot be recorded stays unanswered and the pile keeps it", async () => {
  const { world, pile } = await onePile({ recordMs: 400 });
  await using _ = world;
  world.answer = (ask) => ask.type === "ReportEnded" ? faulty("unavailable") : undefined;
  const stop = { transactionId: 7, meterStop: 5000, timestamp: T };
  expect(await pile.call("StopTransaction", stop)).toBeNull();
  expect(pile.closed!.code).toBe(1013);
  expect(pile.got.filter(([type]) => type !== 2)).toEqual([]);
  world.answer = null;
  const again = await world.connect("CP1");
  expect((await again.call("StopTransaction", stop))?.[2]).toEqual({});
});

test("stops of transactions that nobody knows are taken: -1, 0, unknown", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  world.answer = (ask) => ask.type === "ReportEnded" ? refusedWith("pile.unknown") : undefined;
  for (const transactionId of [-1, 0, 987654]) {
    const answer = await pile.call("StopTransaction", {
      transactionId,
      meterStop: 10,
      timestamp: T,
    });
    expect(answer?.[2]).toEqual({});
  }
  expect(bodies(world, "ReportEnded").map(({ txId }) => txId)).toEqual([-1, 0, 987654]);
});

test("a pile that never boots on this link is served all the same", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  expect((await pile.call("Heartbeat", {}))?.[2]).toHaveProperty("currentTime");
  expect((await pile.call("StatusNotification", status(1, "Available")))?.[0]).toBe(3);
  expect(bodies(world, "ReportState")).toHaveLength(1);
});

test("what is only told is answered, what is not ours is named so", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  expect((await pile.call("DataTransfer", { vendorId: "v" }))?.[2]).toEqual({
    status: "UnknownVendorId",
  });
  expect((await pile.call("FirmwareStatusNotification", { status: "Installed" }))?.[2]).toEqual({});
  expect((await pile.call("DiagnosticsStatusNotification", { status: "Idle" }))?.[2]).toEqual({});
  expect((await pile.call("Reset", { type: "Hard" }))?.[2]).toBe("NotSupported");
  expect((await pile.call("Dance", {}))?.[2]).toBe("NotImplemented");
  expect((await pile.call("__proto__", {}))?.[2]).toBe("NotImplemented");
});

const wrong: [string, string, unknown, string][] = [
  ["a field missing", "Authorize", {}, "OccurenceConstraintViolation"],
  ["a number for text", "Authorize", { idTag: 5 }, "TypeConstraintViolation"],
  ["text too long", "Authorize", { idTag: "x".repeat(21) }, "PropertyConstraintViolation"],
  [
    "a word outside its set",
    "StatusNotification",
    status(1, "Dancing"),
    "PropertyConstraintViolation",
  ],
  [
    "text for a number",
    "StatusNotification",
    status("1" as never, "Available"),
    "TypeConstraintViolation",
  ],
  [
    "not a moment",
    "StatusNotification",
    status(1, "Available", { timestamp: "noon" }),
    "PropertyConstraintViolation",
  ],
  ["no object", "Heartbeat", [], "FormationViolation"],
  ["nothing", "Heartbeat", null, "FormationViolation"],
];
test.each(wrong)(
  "a payload with %s is refused by the right code",
  async (_what, action, payload, code) => {
    const { world, pile } = await onePile();
    await using _ = world;
    const answer = await pile.call(action, payload);
    expect(answer?.slice(0, 3)).toEqual([4, "p1", code]);
    expect(world.asks.filter(({ type }) => type !== "OpenLink")).toEqual([]);
    expect((await pile.call("Heartbeat", {}))?.[0]).toBe(3);
  },
);

test("frames that are none are answered with id -1, other message types are ignored", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  for (
    const text of ["", "{", "null", "{}", "[]", '["2","a","Heartbeat",{}]', '[2,5,"Heartbeat",{}]']
  ) {
    pile.send(text);
  }
  pile.send('[9,"x","Heartbeat",{}]');
  pile.send('[3,"never-asked",{}]');
  pile.send('[2,"q","Heartbeat"]');
  await pile.call("Heartbeat", {});
  const codes = pile.got.filter(([type]) => type === 4).map(([, id, code]) =>
    `${id} ${String(code)}`
  );
  expect(codes).toEqual([...Array(7).fill("-1 FormationViolation"), "q FormationViolation"]);
});

test("binary frames, frames too large and nothing but rubbish end the link", async () => {
  await using world = await ocppWorld();
  for (const id of ["CP1", "CP2", "CP3"]) await world.addPile(id);
  const [binary, large, rubbish] = [
    await world.connect("CP1"),
    await world.connect("CP2"),
    await world.connect("CP3"),
  ];
  binary.send(new Uint8Array([1, 2, 3]));
  large.send(JSON.stringify([2, "a", "DataTransfer", { vendorId: "v", data: "x".repeat(70_000) }]));
  for (let i = 0; i < 16; i++) rubbish.send("rubbish");
  await world.until(() => [binary, large, rubbish].every((pile) => pile.closed !== null), "closed");
  expect([binary, large, rubbish].map((pile) => pile.closed!.code)).toEqual([1003, 1009, 1008]);
});

test("moments without a zone and numbers for text are mended", async () => {
  const { world, pile } = await onePile();
  await using _ = world;
  const answer = await pile.call("StopTransaction", {
    transactionId: 7,
    meterStop: 5000.4,
    timestamp: "2026-11-20T08:00:00",
  });
  expect(answer?.[0]).toBe(3);
  expect(bodies(world, "ReportEnded")[0]).toMatchObject({ registerWh: 5000, deviceAt: at });
});
