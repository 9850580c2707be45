// Answers as bytes: status by the refusal's code, one error shape, version, replay and trace headers.
import type { Fault, Refusal } from "../../wire/envelope.ts";
import type { ErrorBody } from "../../wire/http.ts";
import { isRefusalCode, refusals } from "../../wire/refusals.ts";
import { traceIdOf } from "../../wire/trace.ts";
import { type Answer, isBroken, isNo } from "./answer.ts";
import { messageOf } from "./messages.ts";

const AFTER_MS = 1_000; // when nobody says when to try again
const RETRY_AFTER_MIN_S = 1;

function refused(
  refusal: Refusal,
  traceId: string,
  language: string | undefined,
  afterMs?: number,
): { status: number; body: ErrorBody } {
  // A code that is not ours to speak of says nothing outside but that it did not work.
  const code = isRefusalCode(refusal.code) ? refusal.code : "unavailable";
  const { status, retry } = refusals[code];
  const body: ErrorBody = {
    code,
    message: messageOf(code, language),
    facts: code === refusal.code ? refusal.facts : {},
    retry,
    ...(retry === "after" ? { afterMs: afterMs ?? AFTER_MS } : {}),
    traceId,
  };
  return { status, body };
}

const ofFault = (fault: Fault): Refusal => ({ code: fault.code, facts: {} });

export interface Outward {
  traceId: string;
  language: string | undefined;
}

export function outward(answer: Answer, { traceId, language }: Outward): Response {
  const headers = new Headers({ "X-Trace-Id": traceId, "Cache-Control": "no-store" });
  if ("text" in answer) {
    headers.set("Content-Type", answer.contentType);
    return new Response(answer.text, { status: answer.status, headers });
  }
  if (isNo(answer) || isBroken(answer)) {
    const refusal = isNo(answer) ? answer.refusal : ofFault(answer.fault);
    const afterMs = isNo(answer) ? answer.afterMs : answer.fault.afterMs;
    const trace = traceIdOf(isNo(answer) ? answer.trace ?? traceId : traceId);
    const { status, body } = refused(refusal, trace, language, afterMs);
    if (isNo(answer) && answer.replay) headers.set("Idempotent-Replay", "true");
    if (isNo(answer)) addAll(headers, answer.headers);
    if (body.afterMs !== undefined && (status === 429 || status === 503)) {
      const seconds = Math.max(RETRY_AFTER_MIN_S, Math.ceil(body.afterMs / 1000));
      headers.set("Retry-After", String(seconds));
    }
    return json(status, body, headers);
  }
  if (answer.v !== undefined) headers.set("ETag", `"${answer.v}"`);
  if (answer.replay) headers.set("Idempotent-Replay", "true");
  addAll(headers, answer.headers);
  if (answer.body === undefined || answer.status === 204) {
    return new Response(null, { status: answer.status, headers });
  }
  return json(answer.status, answer.body, headers);
}

function addAll(headers: Headers, more: Record<string, string> | undefined): void {
  for (const [name, value] of Object.entries(more ?? {})) headers.append(name, value);
}
function json(status: number, body: unknown, headers: Headers): Response {
  headers.set("Content-Type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(body), { status, headers });
}
