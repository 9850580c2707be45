// Signatures of the lock protocol: HMAC-SHA256 over what is sent, compared in equal time.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  LOCK_HEADERS,
  LOCK_MS_OFF_MAX,
  lockAnswerText,
  lockRequestText,
  lockSignature,
} from "../../wire/foreign/lock/v1.ts";

export interface Key {
  key: string;
  secret: string;
}
const hashOf = (body: string): string => createHash("sha256").update(body).digest("hex");
const macOf = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url");
function fits(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Headers of a request of ours; `nonce` binds its answer. */
export function signRequest(
  { key, secret }: Key,
  { method, target, body, now }: { method: string; target: string; body: string; now: number },
): { nonce: string; headers: Record<string, string> } {
  const nonce = randomBytes(18).toString("base64url");
  const time = String(now);
  const signature = macOf(
    secret,
    lockRequestText({ method, target, time, nonce, hash: hashOf(body) }),
  );
  const { key: keyName, time: timeName, nonce: nonceName, signature: name } = LOCK_HEADERS;
  return {
    nonce,
    headers: { [keyName]: key, [timeName]: time, [nonceName]: nonce, [name]: signature },
  };
}

export function answerFits(
  { secret }: Key,
  head: { nonce: string; status: number; body: string },
  signature: string | null,
): boolean {
  const { nonce, status, body } = head;
  return signature !== null &&
    fits(signature, macOf(secret, lockAnswerText({ nonce, status, hash: hashOf(body) })));
}

export type Checked =
  | { ok: true; nonce: string }
  | { ok: false; why: "unsigned" | "key" | "clock" | "signature" };

/** A request of theirs: who signed it, when, and whether it is what was signed. */
export function checkRequest(
  { key, secret }: Key,
  { method, target, body, now, header }: {
    method: string;
    target: string;
    body: string;
    now: number;
    header(name: string): string | undefined;
  },
): Checked {
  const given = lockSignature.safeParse({
    key: header(LOCK_HEADERS.key),
    time: header(LOCK_HEADERS.time),
    nonce: header(LOCK_HEADERS.nonce),
    signature: header(LOCK_HEADERS.signature),
  });
  if (!given.success) return { ok: false, why: "unsigned" };
  const { time, nonce, signature } = given.data;
  if (given.data.key !== key) return { ok: false, why: "key" };
  if (Math.abs(now - Number(time)) > LOCK_MS_OFF_MAX) return { ok: false, why: "clock" };
  const text = lockRequestText({ method, target, time, nonce, hash: hashOf(body) });
  return fits(signature, macOf(secret, text))
    ? { ok: true, nonce }
    : { ok: false, why: "signature" };
}
