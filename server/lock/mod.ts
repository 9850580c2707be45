// The gateway to lock makers' platforms: the actors' orders out, their reports in.
import { lockCall } from "../../wire/lock.ts";
import { createGuard, sender } from "../outward-call.ts";
import type { Client, Clock, Directory, Log, Metrics } from "../ports.ts";
import { type CallbackAnswer, type LockCallback, takeReport } from "./callback.ts";
import { askPartner, type LockPartner } from "./http.ts";

export type { LockPartner } from "./http.ts";

export interface LockDeps {
  client: Client;
  directory: Directory;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** By the name that ops give a lock's way. */
  partners: Readonly<Record<string, LockPartner>>;
  /** Origin that they call back. */
  publicUrl: string;
  /** Deadline of one call, and how long a failing maker is left alone: for tests. */
  callMs?: number;
  breakMs?: number;
}
type PortAnswer =
  | { ok: true; body: unknown }
  | { ok: false; refusal: { code: string; facts: Record<string, unknown> } };
export interface LockMakers {
  names: readonly string[];
  /** Handler of the port "lock". */
  port(call: { from: { id: string }; body: Record<string, unknown> }): Promise<PortAnswer>;
  callback(request: LockCallback): Promise<CallbackAnswer>;
}

const no = (code: string): PortAnswer => ({ ok: false, refusal: { code, facts: {} } });

export function createLockMakers(deps: LockDeps): LockMakers {
  const { clock, log, metrics, partners, publicUrl, callMs, breakMs } = deps;
  const send = sender(callMs);
  const guards = new Map(
    Object.keys(partners).map((by) => {
      const watch = {
        breaker: (state: number) => metrics.gauge("lock_breaker", state, { by }),
        failed: (surely: boolean) => metrics.count("lock_calls_failed", { surely: String(surely) }),
      };
      return [by, createGuard(`lock/${by}`, { log, breakMs, watch })] as const;
    }),
  );
  return {
    names: Object.keys(partners),
    async port({ from, body }) {
      const call = lockCall.safeParse(body);
      if (!call.success) return no("command.malformed");
      const { partner: by, tenant, command: { op } } = call.data;
      const guard = guards.get(by);
      const partner = partners[by];
      if (!guard || !partner) return no("lock.partner-unknown");
      const callback = new URL(`/v1/callbacks/lock/${by}`, publicUrl).href;
      const startedAt = clock.tick();
      const named = { owner: `${tenant}/${from.id}`, call: call.data };
      const answer = await askPartner(partner, { clock, send, guard, callback }, named);
      metrics.observe("lock_call_ms", clock.tick() - startedAt, {
        op,
        by,
        outcome: answer.outcome,
      });
      return { ok: true, body: answer };
    },
    callback: (request) => takeReport(deps, request),
  };
}
