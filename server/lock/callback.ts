// Lock makers' reports: signed, in time, each nonce once; then the lock's actor hears of it. "Heard" is
// answered only after the record; a forgery changes nothing but the audit log.
import { lockReport } from "../../wire/foreign/lock/v1.ts";
import { traceIdOf } from "../../wire/trace.ts";
import { json } from "../outward-call.ts";
import type { Client, Clock, Directory, Log, Metrics } from "../ports.ts";
import type { LockPartner } from "./http.ts";
import { checkRequest } from "./signed.ts";

const NONCE_MS = 11 * 60_000; // longer than a signed moment may be off, either way
const RECORD_TTL_MS = 10_000;

export interface LockCallback {
  tenant: string;
  partner: string;
  /** Path as it was called. */
  target: string;
  header(name: string): string | undefined;
  body: string;
  trace: string;
}
export interface CallbackAnswer {
  status: number;
  body: string;
  contentType: string;
}
interface Deps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  partners: Readonly<Record<string, LockPartner>>;
}

const say = (status: number, code: string): CallbackAnswer => ({
  status,
  body: JSON.stringify({ code }),
  contentType: "application/json",
});

export async function takeReport(deps: Deps, request: LockCallback): Promise<CallbackAnswer> {
  const { partner: name, trace, body } = request;
  const { metrics, log, clock, directory, partners } = deps;
  if (!Object.hasOwn(partners, name)) return say(404, "lock.partner-unknown");
  const forged = (why: string): CallbackAnswer => {
    metrics.count("lock_callbacks_refused", { why });
    log.warn({ audit: "lock.forged", partner: name, why, trace: traceIdOf(trace) }, "refused");
    return say(401, "lock.signature");
  };
  const checked = checkRequest(partners[name]!, { ...request, method: "POST", now: clock.now() });
  if (!checked.ok) return forged(checked.why);
  const nonces = await directory.bucket<number>("lock-nonces", { ttlMs: NONCE_MS });
  if (await nonces.create(`${name}/${checked.nonce}`, 1) === null) return forged("replayed");
  const report = lockReport.safeParse(json(body)).data;
  const [tenant, id] = report?.owner.split("/") ?? [];
  if (!report || id === undefined || tenant !== request.tenant) {
    metrics.count("lock_callbacks_refused", { why: "unreadable" });
    return say(400, "unreadable");
  }
  return await recorded(deps, request, { report, id, nonce: checked.nonce });
}

async function recorded(
  { client, metrics, log }: Deps,
  { tenant, partner, trace }: LockCallback,
  { report, id, nonce }: {
    report: NonNullable<ReturnType<typeof lockReport.parse>>;
    id: string;
    nonce: string;
  },
): Promise<CallbackAnswer> {
  const { lock: ref, at: deviceAt, state, bay, code } = report;
  const reply = await client.ask({
    id: `lock|${partner}|${nonce}`,
    to: { tenant, kind: "lock", id },
    type: "ReportLock",
    body: {
      state,
      ...(bay === undefined ? {} : { bay }),
      ...(code === undefined ? {} : { code }),
      deviceAt,
      ref,
    },
    principal: { kind: "provider", id: `lock/${partner}` },
    ttlMs: RECORD_TTL_MS,
    cause: `callback:${nonce}`,
    correlation: id,
    trace,
  });
  if (reply.ok) {
    metrics.count("lock_callbacks", { state });
    return say(200, "ok");
  }
  if ("fault" in reply) return say(503, "not-recorded");
  const why = reply.refusal.code;
  metrics.count("lock_callbacks_refused", { why });
  log.warn({ audit: "lock.report-refused", partner, id, why, trace: traceIdOf(trace) }, "refused");
  return say(why === "lock.unknown" ? 404 : 422, why);
}
