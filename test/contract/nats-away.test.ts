// A NATS that goes away and comes back, as the process that depends on it notices.
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { ConnectionError } from "@nats-io/nats-core";
import { afterAll, expect, test } from "vitest";
import { startNats } from "../../server/engines/mod.ts";
import { connectNats, followConnection } from "../../server/store/mod.ts";

const dataDir = await Deno.makeTempDir({ prefix: "nats-away-" });
afterAll(() => Deno.remove(dataDir, { recursive: true }));

test("a connection is down from the server's death to its return, told once each", async () => {
  const engine = await startNats({ dataDir, say: () => {} });
  const connection = await connectNats({
    url: engine.url,
    name: "test",
    seed: new TextEncoder().encode(engine.credentials.platform),
  });
  const told: boolean[] = [];
  let next = Promise.withResolvers<boolean>();
  const isUp = followConnection(connection, (up) => {
    told.push(up);
    next.resolve(up);
  });
  expect(isUp()).toBe(true);
  await engine.kill();
  expect(await next.promise).toBe(false);
  expect(isUp()).toBe(false);
  next = Promise.withResolvers();
  await engine.restart();
  expect(await next.promise).toBe(true);
  expect(isUp()).toBe(true);
  await connection.close();
  expect(isUp()).toBe(false);
  expect(told).toEqual([false, true]);
  await engine.stop();
});

test("a server that is slow to say hello is asked again; nobody there is said at once", async () => {
  const engine = await startNats({ dataDir: `${dataDir}/slow`, say: () => {} });
  const { hostname, port } = new URL(engine.url);
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    if (sockets.size === 1) return; // the first caller waits in vain
    const behind = createConnection(Number(port), hostname).on("error", () => {});
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((done) => front.listen(0, "127.0.0.1", done));
  const { port: own } = front.address() as AddressInfo;
  const seed = new TextEncoder().encode(engine.credentials.platform);
  const connection = await connectNats({ url: `nats://127.0.0.1:${own}`, name: "test", seed });
  expect(sockets.size).toBe(2);
  await connection.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => front.close(done));
  await engine.stop();
  const nobody = connectNats({ url: engine.url, name: "test", seed });
  await expect(nobody).rejects.toThrow(ConnectionError);
});
