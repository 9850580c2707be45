// Keys for each purpose from the two secrets of the settings, and sealing of personal data.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

const KEY_BYTES = 32; // AES-256, HMAC-SHA256
const NONCE_BYTES = 12; // AES-GCM's own size
const TAG_BYTES = 16;

/** A key of its own for each purpose: a token made for one is worth nothing for another. */
export function keyFor(secret: string | Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "chargeward", purpose, KEY_BYTES));
}

/** AES-256-GCM: nonce, tag and text in one base64url word; `about` binds it to its place. */
export function seal(key: Uint8Array, text: string | Uint8Array, about: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** Null where key, place or bytes are not those of the sealing. */
export function unseal(key: Uint8Array, word: string, about: string): Buffer | null {
  const bytes = Buffer.from(word, "base64url");
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(about)).setAuthTag(tag);
    const sealed = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    return null;
  }
}

export const mac = (key: Uint8Array, text: string): string =>
  createHmac("sha256", key).update(text).digest("base64url");
export const digest = (text: string): string =>
  createHash("sha256").update(text).digest("base64url");
export function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

const TOKEN_BYTES = 24; // 192 bits: over the 128 that a session needs
export const randomToken = (): string => randomBytes(TOKEN_BYTES).toString("base64url");
