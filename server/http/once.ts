// Keys of mutations that are not one command to one actor: the first body under a key is the only one.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Directory } from "../ports.ts";
import { type No, no } from "./answer.ts";
import type { Asked } from "./route.ts";

const KEPT_MS = 25 * 3_600_000; // a key is good for 24 h

/** `replay`: this was asked before with the same body; doing it again changes nothing. */
export async function once(directory: Directory, asked: Asked): Promise<{ replay: boolean } | No> {
  const bucket = await directory.bucket<{ hash: string }>("keys", { ttlMs: KEPT_MS });
  const text = canonicalize({ params: asked.params, body: asked.body }) ?? "";
  const hash = createHash("sha256").update(text).digest("base64url");
  const known = await bucket.get(asked.commandId);
  if (!known && asked.isStale) return no("key.clock");
  if (!known && await bucket.create(asked.commandId, { hash }) !== null) return { replay: false };
  const first = known ?? await bucket.get(asked.commandId);
  return first && first.value.hash !== hash ? no("key.reused") : { replay: true };
}
