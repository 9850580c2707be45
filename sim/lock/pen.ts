// The maker's signatures, made by itself from docs/lock-partners.md: HMAC-SHA256, base64url.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { LOCK_HEADERS, lockAnswerText, lockRequestText } from "../../wire/foreign/lock/v1.ts";

const hash = (body: string) => createHash("sha256").update(body).digest("hex");

export interface LockPen {
  /** Is that the platform's request? */
  reads(
    request: { method: string; target: string; header(name: string): string; body: string },
  ): boolean;
  answer(nonce: string, status: number, body: string): Record<string, string>;
  request(target: string, body: string): Record<string, string>;
}

export function lockPen(secret: string, key = "chargeward"): LockPen {
  const mac = (text: string) => createHmac("sha256", secret).update(text).digest("base64url");
  return {
    reads({ method, target, header, body }) {
      const time = header(LOCK_HEADERS.time);
      const nonce = header(LOCK_HEADERS.nonce);
      const text = lockRequestText({ method, target, time, nonce, hash: hash(body) });
      return header(LOCK_HEADERS.key) === key && header(LOCK_HEADERS.signature) === mac(text);
    },
    answer: (nonce, status, body) => ({
      [LOCK_HEADERS.signature]: mac(lockAnswerText({ nonce, status, hash: hash(body) })),
    }),
    request(target, body) {
      const time = String(Date.now());
      const nonce = randomBytes(18).toString("base64url");
      const text = lockRequestText({ method: "POST", target, time, nonce, hash: hash(body) });
      return {
        [LOCK_HEADERS.key]: key,
        [LOCK_HEADERS.time]: time,
        [LOCK_HEADERS.nonce]: nonce,
        [LOCK_HEADERS.signature]: mac(text),
      };
    },
  };
}
