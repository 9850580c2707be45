// Passwords of ops users: scrypt off the event loop; unknown names cost the same time.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

const COST = 32_768; // N = 2^15, r = 8, p = 3: 0.2 s on the machine it was measured on
const BLOCK = { r: 8, p: 3, maxmem: 64 * 1024 * 1024 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

function derive(password: string, salt: Buffer, N: number): Promise<Buffer> {
  return new Promise((done, fail) => {
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, { ...BLOCK, N }, (error, key) => {
      if (error) fail(error);
      else done(key);
    });
  });
}

/** `scrypt$N$salt$hash`: what was stored with another cost can still be checked. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  return `scrypt$${cost}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

const nobodysSalt = randomBytes(SALT_BYTES);
/** `stored` null: nobody has that name; it takes as long to say so. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, cost, salt, hash] = (stored ?? "").split("$");
  if (!salt || !hash) {
    await derive(password, nobodysSalt, COST);
    return false;
  }
  const wanted = Buffer.from(hash, "base64url");
  const given = await derive(password, Buffer.from(salt, "base64url"), Number(cost));
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
