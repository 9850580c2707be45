// The hash that binds an approval to exactly what will be done: sha256 over RFC 8785 JSON.
import { createHash } from "node:crypto";
import canonicalize from "canonicalize";

export const hashOf = (payload: Record<string, unknown>): string =>
  createHash("sha256").update(canonicalize(payload)!).digest("hex");
