// The demo's console accounts: made once per data folder, the same at every start after it.
import { randomBytes } from "node:crypto";
import { Secret } from "otpauth";
import type { OpsRole } from "../../wire/http-ops.ts";
import type { Bucket, Directory } from "../ports.ts";
import type { EntityId } from "./ids.ts";
import { hashPassword } from "./sign-in/passwords.ts";
import type { Identity } from "./sign-in/mod.ts";

export interface DemoOps {
  name: string;
  password: string;
  totpSecret: string;
  roles: OpsRole[];
}
const ACCOUNTS: { name: string; roles: OpsRole[] }[] = [
  { name: "admin", roles: ["admin"] },
  { name: "operator", roles: ["operator"] },
  { name: "service", roles: ["service"] },
  { name: "finance", roles: ["finance"] },
  { name: "viewer", roles: ["viewer"] },
];
const PASSWORD_BYTES = 9; // twelve characters
const TOTP_BYTES = 20; // RFC 4226: 160 bits

/** What a person needs to sign in to the demo's console; only ever called with the demo on. */
export async function seedDemo(
  deps: { directory: Directory; identity: Identity; tenant: string; entityId: EntityId },
  names: readonly string[] = ACCOUNTS.map(({ name }) => name),
): Promise<DemoOps[]> {
  const kept = await deps.directory.bucket<DemoOps>("demo-ops");
  const wanted = ACCOUNTS.filter(({ name }) => names.includes(name));
  return await Promise.all(wanted.map((account) => seedOne(deps, kept, account)));
}

async function seedOne(
  { identity, tenant, entityId }: Parameters<typeof seedDemo>[0],
  kept: Bucket<DemoOps>,
  { name, roles }: (typeof ACCOUNTS)[number],
): Promise<DemoOps> {
  const fresh: DemoOps = {
    name,
    password: randomBytes(PASSWORD_BYTES).toString("base64url"),
    totpSecret: new Secret({ buffer: new Uint8Array(randomBytes(TOTP_BYTES)).buffer }).base32,
    roles,
  };
  await kept.create(name, fresh);
  const account = (await kept.get(name))?.value ?? fresh;
  if (await identity.opsUsers.byName(name)) return account;
  const principal = { kind: "system" as const, id: "demo" };
  await identity.opsUsers.put({
    id: entityId("ops", { tenant, principal, route: "demo", key: name.padEnd(10, "0") }),
    name,
    tenant,
    passwordHash: await hashPassword(account.password),
    totp: identity.opsUsers.sealTotp(name, account.totpSecret),
    lastStep: 0,
    roles,
    scope: null,
    isDisabled: false,
  });
  return account;
}
