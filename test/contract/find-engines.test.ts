// Where engines are looked for, on machines that have more or less to offer.
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findMongo, findNats, type Machine } from "../../server/engines/mod.ts";
import { tempDir } from "../kit/temp.ts";

let dir: Awaited<ReturnType<typeof tempDir>>;
let machine: Machine;
const said: string[] = [];
const options = () => ({ machine, say: (line: string) => void said.push(line) });

beforeEach(async () => {
  dir = await tempDir();
  const bin = join(dir.path, "bin");
  machine = { natsUrl: undefined, mongodbUrl: undefined, path: [bin], cacheDir: dir.path };
  said.length = 0;
  await Deno.mkdir(bin);
  // downloads that failed just now are not tried again
  for (const name of ["nats-server-2.15.1", "mongod-8.0.16"]) {
    await Deno.writeTextFile(join(bin, `${name}.failed`), new Date().toISOString());
  }
});
afterEach(() => dir[Symbol.asyncDispose]());

async function program(name: string, says: string): Promise<string> {
  const file = join(dir.path, "bin", name);
  await Deno.writeTextFile(file, `#!/bin/sh\necho "${says}"\n`, { mode: 0o755 });
  return file;
}

test("a new enough program on PATH is taken before anything is fetched", async () => {
  const nats = await program("nats-server", "nats-server: v2.12.3");
  const mongod = await program("mongod", "db version v8.0.4");
  expect(await findNats(options())).toMatchObject({ command: nats, version: "2.12.3" });
  expect(await findMongo(options())).toMatchObject({ command: mongod, kind: "mongod" });
  expect(said).toEqual([]);
});

test("one that is too old is named, and the cache is used", async () => {
  await program("nats-server", "nats-server: v2.10.29");
  const cached = await program("nats-server-2.15.1", "nats-server: v2.15.1");
  expect(await findNats(options())).toMatchObject({ command: cached, source: "cache" });
  expect(said).toEqual(["nats-server: 2.10.29 on PATH is too old: 2.12 or newer is needed"]);
});

test("where there is nothing at all, it is said at once what would help", async () => {
  const before = performance.now();
  await expect(findNats(options())).rejects.toThrow("put one on PATH, or set NATS_URL");
  await expect(findMongo(options())).rejects.toThrow("put mongod >= 7 on PATH, set MONGODB_URL");
  expect(said).toContain("nats-server: no wheel: python3 is not on PATH");
  expect(performance.now() - before).toBeLessThan(5_000);
});

test("data are not given to another kind of engine than wrote them", async () => {
  await program("secantusd-rs", "secantusd-rs 0.5.3");
  expect(await findMongo(options())).toMatchObject({ kind: "secantusd-rs" });
  const earlier = findMongo({ ...options(), only: "mongod" });
  await expect(earlier).rejects.toThrow("the data were written by mongod, which is not here");
});

test("a program that does not run is no engine", async () => {
  const file = await program("mongod", "");
  await Deno.writeTextFile(file, "#!/bin/sh\nexit 127\n");
  await program("secantusd-rs", "secantusd-rs 0.5.3");
  expect(await findMongo(options())).toMatchObject({ kind: "secantusd-rs" });
  expect(said[0]).toMatch(/mongod: ".*" does not run on this system/);
});
