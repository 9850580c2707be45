// The engines as the platform relies on them: durable over kill -9, gone with their starter, and
// accounts that keep piles, gateways and the journal apart.
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { MongoClient } from "mongodb";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NatsEngine, startMongo, startNats } from "../../server/engines/mod.ts";
import { tempDir } from "../kit/temp.ts";

const quiet = { say: () => {} };
let dir: Awaited<ReturnType<typeof tempDir>>;
let nats: NatsEngine;

beforeAll(async () => {
  dir = await tempDir();
  nats = await startNats({ dataDir: join(dir.path, "nats"), ...quiet });
});
afterAll(async () => {
  await nats.stop();
  await dir[Symbol.asyncDispose]();
});

function connectAs(role: keyof NatsEngine["credentials"]): Promise<NatsConnection> {
  const seed = new TextEncoder().encode(nats.credentials[role]);
  return connect({ servers: nats.url, authenticator: nkeyAuthenticator(seed), reconnect: false });
}

test("an acknowledged append is there after kill -9", async () => {
  const before = await connectAs("platform");
  await (await jetstreamManager(before)).streams.add({ name: "ST", subjects: ["st.>"] });
  await jetstream(before).publish("st.0.main.pile.P1", "one");
  await nats.kill();
  expect(nats.pid).toBe(0);
  await nats.restart();
  await using after = await connectAs("platform");
  const { state } = await (await jetstreamManager(after)).streams.info("ST");
  expect(state.messages).toBe(1);
});

test("a gateway can neither append to the journal nor change its streams", async () => {
  await using gateway = await connectAs("gateway");
  const append = jetstream(gateway).publish("st.0.main.pile.P2", "forged", { timeout: 500 });
  await expect(append).rejects.toThrow();
  const manager = await jetstreamManager(gateway);
  await expect(manager.streams.purge("ST")).rejects.toThrow();
  await expect(manager.streams.delete("ST")).rejects.toThrow();
  await using maintenance = await connectAs("maintenance");
  await expect((await jetstreamManager(maintenance)).streams.purge("ST")).resolves.toBeDefined();
});

test.each(["api", "gateway", "projector"] as const)(
  "role %s speaks neither as a node nor sets timers, nor does it say what is archived unless it projects",
  async (role) => {
    await using narrow = await connectAs(role);
    await using platform = await connectAs("platform");
    const heard: string[] = [];
    platform.subscribe(">", { callback: (_error, { subject }) => void heard.push(subject) });
    await platform.flush();
    const subjects = ["hb.x", "rem.0.x", "fire.0.x", "$KV.followers.ST0", "archived", "report.ask"];
    for (const subject of subjects) narrow.publish(subject, "{}");
    await narrow.flush();
    await platform.flush();
    const mine = heard.filter((subject) => subjects.includes(subject));
    expect(mine).toEqual(role === "projector" ? ["archived", "report.ask"] : ["report.ask"]);
  },
);

test("the telemetry gateway hears no platform subject, and none hears it", async () => {
  await using telemetry = await connectAs("telemetry");
  await using platform = await connectAs("platform");
  const heard: string[] = [];
  platform.subscribe(">", { callback: (_error, message) => void heard.push(message.subject) });
  await platform.flush();
  telemetry.publish("cmd.main.pile.0.P1", "forged");
  telemetry.publish("d.main.P1.dn.cmd", "start");
  await telemetry.flush();
  await platform.flush();
  expect(heard.filter((subject) => !subject.startsWith("_INBOX"))).toEqual([]);
  await expect(jetstreamManager(telemetry)).rejects.toThrow();
});

test("the server reports that every append is flushed", async () => {
  await using sys = await connectAs("sys");
  const reply = await sys.request("$SYS.REQ.SERVER.PING.JSZ", JSON.stringify({ config: true }));
  const report = reply.json<{ data: { config: { sync_always?: boolean } } }>();
  expect(report.data.config.sync_always).toBe(true);
});

test("an acknowledged write to the database is there after kill -9", async () => {
  const mongo = await startMongo({ dataDir: join(dir.path, "mongo"), ...quiet });
  try {
    await using before = new MongoClient(mongo.url);
    const rows = Array.from({ length: 200 }, (_, _id) => ({ _id }));
    const writeConcern = { w: "majority", j: true } as const;
    for (const row of rows) {
      await before.db("t").collection<{ _id: number }>("c").insertOne(row, { writeConcern });
    }
    await mongo.kill();
    await mongo.restart();
    await using after = new MongoClient(mongo.url);
    expect(await after.db("t").collection("c").countDocuments()).toBe(rows.length);
  } finally {
    await mongo.stop();
  }
});

test("an engine ends when the process that started it is killed", async () => {
  const door = new URL("../../server/engines/mod.ts", import.meta.url).href;
  const script = join(dir.path, "starter.ts");
  await Deno.writeTextFile(
    script,
    `import { startNats } from "${door}";
    const nats = await startNats({ dataDir: "${join(dir.path, "orphan")}", say: () => {} });
    console.log(nats.pid);
    setInterval(() => {}, 1000);`,
  );
  const starter = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", join(import.meta.dirname ?? ".", "../../deno.json"), script],
    stdout: "piped",
  }).spawn();
  const { value = "" } = await starter.stdout.pipeThrough(new TextDecoderStream()).getReader()
    .read();
  const pid = Number(value);
  expect(() => Deno.kill(pid, "SIGCONT")).not.toThrow();
  starter.kill("SIGKILL");
  await starter.status;
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}
