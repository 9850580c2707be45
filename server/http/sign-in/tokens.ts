// Signed tokens (JWT, HS256): drivers' sessions, the second step of ops sign-in, live handshakes.
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import type { Clock } from "../../ports.ts";
import { keyFor } from "./secrets.ts";

/** What a token is for: each has a key, a type and an audience of its own. */
export type TokenUse = "driver" | "ops-mfa" | "ops-live";
const ISSUER = "chargeward";
const ALGORITHM = "HS256"; // the only one: `none` and public-key confusion end here

const claims = z.object({
  sub: z.string().min(1),
  tenant: z.string().min(1),
  sid: z.string().min(1),
  exp: z.number(),
});
export interface TokenFacts {
  sub: string;
  tenant: string;
  sid: string;
  expiresAt: number;
}
export type TokenVerdict = TokenFacts | "auth.required" | "auth.expired";

export interface Tokens {
  sign(use: TokenUse, facts: Omit<TokenFacts, "expiresAt">, lifeMs: number): Promise<{
    token: string;
    expiresAt: number;
  }>;
  verify(use: TokenUse, token: string): Promise<TokenVerdict>;
}

export function createTokens(secret: string, clock: Clock): Tokens {
  const keys: Record<TokenUse, Uint8Array> = {
    driver: keyFor(secret, "token driver"),
    "ops-mfa": keyFor(secret, "token ops-mfa"),
    "ops-live": keyFor(secret, "token ops-live"),
  };
  const typeOf = (use: TokenUse) => `${use}+jwt`;
  return {
    async sign(use, { sub, tenant, sid }, lifeMs) {
      const now = Math.floor(clock.now() / 1000);
      const expires = Math.floor((clock.now() + lifeMs) / 1000);
      const token = await new SignJWT({ tenant, sid })
        .setProtectedHeader({ alg: ALGORITHM, typ: typeOf(use) })
        .setIssuer(ISSUER).setAudience(use).setSubject(sub).setJti(crypto.randomUUID())
        .setIssuedAt(now).setNotBefore(now).setExpirationTime(expires)
        .sign(keys[use]);
      return { token, expiresAt: expires * 1000 };
    },
    async verify(use, token) {
      try {
        const { payload } = await jwtVerify(token, keys[use], {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: use,
          typ: typeOf(use),
          currentDate: new Date(clock.now()),
          requiredClaims: ["jti", "iat", "nbf"],
        });
        const { sub, tenant, sid, exp } = claims.parse(payload);
        return { sub, tenant, sid, expiresAt: exp * 1000 };
      } catch (error) {
        return error instanceof errors.JWTExpired ? "auth.expired" : "auth.required";
      }
    },
  };
}
