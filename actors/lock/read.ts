// A lock as ops see it: where it stands, why it does not obey, what happened to it step by step.
import type { LockFault as LockFaultView, LockView } from "../../wire/lock.ts";
import { isoOf } from "../../wire/units.ts";
import { refuse, type Refused } from "../kit/mod.ts";
import { inScope } from "../kit/who.ts";
import type { Fitted, LockActorState, LockFault } from "./state.ts";
import type { LockCtx } from "./turn.ts";

export function read(
  name: string,
  state: LockActorState,
  ctx: LockCtx,
): { body: unknown } | Refused {
  if (state.status === "unfitted" || !maySee(state, ctx)) {
    return refuse("lock.unknown", { id: ctx.self.id });
  }
  if (name !== "show") return refuse("request.not-found", { read: name });
  return { body: viewOf(state, ctx, ctx.v) };
}

function maySee({ stationId }: Fitted, { principal }: LockCtx): boolean {
  switch (principal.kind) {
    case "ops":
      return inScope(principal, stationId);
    case "system":
    case "actor":
      return true;
    case "driver":
    case "device":
    case "provider":
      return false;
  }
}

export const faultViewOf = ({ code, raw, since }: LockFault): LockFaultView => ({
  code,
  ...(raw === undefined ? {} : { raw }),
  since: isoOf(since),
});

export function viewOf(state: Fitted, { self, without }: LockCtx, v: number): LockView {
  const { pileId, connector, stationId, form, rests, way, position, bay, fault, move, wish } =
    state;
  const kept = without.has("lock.own-timeline") ? [] : state.entries;
  return {
    id: self.id,
    v,
    pileId,
    connector,
    stationId,
    form,
    rests,
    way,
    position,
    bay,
    ...(fault === null ? {} : { fault: faultViewOf(fault) }),
    ...(wish === null ? {} : {
      wanted: {
        to: wish.to,
        causeId: wish.causeId,
        ...(wish.until === undefined ? {} : { until: isoOf(wish.until) }),
      },
    }),
    ...(move === null ? {} : {
      moving: {
        to: move.to,
        causeId: move.causeId,
        since: isoOf(move.since),
        tries: move.tries,
      },
    }),
    timeline: kept.toReversed().map(({ at, ...entry }) => ({ at: isoOf(at), ...entry })),
  };
}
