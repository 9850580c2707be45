// One suite over both directories: KV buckets of a real server, and the twin in memory.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Directory } from "../../server/ports.ts";
import { systemClock } from "../../server/runtime/mod.ts";
import { memoryDirectory, natsDirectory } from "../../server/store/mod.ts";
import { onJetStream } from "./journal-world.ts";

interface World extends AsyncDisposable {
  directory: Directory;
  /** Another process's view of the same buckets. */
  other(): Promise<Directory>;
}

const inMemory = (): Promise<World> => {
  const directory = memoryDirectory(systemClock);
  return Promise.resolve({
    directory,
    other: () => Promise.resolve(directory),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
};
async function onNats(): Promise<World> {
  const world = await onJetStream();
  return {
    directory: natsDirectory(world.connection),
    other: async () => natsDirectory(await world.connect("other")),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

interface Card {
  user: string;
  n?: number;
}

describe.each([["memory", inMemory], ["NATS", onNats]] as const)("directory in %s", (_n, open) => {
  let world: World;
  beforeAll(async () => void (world = await open()));
  afterAll(() => world?.[Symbol.asyncDispose]());

  describe.each([false, true])("hot: %s", (hot) => {
    const bucket = (name: string) =>
      world.directory.bucket<Card>(`${name}-${hot ? "hot" : "cold"}`, { hot });

    test("what was put is got, whatever the key looks like; what was deleted is gone", async () => {
      const cards = await bucket("cards");
      const keys = ["plain", "+86 138.0000", "a.b.>", "卡片", "=2E"];
      expect(await cards.get("plain")).toBeNull();
      for (const key of keys) await cards.put(key, { user: key });
      for (const key of keys) expect((await cards.get(key))?.value).toEqual({ user: key });
      await cards.delete("plain");
      expect(await cards.get("plain")).toBeNull();
      const left = (await cards.entries()).map(({ key }) => key).sort();
      expect(left).toEqual(keys.filter((key) => key !== "plain").sort());
      expect((await cards.entries("a.")).map(({ value }) => value.user)).toEqual(["a.b.>"]);
    });

    test("of many who create the same key one succeeds, also after a deletion", async () => {
      const cards = await bucket("created");
      for (let round = 0; round < 2; round++) {
        const made = await Promise.all(
          Array.from({ length: 10 }, (_, n) => cards.create("k", { user: "u", n })),
        );
        expect(made.filter((revision) => revision !== null)).toHaveLength(1);
        await cards.delete("k");
      }
    });

    test("an update holds only on the revision that was read", async () => {
      const cards = await bucket("updated");
      const first = await cards.put("k", { user: "u", n: 1 });
      const second = await cards.update("k", { user: "u", n: 2 }, first);
      expect(second).not.toBeNull();
      expect(await cards.update("k", { user: "u", n: 3 }, first)).toBeNull();
      expect(await cards.get("k")).toEqual({ value: { user: "u", n: 2 }, revision: second });
    });

    test("what one process writes another sees", async () => {
      const mine = await bucket("shared");
      await mine.put("before", { user: "u" });
      const name = `shared-${hot ? "hot" : "cold"}`;
      const theirs = await (await world.other()).bucket<Card>(name, { hot });
      expect((await theirs.get("before"))?.value).toEqual({ user: "u" });
      await theirs.put("after", { user: "w" });
      await expect.poll(async () => (await mine.get("after"))?.value).toEqual({ user: "w" });
      await theirs.delete("before");
      await expect.poll(() => mine.get("before")).toBeNull();
    });

    test("entries with a time to live vanish", async () => {
      const name = `short-${hot ? "hot" : "cold"}`;
      const codes = await world.directory.bucket<Card>(name, { hot, ttlMs: 1_000 });
      await codes.put("k", { user: "u" });
      expect(await codes.get("k")).not.toBeNull();
      await expect.poll(() => codes.get("k"), { timeout: 5_000 }).toBeNull();
      const create = () => codes.create("k", { user: "w" }); // the server may take a moment longer
      await expect.poll(create, { timeout: 5_000 }).not.toBeNull();
    });
  });
});

test("a hot bucket follows again after the server came back, and answers while it is away", async () => {
  await using world = await onJetStream();
  const mine = await natsDirectory(world.connection).bucket<Card>("hot", { hot: true });
  const theirs = await natsDirectory(await world.connect("b")).bucket<Card>("hot", { hot: true });
  await mine.put("k", { user: "u" });
  await expect.poll(async () => (await theirs.get("k"))?.value.user).toBe("u");
  await world.restart(500);
  expect((await theirs.get("k"))?.value.user).toBe("u");
  await expect.poll(() => mine.put("k", { user: "w" }).catch(() => 0), { timeout: 10_000 })
    .toBeGreaterThan(0);
  await expect.poll(async () => (await theirs.get("k"))?.value.user, { timeout: 10_000 }).toBe("w");
});

test.each([false, true])("a damaged value is a fault for its key alone (hot: %s)", async (hot) => {
  await using world = await onJetStream();
  const name = `damaged-${hot}`;
  const cards = await natsDirectory(world.connection).bucket<Card>(name);
  await cards.put("whole", { user: "u" });
  world.connection.publish(`$KV.${name}.broken`, new Uint8Array([0xff, 0x7b]));
  await world.connection.flush();
  await cards.put("after", { user: "v" });
  const fresh = await natsDirectory(world.connection).bucket<Card>(name, { hot });
  expect((await fresh.get("whole"))?.value).toEqual({ user: "u" });
  expect((await fresh.get("after"))?.value).toEqual({ user: "v" });
  await expect(fresh.get("broken")).rejects.toThrow("cannot be read");
  expect(await fresh.get("")).toBeNull();
});
