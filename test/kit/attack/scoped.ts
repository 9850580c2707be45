// A console user of one other station, and tokens that nobody should get: made with the secrets of
// the test's own platform, as somebody who has stolen a part of them would.
import { randomBytes } from "node:crypto";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { Secret } from "otpauth";
import type { OpsAccount } from "../../../sim/mod.ts";
import { hashPassword } from "../../../server/http/sign-in/passwords.ts";
import { createOpsUsers } from "../../../server/http/sign-in/ops-users.ts";
import { createTokens, type TokenUse } from "../../../server/http/sign-in/tokens.ts";
import { realClock } from "../../../server/observe.ts";
import { natsDirectory } from "../../../server/store/mod.ts";
import type { World } from "../world.ts";

const secretOf = async ({ secrets }: World, name: string): Promise<string> =>
  (await Deno.readTextFile(secrets.server[name]!)).trim();

export async function scopedOperator(world: World): Promise<OpsAccount> {
  const account: OpsAccount = {
    name: "scoped",
    password: randomBytes(9).toString("base64url"),
    totpSecret: new Secret({ size: 20 }).base32,
  };
  const seed = new TextEncoder().encode(world.nats.credentials.platform);
  const connection = await connect({
    servers: world.nats.url,
    authenticator: nkeyAuthenticator(seed),
  });
  const users = await createOpsUsers({
    directory: natsDirectory(connection),
    clock: realClock,
    vaultKey: await secretOf(world, "CHARGEWARD_VAULT_KEY_FILE"),
  });
  await users.put({
    id: "ops_scoped",
    name: account.name,
    tenant: "main",
    passwordHash: await hashPassword(account.password),
    totp: users.sealTotp(account.name, account.totpSecret),
    lastStep: 0,
    roles: ["operator"],
    scope: ["stn_elsewhere"],
    isDisabled: false,
  });
  await connection.drain();
  return account;
}

interface Forged {
  use?: TokenUse;
  sub: string;
  /** Of another platform. */
  secret?: string;
  /** Signed this long ago, good for a minute. */
  agoMs?: number;
}
export async function forgedToken(world: World, forged: Forged): Promise<string> {
  const secret = forged.secret ?? await secretOf(world, "CHARGEWARD_TOKEN_SECRET_FILE");
  const clock = { ...realClock, now: () => Date.now() - (forged.agoMs ?? 0) };
  const facts = { sub: forged.sub, tenant: "main", sid: "stolen" };
  return (await createTokens(secret, clock).sign(forged.use ?? "driver", facts, 60_000)).token;
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** A true token with its head changed and its signature left out. */
export function unsigned(token: string, alg: string): string {
  const [, claims] = token.split(".");
  return `${part({ alg, typ: "driver+jwt" })}.${claims}.`;
}
/** A true token that says it is somebody else's. */
export function renamed(token: string, sub: string): string {
  const [head, claims = "", signature] = token.split(".");
  const facts = JSON.parse(Buffer.from(claims, "base64url").toString()) as object;
  return `${head}.${part({ ...facts, sub })}.${signature}`;
}
