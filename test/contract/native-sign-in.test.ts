// Who a native pile is, on a real nats-server: attacks on the callout and on other piles' subjects.
import { createUser, fromSeed } from "@nats-io/nkeys";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Engine, engine, type NativeWorld, nativeWorld } from "./native-world.ts";

let nats: Engine;
let world: NativeWorld;
let seed: string;
beforeAll(async () => {
  nats = await engine();
  world = await nativeWorld(nats);
  seed = await world.addPile("P1");
  await world.addPile("P2");
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const encode = (text: string) => new TextEncoder().encode(text);
const pair = (ofSeed: string) => fromSeed(encode(ofSeed));
const sigOf = (key: ReturnType<typeof pair>, nonce: string) =>
  Buffer.from(key.sign(encode(nonce))).toString("base64url");

/** Signs in by hand, with whatever it likes to say; the server's first answer: "PONG" or its error. */
async function knock(say: (nonce: string) => object): Promise<string> {
  const { hostname, port } = new URL(nats.nats.url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  const text = socket.readable.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  try {
    while (!heard.includes("\r\n")) heard += (await text.read()).value ?? "";
    const { nonce } = JSON.parse(heard.slice("INFO ".length)) as { nonce: string };
    const connect = { verbose: false, pedantic: false, protocol: 1, ...say(nonce) };
    await socket.write(encode(`CONNECT ${JSON.stringify(connect)}\r\nPING\r\n`));
    heard = "";
    for (;;) {
      const { value, done } = await text.read().catch(() => ({ value: undefined, done: true }));
      if (done) return heard.trim();
      heard += value;
      const answer = /^(PONG|-ERR [^\r\n]*)\r\n/m.exec(heard)?.[1];
      if (answer !== undefined) return answer;
    }
  } finally {
    await text.cancel().catch(() => {});
  }
}
const proper = (ofSeed: string) => (nonce: string) => (
  { nkey: pair(ofSeed).getPublicKey(), sig: sigOf(pair(ofSeed), nonce) }
);

test("a pile with its own key and signature gets in", async () => {
  expect(await knock(proper(seed))).toBe("PONG");
});

const nkey = () => pair(seed).getPublicKey();
const attacks: [string, (nonce: string) => object][] = [
  ["no signature", () => ({ nkey: nkey() })],
  ["an empty one", () => ({ nkey: nkey(), sig: "" })],
  ["a forged one", () => ({ nkey: nkey(), sig: "A".repeat(86) })],
  ["one of another key", (nonce) => ({ nkey: nkey(), sig: sigOf(createUser(), nonce) })],
  ["one over another nonce", () => ({ nkey: nkey(), sig: sigOf(pair(seed), "another") })],
  ["an unknown key", (nonce) => proper(new TextDecoder().decode(createUser().getSeed()))(nonce)],
  ["no key", () => ({})],
  ["a name and a password", () => ({ user: "P1", pass: seed })],
  ["a token", () => ({ auth_token: seed })],
  ["no key but a signature", (nonce) => ({ sig: sigOf(pair(seed), nonce) })],
  ["a key that is none", (nonce) => ({ nkey: "U".repeat(56), sig: sigOf(pair(seed), nonce) })],
  ["the gateway's key and an own signature", (nonce) => ({
    nkey: pair(nats.nats.credentials.telemetry).getPublicKey(),
    sig: sigOf(pair(seed), nonce),
  })],
];
test.each(attacks)("who comes with %s is refused", async (_what, say) => {
  expect(await knock(say)).toBe("-ERR 'Authorization Violation'");
});

const REFUSED = "-ERR 'Authorization Violation'";
test("a rotated key is worth nothing, the new one is", async () => {
  const old = await world.addPile("P3");
  const fresh = await world.addPile("P3");
  expect(await knock(proper(old))).toBe(REFUSED);
  expect(await knock(proper(fresh))).toBe("PONG");
});

test("a blocked pile is refused", async () => {
  const own = await world.addPile("P4");
  const auths = await world.directory.bucket<object>("pile-auth");
  const row = await auths.get("main/P4");
  await auths.put("main/P4", { ...row!.value, blocked: true });
  expect(await knock(proper(own))).toBe(REFUSED);
});

/** First error that the server sends this connection after the act; null: none. */
async function errorOf(nc: NatsConnection, act: () => void): Promise<string | null> {
  let first: string | null = null;
  void (async () => {
    for await (const status of nc.status()) {
      if (status.type === "error") first ??= String(status.error);
    }
  })();
  act();
  await nc.flush();
  await nc.flush(); // what came before the first answer has been handed on by now
  return first;
}

const forbidden = [
  "d.main.P2.up.fact",
  "d.main.P2.dn.cmd",
  "d.main.P1.dn.cmd",
  "d.north.P1.up.fact",
  "$JS.API.INFO",
  "$JS.API.STREAM.LIST",
  "$SYS.REQ.SERVER.PING",
  "$SYS.REQ.USER.AUTH",
  "_INBOX.x",
  "cmd.main.pile.0.P1",
  "link.node-1-native",
  "st.0.main.pile.P1",
];
test.each(forbidden)("a pile may not publish %s", async (subject) => {
  await using nc = await nats.as(seed);
  expect(await errorOf(nc, () => nc.publish(subject, "{}"))).toMatch(/permission/i);
});

const unheard = [
  "d.main.P2.up.>",
  "d.main.P2.dn.>",
  "d.>",
  "d.main.*.dn.>",
  "d.main.P1.up.>",
  ">",
  "*",
  "_INBOX.>",
  "_INBOX_main_P2.>",
  "$SYS.>",
  "$JS.API.>",
];
test.each(unheard)("a pile may not hear %s", async (subject) => {
  await using nc = await nats.as(seed);
  const heard: string[] = [];
  const error = await errorOf(nc, () => {
    nc.subscribe(subject, {
      callback: (error, message) => void (error ?? heard.push(message.subject)),
    });
  });
  expect(error).toMatch(/permission/i);
  expect(heard).toEqual([]);
});

test("a pile cannot have its answers sent to another pile or to us", async () => {
  const victim = await world.pile("P2");
  const thief = await world.pile("P1");
  await thief.boot();
  const beats: string[] = [];
  const boot = { proto: 1, bootId: "boot-2", model: "", firmware: "", connectors: 1, clock: 1 };
  const text = JSON.stringify({ ...boot, lastSeq: 0, cmds: [] });
  for (const reply of ["d.main.P2.dn.cmd", "d.main.P2.dn.ask", "_INBOX_main_P2.x"]) {
    thief.nc.publish(thief.up("boot"), text, { reply });
  }
  await world.until(() => world.counts.get("native_foreign_inbox") === 3, "three refusals");
  await victim.nc.flush();
  expect([victim.commands, victim.asks, beats]).toEqual([[], [], []]);
  expect(world.lines.some(({ facts }) => facts["alarm"] === "pile.foreign-inbox")).toBe(true);
});

test("a pile without anything to answer may not publish into inboxes", async () => {
  await using nc = await nats.as(seed);
  expect(await errorOf(nc, () => nc.publish("_INBOX.abc.1", "{}"))).toMatch(/permission/i);
});
