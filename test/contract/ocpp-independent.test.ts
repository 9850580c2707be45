// A charge by a client that others wrote (ocpp-rpc, strict: it checks every answer of ours by its own
// schemas).
import { RPCClient } from "ocpp-rpc";
import { expect, test } from "vitest";
import { deviceHandler } from "../../server/device-call.ts";
import { GATEWAY, ocppWorld } from "./ocpp-world.ts";

const T = "2026-11-20T08:00:00Z";

test("boot, start, readings, remote stop and end through ocpp-rpc in strict mode", async () => {
  await using world = await ocppWorld();
  await world.addPile("CP1");
  const client = new RPCClient(
    {
      endpoint: `${world.url}/ocpp`,
      identity: "CP1",
      password: "a-secret-of-20-chars",
      protocols: ["ocpp1.6"],
      strictMode: true,
      reconnect: false,
    } as unknown as ConstructorParameters<typeof RPCClient>[0],
  ); // its types make all options required
  const asked: string[] = [];
  client.handle(({ method }) => {
    asked.push(String(method));
    return Promise.resolve({ status: "Accepted" });
  });
  await client.connect();
  const boot = { chargePointModel: "Wall 7", chargePointVendor: "Acme" };
  expect(await client.call("BootNotification", boot)).toMatchObject({ status: "Accepted" });
  for (const status of ["Available", "Preparing"]) {
    await client.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status });
  }
  await client.call("Authorize", { idTag: "CW0123456789ABCDEF" });
  const started = await client.call("StartTransaction", {
    connectorId: 1,
    idTag: "CW0123456789ABCDEF",
    meterStart: 100,
    timestamp: T,
  });
  expect(started).toEqual({ transactionId: 7, idTagInfo: { status: "Accepted" } });
  expect(
    await client.call("MeterValues", {
      connectorId: 1,
      transactionId: 7,
      meterValue: [{ timestamp: T, sampledValue: [{ value: "200" }] }],
    }),
  ).toEqual({});
  const handler = deviceHandler(world.bus, world.clock);
  const command = { kind: "stop", id: "s", connector: 1, txId: 7 };
  const call = { tenant: "main", pileId: "CP1", gatewayId: GATEWAY, linkEpoch: 1, lane: "ocpp1.6" };
  expect(await handler({ ...call, command })).toEqual({ ok: true, body: { outcome: "accepted" } });
  expect(asked).toEqual(["RemoteStopTransaction"]);
  const stop = { transactionId: 7, meterStop: 900, timestamp: T, reason: "Remote" };
  expect(await client.call("StopTransaction", stop)).toEqual({});
  await client.close();
  expect(world.asks.map(({ type }) => type)).toContain("ReportEnded");
});
