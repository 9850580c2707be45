// Auth callout as configured: whoever holds no staff key is asked about, and lands in DEVICES with
// just the rights that the callout signs. (The real callout is the telemetry gateway's.)
import { decode, encodeAuthorizationResponse, encodeUser } from "@nats-io/jwt";
import { createUser, fromPublic, fromSeed } from "@nats-io/nkeys";
import { connect, type Msg, type NatsConnection, nkeyAuthenticator } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NatsEngine, startNats } from "../../server/engines/mod.ts";
import { signIn } from "../kit/nats.ts";
import { tempDir } from "../kit/temp.ts";

interface Request {
  user_nkey: string;
  server_id: { id: string };
  client_info: { nonce?: string };
  connect_opts: { nkey?: string; sig?: string };
}

const pile = createUser();
let dir: Awaited<ReturnType<typeof tempDir>>;
let nats: NatsEngine;
let callout: NatsConnection;
let asked: Request[] = [];

beforeAll(async () => {
  dir = await tempDir();
  nats = await startNats({ dataDir: dir.path, say: () => {} });
  callout = await connectWith(nats.credentials.callout);
  callout.subscribe("$SYS.REQ.USER.AUTH", {
    callback: (_error, message) => void answer(message),
  });
  await callout.flush();
});
afterAll(async () => {
  await callout.close();
  await nats.stop();
  await dir[Symbol.asyncDispose]();
});

/** Lets the one known pile into DEVICES with its own subjects; nobody else. */
async function answer(message: Msg): Promise<void> {
  const claims = decode<Request>(message.string()).nats as Request;
  asked.push(claims);
  const issuer = fromSeed(new TextEncoder().encode(nats.credentials.issuer));
  const user = fromPublic(claims.user_nkey);
  const rights = { pub: { allow: ["d.main.P1.up.>"] }, sub: { allow: ["d.main.P1.dn.>"] } };
  const known = claims.connect_opts.nkey === pile.getPublicKey();
  const jwt = known ? await encodeUser("P1", user, issuer, rights, { aud: "DEVICES" }) : "";
  const server = fromPublic(claims.server_id.id);
  const reply = known ? { jwt } : { error: "unknown pile" };
  message.respond(await encodeAuthorizationResponse(user, server, issuer, reply, {}));
}

function connectWith(seed: string): Promise<NatsConnection> {
  const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed));
  return connect({ servers: nats.url, authenticator, reconnect: false });
}

test("a pile is asked about with its key, the nonce and its signature, and gets its subjects", async () => {
  asked = [];
  await using up = await connectWith(new TextDecoder().decode(pile.getSeed()));
  expect(asked[0]?.connect_opts.sig).toBeTruthy();
  expect(asked[0]?.client_info.nonce).toBeTruthy();
  await using telemetry = await connectWith(nats.credentials.telemetry);
  const heard: string[] = [];
  telemetry.subscribe("d.>", { callback: (_error, { subject }) => void heard.push(subject) });
  await telemetry.flush();
  up.publish("d.main.P1.up.beat", "1");
  up.publish("d.main.P2.up.beat", "as another pile");
  await up.flush();
  await telemetry.flush();
  expect(heard).toEqual(["d.main.P1.up.beat"]);
});

test("nobody gets in without a key, or with one that nobody knows", async () => {
  const stranger = new TextDecoder().decode(createUser().getSeed());
  expect(await signIn(nats.url, stranger)).toContain("Authorization Violation");
  expect(await signIn(nats.url, null)).toContain("Authorization Violation");
});

test("staff are proved by the server and never asked about", async () => {
  asked = [];
  for (const [role, seed] of Object.entries(nats.credentials)) {
    if (role !== "issuer") expect(await signIn(nats.url, seed)).toBe("ok");
  }
  expect(asked).toEqual([]);
});

test("a staff key without its signature is refused", async () => {
  const { platform, api } = nats.credentials;
  const refused = "Authorization Violation";
  expect(await signIn(nats.url, platform, { sig: "AAAA" })).toContain(refused);
  expect(await signIn(nats.url, platform, { without: ["sig"] })).toContain(refused);
  const nkey = fromSeed(new TextEncoder().encode(platform)).getPublicKey();
  expect(await signIn(nats.url, api, { nkey })).toContain(refused);
});
