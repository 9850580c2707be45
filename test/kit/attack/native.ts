// Attacks of a native pile that is signed in: malformed payloads, other piles' subjects, the platform's
// own subjects.
import { connect, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { deviceInbox, deviceUp } from "../../../wire/subjects.ts";
import type { Ground } from "./ground.ts";
import type { Tried } from "./live.ts";

export const NATIVE_PILE = "BAD-NATIVE";
const boot = {
  proto: 1,
  bootId: "boot-1",
  model: "N1",
  firmware: "1.0",
  connectors: 1,
  clock: 1_790_000_000_000,
  lastSeq: 0,
  cmds: [],
};
type Reply = { error?: string; linkEpoch?: number };

export async function natives(ground: Ground): Promise<Tried[]> {
  const { world, place } = ground;
  const { secret } = await place.addPile(NATIVE_PILE, "native");
  const connection = await connect({
    servers: world.nats.url,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(secret)),
    inboxPrefix: deviceInbox("main", NATIVE_PILE),
    reconnect: false,
  });
  try {
    const boots = await spoilt(connection, "boot", boot, "boot.malformed");
    const link = await ask(connection, "boot", JSON.stringify(boot));
    const { linkEpoch = -1 } = JSON.parse(link) as Reply;
    const came = linkEpoch > 0 ? "a link" : link;
    const fact = {
      linkEpoch,
      seq: 1,
      at: 1_790_000_000_000,
      connector: 1,
      kind: "meter",
      data: { registerWh: 1 },
    };
    const facts = await spoilt(connection, "fact", fact, "payload.");
    for (const what of ["beat", "tick"] as const) {
      for (const text of ["", "null", "{}", "\xff", "[".repeat(20_000)]) {
        connection.publish(deviceUp("main", NATIVE_PILE, what), text);
      }
    }
    const after = await ask(connection, "fact", JSON.stringify(fact));
    return [
      ...boots,
      { name: "a good boot", wanted: "a link", came },
      ...facts,
      { name: "a good fact", wanted: '{"ok":true,"seq":1}', came: after },
      ...await foreign(connection, ground),
    ];
  } finally {
    await connection.close();
  }
}

async function ask(connection: NatsConnection, what: "boot" | "fact", text: string | Uint8Array) {
  const subject = deviceUp("main", NATIVE_PILE, what);
  return (await connection.request(subject, text, { timeout: 5_000 })).string();
}

/** Each answered with a code; the wrong numbers and names of a good body too. */
async function spoilt(
  connection: NatsConnection,
  what: "boot" | "fact",
  good: Record<string, unknown>,
  wanted: string,
): Promise<Tried[]> {
  const json = JSON.stringify(good);
  const texts: [string, string | Uint8Array][] = [
    ["nothing", ""],
    ["no JSON", json.slice(1)],
    ["bytes", new Uint8Array([0xff, 0xfe, 0x00])],
    ["a list", "[]"],
    ["deep", "[".repeat(20_000)],
    ["60 KB", JSON.stringify({ ...good, raw: "x".repeat(60_000) })],
    ["unknown field", JSON.stringify({ ...good, pileId: "BAD-1" })],
    ["own __proto__", `{"__proto__":{"a":1},${json.slice(1)}`],
    ...Object.keys(good).map((name): [string, string] => [
      `${name} of another kind`,
      JSON.stringify({ ...good, [name]: { $gt: 2 ** 53 } }),
    ]),
  ];
  const tried: Tried[] = [];
  for (const [name, text] of texts) {
    const { error = "taken" } = JSON.parse(await ask(connection, what, text)) as Reply;
    const came = error.startsWith(wanted) ? wanted : error;
    tried.push({ name: `${what}: ${name}`, wanted, came });
  }
  return tried;
}

/** What the grants of NATS keep from a pile: another's words, the platform's streams and calls. */
async function foreign(connection: NatsConnection, { made }: Ground): Promise<Tried[]> {
  const refusals: string[] = [];
  const status = connection.status();
  void (async () => {
    for await (const { type, ...more } of status) {
      if (type === "error") {
        refusals.push(JSON.stringify(more) + String((more as { error?: unknown }).error));
      }
    }
  })();
  const subjects = [
    deviceUp("main", made.id, "fact"),
    deviceUp("main", made.id, "boot"),
    "cmd.main.pile.1.BAD-1",
    "st.1.main.wallet.usr_1",
    "$JS.API.STREAM.LIST",
    "$SYS.REQ.SERVER.PING",
    "link.node-1-native",
  ];
  for (const subject of subjects) connection.publish(subject, "{}");
  connection.subscribe("d.>", { callback: () => {} });
  await connection.flush();
  await new Promise((done) => setTimeout(done, 200));
  const text = refusals.join("\n");
  return [...subjects, "d.>"].map((subject) => ({
    name: `subject ${subject}`,
    wanted: "refused",
    came: text.includes(subject) ? "refused" : "let through",
  }));
}
