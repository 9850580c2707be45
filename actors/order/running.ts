// What the pile tells between 启动中 and the end: it waits, it charges, it failed, the meter moved.
import { nothing } from "../kit/mod.ts";
import { energyOf } from "../tariff/mod.ts";
import type { OrderEvent } from "./events.ts";
import { plugIncident, startFailedIncident } from "./incidents.ts";
import { warnOfHold } from "./top-up.ts";
import type { Known, Meter, Of, StartFailed } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

export function plugAwaited(state: Known, { self }: OrderCtx): Decided {
  if (state.status !== "starting" || state.waiting) return nothing;
  return [{ type: "PlugAwaited" }, plugIncident(self.id)];
}

export function chargeStarted(state: Known, command: Of<"ConnectorStarted">): Decided {
  const { deviceAt, registerWh, segments, txId } = command;
  if (state.status === "starting" || (state.status === "stopping" && !state.started)) {
    const tx = txId === undefined ? {} : { txId };
    return [{ type: "ChargeStarted", deviceAt, registerWh, segments, ...tx }];
  }
  if ("started" in state && state.started?.deviceAt === deviceAt) return nothing; // told twice
  return [{ type: "FactNoted", fact: "late-start", facts: { deviceAt, registerWh } }];
}

/** Cumulative segments replace the ones before; a reading that goes back is not taken over. */
export function meterAdvanced(
  state: Known,
  command: Of<"MeterAdvanced">,
  ctx: OrderCtx,
): Decided {
  if ((state.status !== "charging" && state.status !== "stopping") || !state.meter) return nothing;
  const { meter } = state;
  const { deviceAt, registerWh, segments, socPct } = command;
  const moved = registerWh > meter.registerWh || deviceAt > meter.deviceAt;
  const back = registerWh < meter.registerWh || deviceAt < meter.deviceAt ||
    energyOf(segments) < energyOf(meter.segments);
  if (!moved || back) return nothing;
  const soc = socPct ?? meter.socPct;
  return [{
    type: "MeterRead",
    deviceAt,
    registerWh,
    segments,
    powerW: command.powerW ?? averageW(meter, command),
    ...(soc === undefined ? {} : { socPct: soc }),
  }, ...warnOfHold(state, segments, ctx)];
}

/** Mean power since the last reading, for piles that do not tell it. */
function averageW(from: Meter, to: { deviceAt: number; registerWh: number }): number {
  const ms = to.deviceAt - from.deviceAt;
  if (ms <= 0) return from.powerW;
  const watt = Math.round((to.registerWh - from.registerWh) * 3_600_000 / ms);
  return Math.min(watt, 10_000_000);
}

/** It did not start. Until the pile has proven that nothing runs, the hold stays. */
export function startFailed(
  state: Known,
  command: Of<"ConnectorStartFailed">,
  ctx: OrderCtx,
): Decided {
  const { why, cause, proven } = command;
  if (state.status === "start-failed") return proven ? idleProven(state, why) : nothing;
  const open = state.status === "starting" || (state.status === "stopping" && !state.started);
  if (!open) return [{ type: "FactNoted", fact: "late-start-failure", facts: { why, proven } }];
  const byUser = state.status === "stopping" && state.stop.by !== "platform";
  const because = byUser ? `stopped-by-${state.stop.by}` : why;
  const failed: OrderEvent = {
    type: "ChargeStartFailed",
    why: because,
    ...(cause ? { cause } : {}),
    proven,
  };
  if (byUser) return [failed];
  return [failed, ...startFailedIncident(ctx.self.id, why, proven, cause, ctx.without)];
}

export const idleProven = (state: StartFailed, why: string): OrderEvent[] =>
  state.proven ? [] : [{ type: "IdleProven", why }];

/** Beyond the pile's own time limit: asked to stop, so that somebody proves something. */
export function startTimeout(state: Known): Decided {
  if (state.status !== "starting") return nothing;
  return [{ type: "StopAsked", by: "platform", who: "timer", reason: "start took too long" }];
}

/** The pile knows of no such charge: what never started is proven idle. */
export function stopAnswered(state: Known, { answer }: Of<"StopAnswered">, ctx: OrderCtx): Decided {
  if (answer.ok) return nothing;
  if (state.status === "start-failed") return idleProven(state, answer.refusal.code);
  if (state.status !== "stopping" || state.started) return nothing; // its end is on the way
  const type = "ConnectorStartFailed" as const;
  return startFailed(state, { type, why: "device-refused", proven: true }, ctx);
}
