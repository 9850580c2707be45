// Keeping a connector for an order that is still authorising: the one place where two drivers clash.
import { nothing, refuse, type Refused, replied } from "../kit/mod.ts";
import { isActor } from "../kit/who.ts";
import type { KeptFacts } from "../../wire/pile.ts";
import type { Of, PileDecision } from "./fact.ts";
import { gateFault } from "./gate-fault.ts";
import { promised } from "./promised.ts";
import type { Connector, Registered } from "./state.ts";
import { connectorOf, hasConnector, openTurn, type PileCtx } from "./turn.ts";

export const forbidden = (): Refused => refuse("auth.forbidden");

/** A fault that keeps a connector from being used; warnings do not. */
export const blockingFault = (state: Registered, connector: Connector) =>
  [state.fault, connector.fault].find((fault) => fault?.severity === "critical") ?? null;

/** Order that the connector is about, while it is. */
export function orderAt({ use }: Connector): string | null {
  switch (use.status) {
    case "free":
    case "occupied":
      return null;
    case "kept":
    case "starting":
      return use.orderId;
    case "undoing":
      return use.failed.orderId;
    case "charging":
    case "stopping":
      return use.session.owner.orderId;
  }
}

/** Free for this user: nobody's, their own car still there after a charge, or one that nobody answers
 * for (a start that came too late and was stopped): whoever stands there may try again. */
function isFreeFor({ use }: Connector, userId: string | null): boolean {
  switch (use.status) {
    case "free":
      return true;
    case "occupied":
      return use.userId === null || use.userId === userId;
    case "kept":
    case "starting":
    case "undoing":
    case "charging":
    case "stopping":
      return false;
  }
}

/** Why nobody (or that user) could start here now; null: they could. In the order that people are told. */
export function hindrance(
  state: Registered,
  no: number,
  userId: string | null,
  without: PileCtx["without"] = new Set(),
): Refused | null {
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const connector = connectorOf(state, no);
  if (state.disabled) return refuse("pile.disabled", { reason: state.disabled.reason });
  const verified = !without.has("start.pile-verified");
  if (verified && state.link.presence === "offline") {
    return refuse("pile.offline", { since: state.link.since });
  }
  const fault = blockingFault(state, connector);
  if (fault) return refuse("pile.faulted", { code: fault.cause.code, since: fault.since });
  const guarded = !without.has("start.one-order-per-connector");
  if (guarded && !isFreeFor(connector, userId)) return refuse("pile.occupied", { connector: no });
  const barred = gateFault(state, connector, without);
  if (barred) return barred;
  // behind a closed lock no car can be in yet: it opens once the order is accepted
  const mayBeIn = connector.lock === undefined || connector.lock.position === "down";
  const checked = mayBeIn && !without.has("plug.known-unplugged");
  if (checked && connector.tellsPlug && connector.plugged === false) {
    return refuse("pile.unplugged", { connector: no });
  }
  return null;
}

const keptFacts = (state: Registered, no: number, tariff: KeptFacts["tariff"]): KeptFacts => {
  const connector = connectorOf(state, no);
  return {
    stationId: state.stationId,
    tariff,
    ratedPowerW: connector.ratedPowerW,
    registerWh: connector.register?.wh ?? null,
    plugged: connector.plugged,
    lane: state.lane,
  };
};

/** The tariff under which an order has its connector already. */
function tariffOf(connector: Connector, orderId: string): KeptFacts["tariff"] | null {
  const { use } = connector;
  switch (use.status) {
    case "kept":
    case "starting":
      return use.orderId === orderId ? use.tariff : null;
    case "charging":
    case "stopping":
      return use.session.owner.orderId === orderId ? use.session.tariff : null;
    case "free":
    case "occupied":
    case "undoing":
      return null;
  }
}

export function keepConnector(
  state: Registered,
  command: Of<"KeepConnector">,
  ctx: PileCtx,
): PileDecision {
  const { orderId, userId, connector: no, tariffVersion, reservationId } = command;
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (hasConnector(state, no)) {
    const frozen = tariffOf(connectorOf(state, no), orderId);
    if (frozen) return replied(nothing, () => keptFacts(state, no, frozen));
  }
  const hindered = hindrance(state, no, userId, ctx.without) ?? promised(state, command, ctx);
  if (hindered) return hindered;
  const { tariff } = state;
  if (!tariff) return refuse("pile.no-tariff");
  if (tariff.version !== tariffVersion && !ctx.without.has("start.tariff-seen")) {
    return refuse("order.price-changed", { tariffVersion: tariff.version });
  }
  const until = ctx.at + ctx.settings.keepMs;
  return replied(
    [
      { type: "ConnectorKept", connector: no, orderId, userId, until },
      ...(reservationId
        ? [{ type: "SlotTaken" as const, connector: no, reservationId, orderId }]
        : []),
    ],
    () => keptFacts(state, no, tariff),
  );
}

export function letConnectorGo(
  state: Registered,
  { orderId, connector: no }: Of<"LetConnectorGo">,
  ctx: PileCtx,
): PileDecision {
  if (!isActor(ctx.principal, "order", orderId)) return forbidden();
  if (!hasConnector(state, no)) return nothing;
  const { use } = connectorOf(state, no);
  if (use.status !== "kept" || use.orderId !== orderId) return nothing;
  return [{ type: "ConnectorLetGo", connector: no, orderId, why: "order" }];
}

/** The time of a keep is over: whoever authorises that long starts again. */
export function keepTimedOut(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const turn = openTurn(state, ctx);
  const { use } = connectorOf(state, no);
  if (use.status !== "kept" || ctx.at < use.until) return nothing;
  turn.add({ type: "ConnectorLetGo", connector: no, orderId: use.orderId, why: "time-limit" });
  return turn.events;
}
