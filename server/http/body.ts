// Reading what a request brings, within bounds: body, query and path against the route's shapes.
import type * as z from "zod";
import { type No, no } from "./answer.ts";
import type { Route } from "./route.ts";

export const BODY_BYTES_MAX = 64 * 1024; // the largest good body (a client error with its stack) is 12 KiB
const ISSUES_MAX = 5; // enough to mend a request by

/** The body as text; refused as soon as it is known to be too large. */
export async function readText(
  request: Request,
  bytesMax = BODY_BYTES_MAX,
): Promise<string | No> {
  const tooLarge = no("request.too-large", { maxBytes: bytesMax });
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) return tooLarge;
  if (!request.body) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > bytesMax) {
      await reader.cancel();
      return tooLarge;
    }
    chunks.push(value);
  }
  try {
    return utf8.decode(Buffer.concat(chunks));
  } catch {
    return malformed("body", "not UTF-8");
  }
}
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** `application/json`, with or without parameters. */
export const isJsonType = (request: Request): boolean =>
  /^application\/json\s*(;|$)/i.test(request.headers.get("content-type") ?? "");

const malformed = (path: string, problem: string): No =>
  no("request.malformed", { issues: [{ path, problem }] });

export function parseJson(text: string): { value: unknown } | No {
  if (text.trim() === "") return { value: {} };
  try {
    const value: unknown = JSON.parse(text);
    // Only an escape can make half a character; it has no canonical form, so no hash either.
    if (text.includes("\\u") && !isWellFormed(value)) return malformed("body", "not Unicode");
    return { value };
  } catch {
    return malformed("body", "not JSON");
  }
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
}

function queryOf(url: URL): Record<string, string> | No {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of url.searchParams) {
    if (name in values) return malformed(`query.${name}`, "twice");
    values[name] = value;
  }
  return { ...values };
}

function shaped(
  shape: z.ZodType | undefined,
  value: unknown,
  where: string,
): { value: unknown } | No {
  if (!shape) {
    const names = typeof value === "object" && value !== null ? Object.keys(value) : ["?"];
    if (names.length === 0) return { value: {} };
    const issues = names.slice(0, ISSUES_MAX).map((name) => ({
      path: `${where}.${name}`,
      problem: "unknown",
    }));
    return no("request.malformed", { issues });
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  return no("request.malformed", { issues: issuesOf(parsed.error, where) });
}

function issuesOf(error: z.ZodError, where: string) {
  return error.issues.slice(0, ISSUES_MAX).map((issue) => ({
    path: [where, ...issue.path.map(String)].join("."),
    problem: issue.message.slice(0, 200),
  }));
}

export interface Shaped {
  params: unknown;
  query: unknown;
  body: unknown;
}
/** Path, query and body as the route wants them, or where they are not. */
export function shapeRequest(
  route: Route,
  url: URL,
  params: Record<string, string>,
  text: string,
): Shaped | No {
  const givenQuery = queryOf(url);
  if ("refusal" in givenQuery) return givenQuery as No;
  const path = shaped(route.params, params, "path");
  // An id of the wrong form is nobody's: the same answer as for one that does not exist.
  if ("refusal" in path) return no("request.not-found");
  const query = shaped(route.query, givenQuery, "query");
  if ("refusal" in query) return query;
  if (route.rawBody || route.method === "GET") {
    return { params: path.value, query: query.value, body: {} };
  }
  const json = parseJson(text);
  if ("refusal" in json) return json;
  const body = shaped(route.body, json.value, "body");
  if ("refusal" in body) return body;
  return { params: path.value, query: query.value, body: body.value };
}
