// Console sessions: password, then TOTP, then a cookie; roles are looked up anew at every request.
import type { Bucket, Clock, Directory } from "../../ports.ts";
import { type No, no } from "../answer.ts";
import type { Who } from "../who.ts";
import type { OpsFails } from "./ops-fails.ts";
import { type OpsRecord, type OpsUsers, shownUser } from "./ops-users.ts";
import { isPassword } from "./passwords.ts";
import type { Revocations } from "./revocations.ts";
import { digest, isSame, randomToken } from "./secrets.ts";
import type { Tokens } from "./tokens.ts";

const TICKET_MS = 5 * 60_000;
const IDLE_MS = 30 * 60_000;
const LIFE_MS = 12 * 3_600_000;
const SEEN_STEP_MS = 60_000; // being seen is written down once a minute
const LIVE_TOKEN_MS = 60_000; // long enough for one handshake
export const COOKIE = "cw_ops";

interface Kept {
  name: string;
  tenant: string;
  hash: string;
  csrf: string;
  createdAt: number;
  seenAt: number;
}
type OpsWho = Extract<Who, { kind: "ops" }>;
export interface OpsSessions {
  password(name: string, password: string): Promise<{ ticket: string; expiresAt: number } | No>;
  mfa(ticket: string, code: string): Promise<{ cookie: string; who: OpsWho } | No>;
  byCookie(value: string): Promise<OpsWho | No>;
  liveToken(who: OpsWho): Promise<{ token: string; expiresAt: number }>;
  byLiveToken(token: string): Promise<OpsWho | No>;
  bySid(sid: string): Promise<OpsWho | No>;
  signOut(who: OpsWho): Promise<void>;
}
interface Deps {
  directory: Directory;
  clock: Clock;
  tokens: Tokens;
  users: OpsUsers;
  fails: OpsFails;
  revocations: Revocations;
}

export async function createOpsSessions(deps: Deps): Promise<OpsSessions> {
  const sessions = await deps.directory.bucket<Kept>("ops-sessions", { ttlMs: LIFE_MS, hot: true });
  const find = (sid: string, secret: string | null) => findSession(deps, sessions, sid, secret);
  return {
    password: (name, password) => firstStep(deps, name, password),
    mfa: (ticket, code) => secondStep(deps, sessions, ticket, code),
    byCookie(value) {
      const [sid = "", secret = ""] = value.split(".");
      return find(sid, secret);
    },
    liveToken: ({ user, tenant, sid }) =>
      deps.tokens.sign("ops-live", { sub: user.name, tenant, sid }, LIVE_TOKEN_MS),
    async byLiveToken(token) {
      const verdict = await deps.tokens.verify("ops-live", token);
      return typeof verdict === "string" ? no(verdict) : find(verdict.sid, null);
    },
    bySid: (sid) => find(sid, null),
    async signOut({ tenant, sid }) {
      await sessions.delete(sid);
      await deps.revocations.revoke(tenant, sid);
    },
  };
}

function whoOf(sid: string, kept: Kept, record: OpsRecord): OpsWho {
  const expiresAt = Math.min(kept.seenAt + IDLE_MS, kept.createdAt + LIFE_MS);
  const { tenant, csrf } = kept;
  return { kind: "ops", tenant, user: shownUser(record), sid, csrf, expiresAt };
}

/** `secret` null: somebody who has shown it before, or a token of the session, stands for it. */
async function findSession(
  { clock, users }: Deps,
  sessions: Bucket<Kept>,
  sid: string,
  secret: string | null,
): Promise<OpsWho | No> {
  const found = await sessions.get(sid);
  if (!found) return no("auth.required");
  const kept = found.value;
  if (secret !== null && !isSame(digest(secret), kept.hash)) return no("auth.required");
  const now = clock.now();
  if (now > kept.seenAt + IDLE_MS || now > kept.createdAt + LIFE_MS) return no("auth.expired");
  const record = await users.byName(kept.name);
  if (!record || record.isDisabled) return no("auth.required");
  if (secret !== null && now - kept.seenAt > SEEN_STEP_MS) {
    await sessions.update(sid, { ...kept, seenAt: now }, found.revision);
  }
  return whoOf(sid, kept, record);
}

async function firstStep(
  { users, fails, tokens }: Deps,
  name: string,
  password: string,
): Promise<{ ticket: string; expiresAt: number } | No> {
  const locked = await fails.locked(name);
  if (locked) return locked;
  await fails.count(name);
  const record = await users.byName(name);
  const isRight = await isPassword(password, record?.passwordHash ?? null);
  if (!record || !isRight || record.isDisabled) return no("auth.password-wrong");
  const facts = { sub: record.name, tenant: record.tenant, sid: randomToken() };
  const { token, expiresAt } = await tokens.sign("ops-mfa", facts, TICKET_MS);
  return { ticket: token, expiresAt };
}

async function secondStep(
  { clock, users, fails, tokens }: Deps,
  sessions: Bucket<Kept>,
  ticket: string,
  code: string,
): Promise<{ cookie: string; who: OpsWho } | No> {
  const verdict = await tokens.verify("ops-mfa", ticket);
  if (typeof verdict === "string") return no(verdict);
  const { sub: name, tenant } = verdict;
  const locked = await fails.locked(name);
  if (locked) return locked;
  await fails.count(name);
  if (!await users.useTotp(name, code)) return no("auth.mfa-wrong");
  await fails.forget(name);
  const record = await users.byName(name);
  if (!record || record.isDisabled) return no("auth.required");
  const [sid, secret, csrf] = [randomToken(), randomToken(), randomToken()];
  const now = clock.now();
  const kept = { name, tenant, hash: digest(secret), csrf, createdAt: now, seenAt: now };
  await sessions.put(sid, kept);
  return { cookie: `${sid}.${secret}`, who: whoOf(sid, kept, record) };
}
