// How a pile proves who it is: the secret it is given once, and what the platform keeps of it. Used by
// http (making and rotating keys) and by the gateways (checking them).
import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { timingSafeEqual } from "node:crypto";
import { createUser, fromSeed } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/lib/codec.js";
import { Prefix } from "@nats-io/nkeys";
import type { Lane } from "../wire/pile.ts";
import type { Directory } from "./ports.ts";

/** Bucket `pile-auth`, key `<tenant>/<pileId>`. The secret itself is kept nowhere. */
export interface PileAuth {
  lane: Lane;
  /** OCPP lanes: sha256 of the secret, hex. */
  secretHash?: string;
  /** Native lane: public nkey of the pile's user. */
  nkey?: string;
  blocked?: boolean;
}
/** Bucket `nkeys`, key: public nkey. */
export interface NkeyOwner {
  tenant: string;
  pileId: string;
}
export interface PileKeys {
  /** Given to the pile once: Basic auth password, or the seed of its nkey. */
  secret: string;
  auth: PileAuth;
  /** Native lane: key of the bucket `nkeys`. */
  publicKey?: string;
}

export const PILE_AUTH = "pile-auth";
export const NKEYS = "nkeys";
export const pileAuthKey = (tenant: string, pileId: string) => `${tenant}/${pileId}`;

const SECRET_BYTES = 20; // 40 hex digits, the length of OCPP's AuthorizationKey
/** Any change makes other seeds of the same secrets. */
const SEED_LABEL = "chargeward native pile seed\n";

/**
 * Keys of a new pile, or of one whose secret is rotated. Native lane: a `secret` that is no nkey user
 * seed becomes one (from its sha256), so what the pile must use is always the `secret` answered here.
 */
export function newPileKeys(lane: Lane, secret?: string): PileKeys {
  if (lane === "native") {
    const seed = secret === undefined ? createUser().getSeed() : seedOf(secret);
    const publicKey = fromSeed(seed).getPublicKey();
    return { secret: new TextDecoder().decode(seed), auth: { lane, nkey: publicKey }, publicKey };
  }
  const chosen = secret ?? randomBytes(SECRET_BYTES).toString("hex");
  return { secret: chosen, auth: { lane, secretHash: hashOf(chosen) } };
}

function seedOf(secret: string): Uint8Array {
  const given = new TextEncoder().encode(secret);
  if (isUserSeed(given)) return given;
  const raw = createHash("sha256").update(SEED_LABEL).update(given).digest();
  return Codec.encodeSeed(Prefix.User, new Uint8Array(raw));
}

function isUserSeed(text: Uint8Array): boolean {
  try {
    return fromSeed(text).getPublicKey().startsWith("U");
  } catch {
    return false;
  }
}

/** Writes what the gateways look up; keys that the pile had before are worth nothing after it. */
export async function storePileKeys(
  directory: Directory,
  pile: NkeyOwner,
  keys: PileKeys,
): Promise<void> {
  const auths = await directory.bucket<PileAuth>(PILE_AUTH, { hot: true });
  const owners = await directory.bucket<NkeyOwner>(NKEYS, { hot: true });
  const key = pileAuthKey(pile.tenant, pile.pileId);
  const before = await auths.get(key);
  if (keys.publicKey !== undefined) await owners.put(keys.publicKey, pile);
  await auths.put(key, keys.auth);
  const old = before?.value.nkey;
  if (old !== undefined && old !== keys.publicKey) await owners.delete(old);
}

export const hashOf = (secret: string | Uint8Array): string =>
  createHash("sha256").update(secret).digest("hex");

/** Is that the secret? Takes as long for any wrong one. */
export function secretFits(auth: PileAuth, secret: Uint8Array): boolean {
  if (auth.secretHash === undefined) return false;
  const wanted = new TextEncoder().encode(auth.secretHash);
  const given = new TextEncoder().encode(hashOf(secret));
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

const ED25519_RAW_BYTES = 32; // the key lies at the end of its DER form
/** What a pile needs to check signed commands: the platform's public key, raw, base64. */
export function platformKeyOf(privatePem: string): string {
  const der = createPublicKey(createPrivateKey(privatePem)).export({ type: "spki", format: "der" });
  return der.subarray(-ED25519_RAW_BYTES).toString("base64");
}
