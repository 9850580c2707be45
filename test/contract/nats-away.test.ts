// A NATS that goes away and comes back, as the process that depends on it notices.
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
