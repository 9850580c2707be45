// Shards, ids and hashes that must come out the same on every node and in every later release.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Address, Principal } from "../../wire/envelope.ts";
import { timeOfUlid } from "../../wire/ids.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base32, as ULIDs have it
const TIME_CHARS = 10; // of the ULID key: an id tells when its key was minted
const HASH_CHARS = 16; // 80 bits: no clash within one millisecond

/** An actor and the shard that its address falls into. */
export interface Place {
  readonly address: Address;
  readonly shard: number;
}

/** First byte of sha256(`tenant|kind|id`). Frozen: it is in the subject of every stored record. */
export function shardOf({ tenant, kind, id }: Address): number {
  return createHash("sha256").update(`${tenant}|${kind}|${id}`).digest()[0]!;
}

/** An address as an actor sees it: its tenant is a matter of its host. */
export const selfOf = ({ kind, id }: Address) => ({ kind, id });

export const placeOf = (address: Address): Place => ({ address, shard: shardOf(address) });

/** The actor's name within its tenant; with the tenant, its key in maps. */
export const nameOf = (address: Address): string => `${address.kind}/${address.id}`;
export const keyOf = (address: Address): string =>
  `${address.tenant}/${address.kind}/${address.id}`;

function base32(bytes: Uint8Array, chars: number): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < chars) {
      bits -= 5;
      text += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return text;
}

/** What a key stands for: who said it and on which route. */
export interface KeyScope {
  tenant: string;
  principal: Pick<Principal, "kind" | "id">;
  route: string;
  /** The ULID minted at the tap. */
  key: string;
}

/** The id of what a key brings about: the same on any node, with no look-up. */
export function entityId(prefix: string, { tenant, principal, route, key }: KeyScope): string {
  const who = `${principal.kind}:${principal.id}`;
  const hash = createHash("sha256").update(`${tenant}|${who}|${route}|${key}`).digest();
  return `${prefix}_${key.slice(0, TIME_CHARS).toLowerCase()}${base32(hash, HASH_CHARS)}`;
}

/** When the key behind an id was minted, milliseconds since 1970; null: the id does not tell. */
export function mintedAt(id: string): number | null {
  const time = id.slice(id.indexOf("_") + 1).slice(0, TIME_CHARS);
  return /^[0-9a-hjkmnp-tv-z]{10}$/.test(time) ? timeOfUlid(time.toUpperCase()) : null;
}

/** The id of the command that a key stands for. */
export const commandId = (scope: KeyScope): string => entityId("cmd", scope);

/** sha256 of RFC 8785 JSON: two bodies are the same command only if this is equal. */
export function bodyHash(type: string, body: Record<string, unknown>): string {
  const text = canonicalize({ type, body }) ?? "";
  return createHash("sha256").update(text).digest("base64url");
}
