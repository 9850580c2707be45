// The way of every request: rate, who, grant, CSRF, key, shape, handler; and the last resort.
import { createHash, timingSafeEqual } from "node:crypto";
import { traceIdOf, TRACEPARENT, traceparentIn } from "../../wire/trace.ts";
import type { Clock, Log, Metrics, Tracer } from "../ports.ts";
import { isBadInput, type RefusedInput } from "../say-refused.ts";
import { type Answer, isBroken, isNo, type No, no } from "./answer.ts";
import { isJsonType, readText, shapeRequest } from "./body.ts";
import type { DrillDoor } from "./deps.ts";
import { admits, type Grant } from "./grants.ts";
import { checkKey, commandIdOf } from "./keys.ts";
import type { Limits } from "./limits.ts";
import { type Outward, outward } from "./outward.ts";
import { nameOf, type Route } from "./route.ts";
import { principalOf, type Who } from "./who.ts";

export interface PipelineDeps {
  tenant: string;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  /** Where the asker brings none. */
  newTrace(): string;
  /** What a drill has switched off for that person (demo only). */
  drills?: Pick<DrillDoor, "without"> | undefined;
  limits: Limits;
  identify(request: Request): Promise<Who | No>;
  refused(input: RefusedInput): void;
}
export interface Incoming {
  request: Request;
  params: Record<string, string>;
  address: string;
  /** Kind of who asks, as far as it is known. */
  by?: Who["kind"];
}

export const traceOf = (request: Request, newTrace: () => string): string =>
  traceparentIn(request.headers.get(TRACEPARENT)) ?? newTrace();

/** The request's answer as bytes; whatever breaks on the way is an answer too. */
export function pipelineOf(deps: PipelineDeps, route: Route, grant: Grant) {
  const name = nameOf(route);
  const respond = async (incoming: Incoming, trace: string): Promise<Response> => {
    const startedAt = deps.clock.tick();
    const out: Outward = {
      traceId: traceIdOf(trace),
      language: incoming.request.headers.get("accept-language") ?? undefined,
    };
    let answer: Answer;
    try {
      answer = await answerOf(deps, route, grant, incoming, trace);
    } catch (error) {
      // A bug or an engine away: a mutation may have been done, a read surely was not.
      deps.log.error({ route: name, trace: out.traceId, error: String(error) }, "request broke");
      deps.metrics.count("http_broken", { route: name });
      const code = route.method === "GET" ? "unavailable" : "outcome.unknown";
      answer = { fault: { code } };
    }
    const response = outward(answer, out);
    const code = isNo(answer) ? answer.refusal.code : isBroken(answer) ? answer.fault.code : "ok";
    const labels = { route: name, status: String(response.status) };
    if (isBadInput(code)) {
      deps.refused({ where: name, code, by: incoming.by ?? "nobody", trace: out.traceId });
    }
    deps.metrics.observe("http_ms", deps.clock.tick() - startedAt, labels);
    deps.log.debug({ route: name, status: response.status, code, trace: out.traceId }, "answered");
    return response;
  };
  return async (incoming: Incoming): Promise<Response> => {
    const trace = traceOf(incoming.request, deps.newTrace);
    if (!deps.tracer) return await respond(incoming, trace);
    return await deps.tracer.span(name, trace, { "http.route": route.path }, async (own, note) => {
      const response = await respond(incoming, own);
      note({ "http.response.status_code": response.status });
      return response;
    });
  };
}

async function answerOf(
  deps: PipelineDeps,
  route: Route,
  grant: Grant,
  incoming: Incoming,
  trace: string,
): Promise<Answer> {
  const { request, params, address } = incoming;
  const refusedRate = route.unlimited ? null : await deps.limits.take("perAddress", address);
  if (refusedRate) return refusedRate;
  const who = await admitted(deps, route, grant, incoming);
  if ("refusal" in who) return who;
  const text = route.method === "GET" ? "" : await readText(request, route.bodyBytesMax);
  if (typeof text !== "string") return text;
  // A form of another site sends text or fields; a stop is never refused for its wrapping.
  const isLax = route.rawBody || route.unlimited || text === "";
  if (!isLax && !isJsonType(request)) {
    const issues = [{ path: "headers.content-type", problem: "not application/json" }];
    return no("request.malformed", { issues });
  }
  const off = deps.drills?.without(who.kind === "driver" ? who.userId : undefined);
  const given = request.headers.get("idempotency-key") ?? undefined;
  const rule = given === undefined && off?.has("tap.key-needed") ? "exempt" : route.key;
  const key = checkKey(rule, given, deps.clock.now());
  if ("refusal" in key) return key;
  const shaped = shapeRequest(route, new URL(request.url), params, text);
  if ("refusal" in shaped) return shaped;
  const tenant = who.kind === "nobody" ? deps.tenant : who.tenant;
  const principal = principalOf(who);
  const name = nameOf(route);
  return await route.handle({
    who,
    principal,
    tenant,
    ...shaped,
    route: name,
    key: key.key,
    isStale: key.isStale,
    commandId: key.key
      ? commandIdOf(tenant, principal, name, key.key + unguarded(off, text, trace))
      : `${tenant}|${principal.kind}:${principal.id}|${name}|${traceIdOf(trace)}`,
    trace,
    traceId: traceIdOf(trace),
    address,
    header: (header) => request.headers.get(header) ?? undefined,
    raw: text,
  });
}

/** What tells repeats apart once their safeguards are off: nothing, in earnest. */
function unguarded(off: ReturnType<DrillDoor["without"]> | undefined, text: string, trace: string) {
  if (off?.has("tap.same-answer")) return `|${traceIdOf(trace)}`;
  if (!off?.has("tap.other-body-refused")) return "";
  return `|${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** Who asks, once that may be: grant, the person's rate, and for ops the CSRF token. */
async function admitted(
  deps: PipelineDeps,
  route: Route,
  grant: Grant,
  incoming: Incoming,
): Promise<Who | No> {
  const { request } = incoming;
  const who = await deps.identify(request);
  if ("refusal" in who) return grant.open ? { kind: "nobody" } : who;
  incoming.by = who.kind;
  const verdict = admits(grant, who);
  if (verdict !== "ok") return no(verdict);
  if (who.kind === "nobody") return who;
  if (who.kind === "ops" && !grant.open && route.method !== "GET" && !hasCsrf(request, who.csrf)) {
    return no("auth.csrf");
  }
  if (route.unlimited) return who;
  return await deps.limits.take("perPerson", who.sid) ?? who;
}

function hasCsrf(request: Request, wanted: string): boolean {
  const given = Buffer.from(request.headers.get("x-csrf") ?? "");
  const right = Buffer.from(wanted);
  return given.length === right.length && timingSafeEqual(given, right);
}
