// Bytes of a pile to one of the shapes of wire/native.ts: never throws, says what is wrong.
import type * as z from "zod";
import { parseJson } from "../../wire/json.ts";

export type DecodeCode = "payload.too-large" | "payload.not-json" | "payload.malformed";
export type Decoded<T> = { ok: true; value: T } | { ok: false; code: DecodeCode; issue: string };

const utf8 = new TextDecoder("utf-8", { fatal: true });
const ISSUE_LENGTH_MAX = 200;

/** Depth, lengths and numbers of values are bounded by the shape: unknown keys are refused. */
export function decode<T>(shape: z.ZodType<T>, bytes: Uint8Array, bytesMax: number): Decoded<T> {
  if (bytes.length > bytesMax) {
    return { ok: false, code: "payload.too-large", issue: `${bytes.length} bytes` };
  }
  let body: unknown;
  try {
    body = parseJson(utf8.decode(bytes));
  } catch {
    return { ok: false, code: "payload.not-json", issue: "" };
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const first = parsed.error.issues[0];
  const issue = first ? `${first.path.map(String).join(".")}: ${first.message}` : "";
  return { ok: false, code: "payload.malformed", issue: issue.slice(0, ISSUE_LENGTH_MAX) };
}
