// The lock protocol (docs/lock-partners.md) as it travels between the platform and a lock maker's: what is
// signed, which headers, which bodies. Each side signs and checks by itself.
import * as z from "zod";
import { bayState, lockRef, lockState, lockTo } from "../../lock.ts";

export const LOCK_HEADERS = {
  key: "x-lock-key",
  time: "x-lock-time",
  nonce: "x-lock-nonce",
  signature: "x-lock-signature",
} as const;
/** How far a signed moment may be off, either way. */
export const LOCK_MS_OFF_MAX = 5 * 60_000;

/** Of a request: method, path with query, moment, nonce, sha256 (hex) of the body as sent. */
export const lockRequestText = (
  head: { method: string; target: string; time: string; nonce: string; hash: string },
): string => [head.method, head.target, head.time, head.nonce, head.hash].join("\n");
/** Of an answer: the nonce of its request, its status, sha256 (hex) of its body. */
export const lockAnswerText = (
  head: { nonce: string; status: number; hash: string },
): string => ["ANSWER", head.nonce, head.status, head.hash].join("\n");

export const lockSignature = z.strictObject({
  key: z.string().min(1).max(64),
  time: z.string().regex(/^[0-9]{13}$/),
  nonce: z.string().regex(/^[0-9A-Za-z_-]{16,64}$/),
  signature: z.string().regex(/^[0-9A-Za-z_-]{43}$/),
});

const code = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const seen = { state: lockState, bay: bayState.optional(), code: code.optional() };
/** Whose lock it is to us, sent along and given back with every report: `<tenant>/<our id>`. */
const owner = z.string().regex(/^[a-z][a-z0-9-]{0,31}\/[A-Za-z0-9][A-Za-z0-9_-]{1,60}$/);

/** POST <url>/v1/locks/<ref>/commands. The same `id` again is answered, not done again. */
export const lockOrder = z.strictObject({
  id: z.string().min(1).max(120),
  to: lockTo,
  owner,
  callback: z.url().max(300),
});
/** Its answer, 200; `state` where it is there already. A maker may say more than we read. */
export const lockOrderAnswer = z.object({
  id: z.string().max(120),
  outcome: z.enum(["accepted", "refused"]),
  code: code.optional(),
  state: lockState.optional(),
  bay: bayState.optional(),
});
/** GET <url>/v1/locks/<ref>, 200. */
export const lockStatus = z.object(seen);
/** Not 200: `{code}`. */
export const lockRefusal = z.object({ code });
/** POST to the callback: the lock's state as it changes; answered 200 once it is recorded. */
export const lockReport = z.strictObject({ lock: lockRef, owner, at: z.int().min(0), ...seen });
export type LockReport = z.infer<typeof lockReport>;
