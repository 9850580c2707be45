// A database that comes later than the process that wants it.
import { expect, test } from "vitest";
import { freePort, startMongo } from "../../server/engines/mod.ts";
import { connectMongo } from "../../server/store/mod.ts";
import { tempDir } from "../kit/temp.ts";

test("a connection asked for while MongoDB is away stands once it is there", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir("mongo-away-"));
  const port = freePort();
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  const mongo = connectMongo({ url, name: "early" });
  stack.defer(() => mongo.close());
  expect(await mongo.ping()).toBeNull();
  const engine = await startMongo({ dataDir: dir.path, port, say: () => {} });
  stack.defer(() => engine.stop());
  await expect.poll(() => mongo.ping(), { timeout: 20_000 }).not.toBeNull();
  expect(await mongo.db.collection("any").countDocuments()).toBe(0);
});
