// One decision in the making: events in order, and the state as it is after each of them.
import type { Ctx } from "../kit/mod.ts";
import { assert } from "../kit/assert.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { PileWord } from "../../wire/pile-words.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import type { PileEvent } from "./events.ts";
import { evolve } from "./evolve.ts";
import type { Connector, Registered } from "./state.ts";

export type PileCtx = Ctx<ChargingSettings>;

export interface Turn {
  readonly state: Registered;
  readonly events: readonly PileEvent[];
  readonly ctx: PileCtx;
  add(event: PileEvent): void;
}

export function openTurn(state: Registered, ctx: PileCtx): Turn {
  let now = state;
  const events: PileEvent[] = [];
  return {
    get state() {
      return now;
    },
    events,
    ctx,
    add(event) {
      const next = evolve(now, event, { at: ctx.at, self: ctx.self });
      assert(next.status === "registered", "a registered pile stays one", { event: event.type });
      now = next;
      events.push(event);
    },
  };
}

export const hasConnector = (state: Registered, no: number): boolean =>
  state.connectors.some((connector) => connector.no === no);

export function connectorOf(state: Registered, no: number): Connector {
  const connector = state.connectors.find((one) => one.no === no);
  assert(connector !== undefined, "the connector is one of the pile's", { no });
  return connector;
}

/** Records an exception that the pile's actor handles. */
export function incident(
  turn: Turn,
  facts: Omit<IncidentRaised, "type" | "actor" | "words"> & { words: PileWord },
): void {
  turn.add({ type: "IncidentRaised", actor: `pile/${turn.ctx.self.id}`, ...facts });
}
