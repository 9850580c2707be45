// A driver's session: first sign-in registers; short tokens, refresh tokens that work once.
import type { Bucket, Client, Clock, Directory } from "../../ports.ts";
import type { KeyScope } from "../ids.ts";
import { type Answer, answered, isBroken, isNo, type No, no } from "../answer.ts";
import { digest, isSame, keyFor, randomToken, seal, unseal } from "./secrets.ts";
import type { Revocations } from "./revocations.ts";
import type { Tokens } from "./tokens.ts";
import type { Vault } from "./vault.ts";

export const TOKEN_MS = 15 * 60_000;
const REFRESH_MS = 30 * 24 * 3_600_000; // a month without the app: sign in again
/** The agreement that a sign-in consents to where the page names none. */
export const AGREEMENT_IN_FORCE = "2026-01";

interface Known {
  userId: string;
  isRegistered: boolean;
}
interface Kept {
  tenant: string;
  userId: string;
  device: string;
  /** Of the one refresh token that is good; those before it are told by their number. */
  hash: string;
  turn: number;
  createdAt: number;
  expiresAt: number;
  /** The turn before, for a client that did not get the answer and asks again under its key. */
  before?: Before;
}
interface Before {
  hash: string;
  keyHash: string;
  /** The present refresh secret, sealed by the one before: only who holds that can read it. */
  next: string;
  at: number;
}
export interface SessionTokens {
  token: string;
  refresh: string;
  expiresAt: number;
}
export interface Drivers {
  signIn(wanted: {
    tenant: string;
    phone: string;
    device: string;
    agreementVersion: string | undefined;
    trace: string;
  }): Promise<{ tokens: SessionTokens; user: unknown } | Answer>;
  /** `key`: the request's Idempotency-Key, by which a repeat is told from a thief. */
  refresh(refresh: string, key: string): Promise<SessionTokens & { replay?: boolean } | No>;
  signOut(tenant: string, sid: string): Promise<void>;
}
interface Deps {
  client: Client;
  directory: Directory;
  clock: Clock;
  tokens: Tokens;
  vault: Vault;
  revocations: Revocations;
  entityId(prefix: string, scope: KeyScope): string;
}

export async function createDrivers(deps: Deps): Promise<Drivers> {
  const { clock, tokens, revocations } = deps;
  const phones = await deps.directory.bucket<Known>("phones");
  const sessions = await deps.directory.bucket<Kept>("sessions", { ttlMs: REFRESH_MS });

  async function open(sid: string, kept: Kept, secret: string): Promise<SessionTokens> {
    const { tenant, userId } = kept;
    const { token, expiresAt } = await tokens.sign(
      "driver",
      { sub: userId, tenant, sid },
      TOKEN_MS,
    );
    return { token, refresh: `${sid}.${kept.turn}.${secret}`, expiresAt };
  }
  return {
    async signIn({ tenant, phone, device, agreementVersion, trace }) {
      const known = await personOf(deps, phones, tenant, phone);
      const user = await registered(deps, phones, {
        tenant,
        phone,
        known,
        agreementVersion,
        trace,
      });
      if (isNo(user) || isBroken(user)) return user;
      const sid = randomToken();
      const secret = randomToken();
      const now = clock.now();
      const times = { createdAt: now, expiresAt: now + REFRESH_MS };
      const kept: Kept = {
        tenant,
        userId: known.userId,
        device,
        hash: digest(secret),
        turn: 1,
        ...times,
      };
      await sessions.put(sid, kept);
      return { tokens: await open(sid, kept, secret), user: "body" in user ? user.body : null };
    },
    refresh: (refresh, key) => renew(deps, sessions, refresh, key, open),
    async signOut(tenant, sid) {
      await sessions.delete(sid);
      await revocations.revoke(tenant, sid);
    },
  };
}

type Open = (sid: string, kept: Kept, secret: string) => Promise<SessionTokens>;

/** A refresh token works once; an old one used again ends the session: somebody has a copy. */
async function renew(
  { clock, revocations }: Deps,
  sessions: Bucket<Kept>,
  refresh: string,
  key: string,
  open: Open,
): Promise<SessionTokens & { replay?: boolean } | No> {
  const [sid = "", turnText = "", secret = ""] = refresh.split(".");
  if (sid === "") return no("auth.expired");
  for (let race = 0; race < 2; race++) {
    const found = await sessions.get(sid);
    const now = clock.now();
    if (!found || found.value.expiresAt <= now) return no("auth.expired");
    const { value: kept, revision } = found;
    const turn = Number(turnText);
    if (turn === kept.turn && isSame(digest(secret), kept.hash)) {
      const next = randomToken();
      const before = key === "" ? {} : { before: beforeOf(kept, sid, secret, next, key, now) };
      const { before: _old, ...rest } = kept;
      const turned = { hash: digest(next), turn: turn + 1, expiresAt: now + REFRESH_MS };
      const renewed: Kept = { ...rest, ...turned, ...before };
      if (await sessions.update(sid, renewed, revision) !== null) return open(sid, renewed, next);
      continue; // somebody was faster: perhaps this very request, sent twice
    }
    const again = turn === kept.turn - 1 ? nextAgain(kept, sid, secret, key, now) : null;
    if (again !== null) return { ...await open(sid, kept, again), replay: true };
    if (turn < kept.turn) {
      await sessions.delete(sid);
      await revocations.revoke(kept.tenant, sid);
    }
    return no("auth.expired");
  }
  return no("overloaded");
}

/** How long a lost answer may be asked for again: a phone in a tunnel. */
const AGAIN_MS = 60_000;
const sealing = (secret: string) => keyFor(secret, "refresh again");

function beforeOf(
  kept: Kept,
  sid: string,
  secret: string,
  next: string,
  key: string,
  at: number,
): Before {
  const sealed = seal(sealing(secret), next, sid);
  return { hash: kept.hash, keyHash: digest(key), next: sealed, at };
}

/** The same request once more: same token, same key, soon after. Null: it is not that. */
function nextAgain(
  { before }: Kept,
  sid: string,
  secret: string,
  key: string,
  now: number,
): string | null {
  if (!before || key === "" || now - before.at > AGAIN_MS) return null;
  const isIt = isSame(digest(secret), before.hash) && isSame(digest(key), before.keyHash);
  return isIt ? unseal(sealing(secret), before.next, sid)?.toString("utf8") ?? null : null;
}

/** The person behind a phone, made at the first sign-in; two first sign-ins at once make one. */
async function personOf(
  { vault, clock, entityId }: Deps,
  phones: Bucket<Known>,
  tenant: string,
  phone: string,
): Promise<Known> {
  const name = `${tenant}/${vault.indexOf(phone)}`;
  const found = await phones.get(name);
  if (found) return found.value;
  const principal = { kind: "system" as const, id: "http" };
  const key = timeKey(clock.now());
  const userId = entityId("usr", { tenant, principal, route: "sign-in", key: key + name });
  const made: Known = { userId, isRegistered: false };
  if (await phones.create(name, made) !== null) return made;
  return (await phones.get(name))?.value ?? made;
}

/** Registers the user's actor where that has not surely happened, and shows it. */
async function registered(
  { client, vault }: Deps,
  phones: Bucket<Known>,
  { tenant, phone, known, agreementVersion, trace }: {
    tenant: string;
    phone: string;
    known: Known;
    agreementVersion: string | undefined;
    trace: string;
  },
): Promise<Answer> {
  const { userId } = known;
  const to = { tenant, kind: "user", id: userId };
  const principal = { kind: "driver" as const, id: userId };
  if (!known.isRegistered) {
    await vault.put(tenant, userId, { phone });
    const agreed = agreementVersion ?? AGREEMENT_IN_FORCE;
    const reply = await client.ask({
      id: `register|${userId}|${agreed}`,
      to,
      type: "RegisterUser",
      body: { agreementVersion: agreed },
      principal: { kind: "system", id: "sign-in" },
      trace,
    });
    if (!reply.ok) return answered(reply, () => ({ status: 200 }));
    await phones.put(`${tenant}/${vault.indexOf(phone)}`, { userId, isRegistered: true });
  }
  const shown = await client.read({ to, name: "show", principal, trace });
  return answered(shown, (body, v) => ({ status: 200, body, v }));
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The first ten characters of a ULID. */
function timeKey(now: number): string {
  let text = "";
  for (let i = 0, rest = now; i < 10; i++, rest = Math.floor(rest / 32)) {
    text = CROCKFORD[rest % 32]! + text;
  }
  return text;
}
