// Who is who: drivers by phone code and token, ops by password, TOTP and cookie. Door of sign-in.
import type { Client, Clock, Directory } from "../../ports.ts";
import { type No, no } from "../answer.ts";
import type { EntityId } from "../ids.ts";
import type { Who } from "../who.ts";
import { type CodeRates, type Codes, createCodes, type Sms } from "./codes.ts";
import { createDrivers, type Drivers } from "./drivers.ts";
import { createOpsFails } from "./ops-fails.ts";
import { COOKIE, createOpsSessions, type OpsSessions } from "./ops-sessions.ts";
import { createOpsUsers, type OpsUsers } from "./ops-users.ts";
import { createReaches, type Reaches } from "./reach.ts";
import { createRevocations, type Revocations } from "./revocations.ts";
import { createTokens, type Tokens } from "./tokens.ts";
import { createVault, type Vault } from "./vault.ts";

export { type CodeRates, defaultCodeRates, demoCodeRates, type Sms } from "./codes.ts";
export { COOKIE } from "./ops-sessions.ts";
export type { Vault } from "./vault.ts";

export interface IdentityDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  /** CHARGEWARD_TOKEN_SECRET and CHARGEWARD_VAULT_KEY. */
  tokenSecret: string;
  vaultKey: string;
  sms: Sms;
  /** Sends a code to a mail address. */
  mail: Sms;
  codeRates: CodeRates;
  entityId: EntityId;
  /** Tells live connections, here and on other nodes, that a session ended. */
  announceRevoked(tenant: string, sid: string): void;
}
export interface Identity {
  codes: Codes;
  /** The same by mail: whose address it is. */
  mailCodes: Codes;
  drivers: Drivers;
  ops: OpsSessions;
  opsUsers: OpsUsers;
  vault: Vault;
  reach: Reaches;
  /** Of an HTTP request: bearer token, else session cookie, else nobody; a bad one is refused. */
  identify(request: Request): Promise<Who | No>;
  /** Of a live handshake's token. */
  driverOf(token: string): Promise<Who | No>;
  opsOf(from: { token?: string; cookie?: string }): Promise<Who | No>;
  /** Is the session still good, with which rights now? */
  again(who: Who | { kind: "ops"; sid: string }): Promise<Who | No>;
}

export async function createIdentity(deps: IdentityDeps): Promise<Identity> {
  const { directory, clock, client, entityId } = deps;
  const tokens = createTokens(deps.tokenSecret, clock);
  const vault = await createVault(directory, deps.vaultKey);
  const announce = deps.announceRevoked;
  const revocations = await createRevocations({ directory, clock, announce });
  const { sms, codeRates: rates, tokenSecret: secret } = deps;
  const codes = await createCodes({ directory, clock, vault, sms, secret, rates });
  const mailCodes = await createCodes({ directory, clock, vault, sms: deps.mail, secret, rates });
  const drivers = await createDrivers({
    client,
    directory,
    clock,
    tokens,
    vault,
    revocations,
    entityId,
  });
  const opsUsers = await createOpsUsers({ directory, clock, vaultKey: deps.vaultKey });
  const fails = await createOpsFails({ directory, clock });
  const ops = await createOpsSessions({
    directory,
    clock,
    tokens,
    users: opsUsers,
    fails,
    revocations,
  });

  const lookups = lookupsOf({ tokens, revocations, ops, clock });
  const reach = await createReaches(directory, vault);
  return { codes, mailCodes, drivers, ops, opsUsers, vault, reach, ...lookups };
}

type Lookups = Pick<Identity, "driverOf" | "opsOf" | "identify" | "again">;
function lookupsOf(
  { tokens, revocations, ops, clock }: {
    tokens: Tokens;
    revocations: Revocations;
    ops: OpsSessions;
    clock: Clock;
  },
): Lookups {
  async function driverOf(token: string): Promise<Who | No> {
    const verdict = await tokens.verify("driver", token);
    if (typeof verdict === "string") return no(verdict);
    const { sub: userId, tenant, sid, expiresAt } = verdict;
    if (await revocations.isRevoked(sid)) return no("auth.required");
    return { kind: "driver", tenant, userId, sid, expiresAt };
  }
  const opsOf: Lookups["opsOf"] = ({ token, cookie }) => {
    if (token !== undefined) return ops.byLiveToken(token);
    const value = cookieIn(cookie ?? "");
    return value === null ? Promise.resolve(no("auth.required")) : ops.byCookie(value);
  };
  return {
    driverOf,
    opsOf,
    async identify(request) {
      const bearer = /^Bearer (\S+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
      if (bearer !== undefined) return driverOf(bearer);
      const cookie = request.headers.get("cookie") ?? "";
      if (cookieIn(cookie) === null) return { kind: "nobody" };
      return await opsOf({ cookie });
    },
    async again(who) {
      switch (who.kind) {
        case "nobody":
          return who;
        case "ops":
          return ops.bySid(who.sid);
        case "driver": {
          if (who.expiresAt <= clock.now()) return no("auth.expired");
          return await revocations.isRevoked(who.sid) ? no("auth.required") : who;
        }
      }
    },
  };
}

function cookieIn(header: string): string | null {
  for (const part of header.split(";")) {
    const [name, value] = part.trim().split("=");
    if (name === COOKIE && value) return value;
  }
  return null;
}
