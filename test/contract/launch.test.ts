// The launcher over a small platform of its own: real engines, stand-in programs.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort, isFree, natsInfo } from "../../server/engines/mod.ts";
import { launch, type Launched } from "../../tools/launch/launch.ts";
import { type LaunchSettings, readSettings } from "../../tools/launch/settings.ts";
import { Shutdown } from "../../tools/launch/shutdown.ts";

const SERVER = `
if (Deno.env.get("CHARGEWARD_PUBLIC_URL") === "bad") {
  console.error("CHARGEWARD_PUBLIC_URL: no address");
  Deno.exit(2);
}
const tries = {
  run: () => new Deno.Command("/bin/true").outputSync(),
  read: () => Deno.readTextFileSync("/etc/hostname"),
  journal: () => Deno.readTextFileSync(Deno.env.get("CHARGEWARD_DATA") + "/nats/nats-server.conf"),
  stranger: () => Deno.readTextFileSync(Deno.env.get("CHARGEWARD_DATA") + "/secrets/provider.pem"),
  write: () => Deno.writeTextFileSync("server/x", ""),
  net: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
};
Deno.addSignalListener("SIGTERM", () => {
  Deno.writeTextFileSync(Deno.env.get("CHARGEWARD_DATA") + "/order", "server ", { append: true });
  Deno.exit(0);
});
Deno.serve({ port: Number(Deno.env.get("PORT")), hostname: Deno.env.get("HOST") }, async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === "/readyz" && Deno.env.get("CHARGEWARD_PUBLIC_URL") === "lost") {
    const why = ["ST0, ST1 lost records: stop all nodes, npm run restore-journal, start again"];
    return Response.json({ ready: false, why }, { status: 503 });
  }
  if (pathname === "/env") return Response.json(Deno.env.toObject());
  if (pathname === "/die") setTimeout(() => { console.error("out of luck"); Deno.exit(7); });
  if (pathname === "/try") {
    const refused = [];
    for (const [name, act] of Object.entries(tries)) {
      try { await act(); } catch (cause) { if (cause.name === "NotCapable") refused.push(name); }
    }
    return Response.json(refused);
  }
  return new Response("ok");
});`;

const CITY = `
Deno.addSignalListener("SIGTERM", () => {
  Deno.writeTextFileSync(Deno.env.get("CHARGEWARD_DATA") + "/order", "city ", { append: true });
  Deno.exit(0);
});
const demo = Deno.env.get("CHARGEWARD_DATA") + "/demo.json";
const known = JSON.parse(Deno.readTextFileSync(demo));
Deno.writeTextFileSync(demo, JSON.stringify({ ...known, drivers: [{ phone: "13900000001" }] }));
setInterval(() => {}, 1000);`;

const PROVIDER = `
const port = Number(Deno.env.get("PROVIDER_PORT"));
Deno.serve({ port, hostname: "127.0.0.1" }, () => new Response("ok"));`;

let root: string;

beforeAll(async () => {
  root = await Deno.makeTempDir({ prefix: "launch-" });
  for (const folder of ["server", "sim/provider", "sim/city"]) {
    await Deno.mkdir(join(root, folder), { recursive: true });
  }
  await Deno.writeTextFile(join(root, "server/main.ts"), SERVER);
  await Deno.writeTextFile(join(root, "sim/city/main.ts"), CITY);
  await Deno.writeTextFile(join(root, "sim/provider/main.ts"), PROVIDER);
});
afterAll(() => Deno.remove(root, { recursive: true }));

function settingsOf(more: Record<string, string> = {}, args: string[] = []): LaunchSettings {
  const env = { PORT: String(freePort()), CHARGEWARD_DATA: crypto.randomUUID(), ...more };
  return readSettings(root, args, env);
}

async function start(settings: LaunchSettings, lines: string[] = []): Promise<Launched> {
  return await launch(settings, new Shutdown(), (line) => lines.push(line));
}

test("a start writes addresses and engines, and a stop goes in order and leaves nothing", async () => {
  const settings = settingsOf();
  const { running, words, stop, over } = await start(settings);
  expect(words).toMatch(/driver +13900000001/);
  const demo = JSON.parse(await Deno.readTextFile(join(settings.dataDir, "demo.json")));
  expect(demo.addresses).toMatchObject({
    driver: `${running.origin}/`,
    NATS_URL: running.nats.url,
  });
  expect(demo.engines.map(({ name }: { name: string }) => name)).toContain("nats-server");
  const pids = [running.nats, running.mongo].map(({ own }) => own?.pid ?? 0);
  await stop();
  expect(await over).toBe(0);
  expect(await Deno.readTextFile(join(settings.dataDir, "order"))).toBe("city server ");
  for (const pid of pids) expect(() => Deno.kill(pid, "SIGCONT")).toThrow();
  expect(isFree(settings.port)).toBe(true);
});

test("the server sees its settings alone and may do only what it must", async () => {
  const { running, stop } = await start(settingsOf({ SOMETHING_ELSE: "x" }, ["--no-demo"]));
  try {
    const env = await (await fetch(`${running.origin}/env`)).json();
    expect(env).toMatchObject({ CHARGEWARD_DEMO: "off", NATS_URL: running.nats.url });
    expect(Object.keys(env)).not.toContain("PATH");
    expect(Object.keys(env)).not.toContain("SOMETHING_ELSE");
    const refused = await (await fetch(`${running.origin}/try`)).json();
    expect(refused).toEqual(["run", "read", "journal", "stranger", "write", "net"]);
  } finally {
    await stop();
  }
});

test("a program that dies is named with its last lines and takes the rest down", async () => {
  const lines: string[] = [];
  const { running, over } = await start(settingsOf(), lines);
  await fetch(`${running.origin}/die`).catch(() => {});
  expect(await over).toBe(1);
  expect(lines.join("\n")).toMatch(/server ended by itself with 7[^]*out of luck/);
  expect(running.nats.own?.pid).toBe(0);
});

test("an engine that dies is started again; one that goes on dying takes the rest down", async () => {
  const lines: string[] = [];
  const { running, over } = await start(settingsOf({}, ["--no-demo"]), lines);
  const nats = running.nats.own!;
  for (const times of [1, 2, 3]) {
    const { pid } = nats;
    Deno.kill(pid, "SIGKILL");
    if (times === 3) break;
    await expect.poll(() => nats.pid > 0 && nats.pid !== pid, { timeout: 20_000 }).toBe(true);
    await expect.poll(() => natsInfo(nats.url).catch(() => null), { timeout: 20_000 }).toBeTruthy();
    expect(lines.at(-1)).toBe("nats-server ended by itself with 137: starting it again");
  }
  expect(await over).toBe(1);
  expect(lines.at(-1)).toMatch(/^nats-server ended by itself with 137; the end of /);
  expect([nats.pid, running.mongo.own?.pid]).toEqual([0, 0]);
});

test("a setting that only the server finds wrong is told in the server's own lines", async () => {
  const wrong = start(settingsOf({ CHARGEWARD_PUBLIC_URL: "bad" }));
  const says = "server: a setting is wrong:\nCHARGEWARD_PUBLIC_URL: no address";
  await expect(wrong).rejects.toThrow(says);
});

test("a journal that lost records ends the start at once, with what to do", async () => {
  const lost = start(settingsOf({ CHARGEWARD_PUBLIC_URL: "lost" }));
  await expect(lost).rejects.toThrow(
    /server does not get ready: .*: 503 .*npm run restore-journal/,
  );
}, 30_000);

test("wrong settings and flags are told before anything starts, all at once", () => {
  const wrong = () => settingsOf({ PORT: "abc", NATS_URL: "here:1" }, ["--roles", "foo"]);
  expect(wrong).toThrow(/settings are wrong:\n  PORT: .*\n  NATS_URL: .*\n  CHARGEWARD_ROLES: /);
  expect(() => settingsOf({ PORT: "0" })).toThrow("PORT: 0 is no address");
});

test("a file in the place of the data folder is told with what to do", async () => {
  const file = await Deno.makeTempFile();
  const wrong = start(settingsOf({ CHARGEWARD_DATA: file }));
  await expect(wrong).rejects.toThrow(/a file is in its place: set CHARGEWARD_DATA/);
  await Deno.remove(file);
});

test("a second start over the same data, or on a taken port, is refused with what to do", async () => {
  const settings = settingsOf();
  const { stop } = await start(settings);
  try {
    await expect(start(settings)).rejects.toThrow(/data folder is in use: .*set CHARGEWARD_DATA/);
    const other = settingsOf({ PORT: String(settings.port) });
    await expect(start(other)).rejects.toThrow(`port ${settings.port} on 127.0.0.1 is in use`);
  } finally {
    await stop();
  }
});

test("a second node finds the keys and the provider of the first by its NATS_URL", async () => {
  const first = await start(settingsOf());
  const urls = { NATS_URL: first.running.nats.url, MONGODB_URL: first.running.mongo.url };
  try {
    const second = await start(settingsOf(urls, ["--no-demo"]));
    expect(second.running.nats.own).toBeUndefined();
    const read = async (origin: string) => (await fetch(`${origin}/env`)).json();
    const [a, b] = [await read(first.running.origin), await read(second.running.origin)];
    expect(b.NATS_NKEY_FILE).toBe(a.NATS_NKEY_FILE);
    expect(b.CHARGEWARD_PROVIDER_URL).toBe(a.CHARGEWARD_PROVIDER_URL);
    await second.stop();
  } finally {
    await first.stop();
  }
});

const hello = (info: object) => `INFO ${JSON.stringify(info)}\r\n`;

test.each([
  ["too old", hello({ version: "2.9.3", jetstream: true }), "nats-server 2.9.3 is too old"],
  ["without JetStream", hello({ version: "2.15.1" }), "JetStream is off"],
  ["something else", "HTTP/1.1 400 Bad Request\r\n", "what listens there is none: start one"],
  ["silent", "", "what listens there is none: start one"],
])("a NATS that is %s is refused by name", async (_what, says, refusal) => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const greet = async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode(says));
    }
  };
  void greet();
  const settings = settingsOf({ NATS_URL: `nats://127.0.0.1:${listener.addr.port}` });
  await expect(start(settings)).rejects.toThrow(refusal);
});

test.each([
  ["NATS_URL", "nats://127.0.0.1:1", /NATS_URL: no nats-server .*refused.*leave NATS_URL out/],
  ["MONGODB_URL", "mongodb://127.0.0.1:1", /MONGODB_URL: no MongoDB .*leave MONGODB_URL out/],
])("a %s where nobody listens is told with what to do", async (name, url, says) => {
  await expect(start(settingsOf({ [name]: url }))).rejects.toThrow(says);
});

test("data and ports of a start are found again by the next", async () => {
  const settings = settingsOf();
  const first = await start(settings);
  const stopped = first.stop();
  const second = await start(settings); // comes while the first is still going down
  await stopped;
  await second.stop();
  expect(second.running.nats.url).toBe(first.running.nats.url);
  expect(second.running.mongo.url).toBe(first.running.mongo.url);
});
