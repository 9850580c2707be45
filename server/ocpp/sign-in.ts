// Who stands at the door: pile and tenant from the path, the secret from Basic auth, checked before the
// WebSocket handshake. Guessing is slowed per address and pile.
import type { IncomingMessage } from "node:http";
import { pileId as pileIdForm, tenantId } from "../../wire/ids.ts";
import { type PileAuth, pileAuthKey, secretFits } from "../pile-keys.ts";
import type { Bucket, Clock } from "../ports.ts";

export interface Caller {
  tenant: string;
  pileId: string;
}
export type SignedIn =
  | { ok: true; caller: Caller; auth: PileAuth }
  | { ok: false; status: 401 | 403 | 404 | 429 | 503; why: string; caller?: Caller };

const AUTH_LENGTH_MAX = 1_024;
/** Wrong secrets of one address for one pile before it must wait; a pile with a typo stays cheap. */
const WRONG_MAX = 10;
const WRONG_MS = 60_000;
const DOORS_MAX = 10_000;

export const isOcppPath = (url: string | undefined): boolean =>
  url !== undefined && /^\/ocpp(\/|\?|$)/.test(url);

/** `/ocpp/<pileId>` or `/ocpp/<tenant>/<pileId>`; null: neither. */
export function callerOf(url: string, tenant: string): Caller | null {
  const parts = url.split("?", 1)[0]!.split("/").slice(2).map(decoded);
  const named = parts.length === 2 ? parts : [tenant, ...parts];
  if (named.length !== 2) return null;
  const caller = { tenant: named[0]!, pileId: named[1]! };
  const good = tenantId.safeParse(caller.tenant).success &&
    pileIdForm.safeParse(caller.pileId).success;
  return good ? caller : null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

/** User and password of a Basic header; the password stays bytes, since some piles send raw keys. */
export function basicOf(header: string | undefined): { user: string; secret: Uint8Array } | null {
  if (header === undefined || header.length > AUTH_LENGTH_MAX) return null;
  const found = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header);
  if (found === null) return null;
  const bytes = Buffer.from(found[1]!, "base64");
  const colon = bytes.indexOf(":");
  if (colon < 0) return null;
  return { user: bytes.subarray(0, colon).toString("utf8"), secret: bytes.subarray(colon + 1) };
}

/** Good connections of one pile in a minute: one each two seconds is a pile that cannot stay. */
const CAME_MAX = 30;
const CAME_MS = 60_000;

interface Tries {
  count: number;
  since: number;
}
function forgetOldest(tries: Map<string, Tries>): void {
  if (tries.size <= DOORS_MAX) return;
  for (const oldest of tries.keys()) {
    tries.delete(oldest);
    return;
  }
}

export function doorkeeper(auths: () => Promise<Bucket<PileAuth>>, clock: Clock) {
  const wrong = new Map<string, Tries>();
  const came = new Map<string, Tries>();

  const blockedDoor = (door: string): boolean => {
    const tries = wrong.get(door);
    if (tries === undefined) return false;
    if (clock.tick() - tries.since > WRONG_MS) wrong.delete(door);
    return wrong.has(door) && tries.count >= WRONG_MAX;
  };
  /** A pile that connects all the time would fill its actor's journal with links. */
  const tooOften = (door: string): boolean => {
    const entry = came.get(door);
    const now = clock.tick();
    if (entry === undefined || now - entry.since > CAME_MS) {
      came.delete(door);
      came.set(door, { count: 1, since: now });
      forgetOldest(came);
      return false;
    }
    entry.count += 1;
    return entry.count > CAME_MAX;
  };
  const noteWrong = (door: string) => {
    const tries = wrong.get(door) ?? { count: 0, since: clock.tick() };
    tries.count += 1;
    wrong.set(door, tries);
    forgetOldest(wrong);
  };

  return async function signIn(request: IncomingMessage, tenant: string): Promise<SignedIn> {
    const caller = callerOf(request.url ?? "", tenant);
    if (caller === null) return { ok: false, status: 404, why: "path" };
    const door = `${request.socket.remoteAddress}|${caller.tenant}/${caller.pileId}`;
    if (blockedDoor(door)) return { ok: false, status: 429, why: "too many wrong secrets", caller };
    let auth: PileAuth | undefined;
    try {
      auth = (await (await auths()).get(pileAuthKey(caller.tenant, caller.pileId)))?.value;
    } catch {
      return { ok: false, status: 503, why: "directory", caller };
    }
    if (auth === undefined || auth.lane !== "ocpp1.6") {
      return { ok: false, status: 404, why: auth ? "lane" : "unknown pile", caller };
    }
    const given = basicOf(request.headers.authorization);
    if (given === null || given.user !== caller.pileId || !secretFits(auth, given.secret)) {
      if (given !== null) noteWrong(door);
      return { ok: false, status: 401, why: given ? "wrong secret" : "no secret", caller };
    }
    wrong.delete(door);
    if (auth.blocked === true) return { ok: false, status: 403, why: "blocked", caller };
    if (tooOften(`${caller.tenant}/${caller.pileId}`)) {
      return { ok: false, status: 429, why: "connects too often", caller };
    }
    return { ok: true, caller, auth };
  };
}
