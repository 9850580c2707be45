// Ed25519 of nkeys by node:crypto: the nkeys library does it in plain JavaScript at 10 ms a signature,
// which would hold 10,000 piles that come back for minutes.
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { fromSeed, type KeyPair, type Prefix } from "@nats-io/nkeys";
import { Codec } from "@nats-io/nkeys/lib/codec.js";

// DER heads of a raw Ed25519 key (RFC 8410)
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** Did the owner of that public nkey sign it? False for anything that is no such key. */
export function signedBy(
  nkey: string,
  prefix: Prefix,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const raw = Codec.decode(prefix, new TextEncoder().encode(nkey));
    const der = Buffer.concat([SPKI_HEAD, raw]);
    return verify(
      null,
      data,
      createPublicKey({ key: der, format: "der", type: "spki" }),
      signature,
    );
  } catch {
    return false;
  }
}

/** The pair of a seed, with a signature that takes no time. */
export function fastPair(seed: string): KeyPair {
  const bytes = new TextEncoder().encode(seed);
  const slow = fromSeed(bytes);
  const der = Buffer.concat([PKCS8_HEAD, Codec.decodeSeed(bytes).buf]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const publicKey = slow.getPublicKey();
  const privateKey = slow.getPrivateKey(); // derived anew at each call otherwise
  return {
    getPublicKey: () => publicKey,
    getPrivateKey: () => privateKey,
    getSeed: () => slow.getSeed(),
    sign: (input) => new Uint8Array(sign(null, input, key)),
    verify: (input, signature) => slow.verify(input, signature),
    clear: () => slow.clear(),
    seal: (input, recipient, nonce) => slow.seal(input, recipient, nonce),
    open: (message, sender) => slow.open(message, sender),
  };
}
