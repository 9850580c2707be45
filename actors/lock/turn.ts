// One decision in the making: events in order, and the lock as it is after each of them.
import { assert } from "../kit/assert.ts";
import type { Ctx, Refused, Replied } from "../kit/mod.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { evolve } from "./evolve.ts";
import type { Fitted, LockActorState, LockEvent } from "./state.ts";

export type LockCtx = Ctx<ChargingSettings>;
export type Decided = readonly LockEvent[] | Refused | Replied<LockEvent, LockActorState>;

export interface Turn {
  readonly state: Fitted;
  readonly events: readonly LockEvent[];
  readonly ctx: LockCtx;
  add(event: LockEvent): void;
}

export function openTurn(state: LockActorState, ctx: LockCtx): Turn {
  let now = state;
  const events: LockEvent[] = [];
  return {
    get state() {
      assert(now.status === "fitted", "a turn is about a lock that is there");
      return now;
    },
    events,
    ctx,
    add(event) {
      now = evolve(now, event, ctx);
      events.push(event);
    },
  };
}

/** The row of the drills: the lock of our own pile, or another maker's. */
export const rowOf = ({ way }: Pick<Fitted, "way">): "2.6" | "5.4" =>
  way.by === "pile" ? "2.6" : "5.4";

export function incident(
  turn: Turn,
  told: Pick<IncidentRaised, "cause" | "action" | "outcome">,
  facts: Record<string, unknown> = {},
): void {
  const { pileId, connector, form } = turn.state;
  turn.add({
    type: "IncidentRaised",
    row: rowOf(turn.state),
    actor: `lock/${turn.ctx.self.id}`,
    words: told.outcome === "recovered" ? "lock.recovered" : "lock.broken",
    ...told,
    facts: { pileId, connector, form, ...facts },
  });
}
