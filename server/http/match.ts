// If-Match: the revision that somebody looked at before they changed something.
import type { Asked } from "./route.ts";

/** `"7"`. Null: there is none; undefined: it is no revision. */
export function ifRevision(asked: Asked): number | null | undefined {
  const tag = asked.header("if-match");
  if (tag === undefined) return null;
  const digits = /^(?:W\/)?"([0-9]{1,9})"$/.exec(tag)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
