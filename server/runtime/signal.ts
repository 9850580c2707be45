// Lossy input to an actor in memory: its new memory, ticks to screens, and what it makes necessary.
import type { AnyActor } from "../../actors/kit/mod.ts";
import { liveSubject } from "../../wire/subjects.ts";
import type { Env } from "./env.ts";
import type { Place } from "./journal.ts";
import type { Draft } from "./record.ts";
import { selfOf } from "./ids.ts";

export interface SignalResult {
  memory: unknown;
  command?: { type: string };
}

const encoder = new TextEncoder();

/** Null: the actor takes no signals, or this one broke it. Ticks are published at once. */
export function signalled(
  env: Env,
  actor: AnyActor,
  { address }: Place,
  draft: Draft,
  memory: unknown,
  data: Record<string, unknown>,
): SignalResult | null {
  if (!actor.signal) return null;
  const { tenant } = address;
  const settings = env.settingsOf(address);
  const ctx = {
    at: Math.max(draft.at, env.clock.now()),
    self: selfOf(address),
    tenant,
    settings,
  };
  try {
    const result = actor.signal(draft.state, memory, data, ctx);
    for (const { to, data } of result.live ?? []) {
      env.network.publish(liveSubject({ tenant, ...to }), encoder.encode(JSON.stringify(data)));
    }
    return result;
  } catch (error) {
    env.metrics.count("signal_breaches", { kind: address.kind });
    env.log.error({ ...address, error: String(error) }, "signal broke");
    return null;
  }
}
