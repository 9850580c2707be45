// What a pile shows of itself: for pages and for the quote before a start. Nothing here is recorded.
import { refuse, type Refused } from "../kit/mod.ts";
import { holdFor, rulesOf } from "../tariff/mod.ts";
import { type PileView, quoteAsked, type QuoteView, TAKEN_DOWN } from "../../wire/pile.ts";
import type { ReservableView } from "../../wire/reservation.ts";
import { isoOf } from "../../wire/units.ts";
import { slotsOf } from "./evolve-slots.ts";
import { gateFault } from "./gate-fault.ts";
import { blockingFault, hindrance, orderAt } from "./keep.ts";
import { sessionAt } from "./ledger.ts";
import { closingSlot, lockingSlot } from "./promised.ts";
import type { BayLock, Connector, PileState, Registered } from "./state.ts";
import type { PileMemory } from "./signal.ts";
import { connectorOf, hasConnector, type PileCtx } from "./turn.ts";

type Shown = PileView["connectors"][number];

function statusOf(
  state: Registered,
  connector: Connector,
  without: PileCtx["without"],
): Shown["status"] {
  const { use, plugged } = connector;
  const barred = gateFault(state, connector, without) !== null;
  const faulted = barred ||
    blockingFault(state, connector) !== null && !without.has("fault.pile-shown");
  const promisedNow = closingSlot(state, connector.no) !== null;
  switch (use.status) {
    case "free":
      return faulted ? "faulted" : promisedNow ? "reserved" : plugged ? "plugged" : "free";
    case "occupied":
      if (faulted) return "faulted";
      return use.userId !== null ? "occupied" : promisedNow ? "reserved" : "plugged";
    case "kept":
      return faulted ? "faulted" : use.status;
    case "starting":
    case "charging":
    case "stopping":
      return use.status;
    case "undoing":
      return "stopping";
  }
}

function connectorView(
  state: Registered,
  connector: Connector,
  memory: PileMemory | null,
  without: PileCtx["without"],
): Shown {
  const { no, plug, ratedPowerW, reservable, plugged, register } = connector;
  const orderId = orderAt(connector);
  const session = sessionAt(connector);
  const powerW = session ? memory?.[no]?.powerW ?? session.latest.powerW : undefined;
  const fault = connector.fault ?? state.fault;
  return {
    no,
    plug,
    ratedPowerW,
    reservable,
    status: statusOf(state, connector, without),
    plugged,
    ...(orderId === null ? {} : { orderId }),
    ...(register === null ? {} : { registerWh: register.wh }),
    ...(powerW === undefined ? {} : { powerW }),
    ...(session && register
      ? { readingAt: isoOf(Math.max(register.gotAt, memory?.[no]?.at ?? 0)) }
      : {}),
    ...(session?.gapSince === undefined ? {} : { gapSince: isoOf(session.gapSince) }),
    ...(fault === null ? {} : { fault: fault.cause }),
    ...(fault?.until === undefined ? {} : { awaitsInspection: true }),
    ...(connector.lock === undefined ? {} : { lock: lockShown(connector.lock) }),
  };
}

const lockShown = ({ form, position, fault }: BayLock) => ({ form, position, fault });

export function show(
  state: Registered,
  memory: PileMemory | null,
  { self, v, without }: Pick<PileCtx, "self" | "v" | "without">,
): PileView {
  const { stationId, code, lane, ratedPowerW, link, device, tariff, stationPhone } = state;
  return {
    id: self.id,
    v,
    stationId,
    code,
    lane,
    ratedPowerW,
    presence: link.presence,
    disabled: state.disabled !== null,
    ...(state.disabled?.reason === TAKEN_DOWN ? { takenDown: true as const } : {}),
    ...(device.model === undefined ? {} : { model: device.model }),
    ...(device.firmware === undefined ? {} : { firmware: device.firmware }),
    linkEpoch: link.linkEpoch,
    ...(link.presence === "online" ? { gatewayId: link.gatewayId } : {}),
    connectors: state.connectors.map((one) => connectorView(state, one, memory, without)),
    ...(tariff === null ? {} : { tariffVersion: tariff.version }),
    ...(stationPhone === null ? {} : { stationPhone }),
    unattributedWh: state.connectors.reduce((sum, one) => sum + one.unattributedWh, 0),
  };
}

/** A drill: nobody says what staying costs. */
const UNTOLD = { graceMinutes: 0, fenPerMinute: 0, capFen: 0 };

function quote(state: Registered, query: unknown, ctx: PileCtx): { body: QuoteView } | Refused {
  const asked = quoteAsked.safeParse(query);
  if (!asked.success) return refuse("request.malformed", { query: "quote" });
  const { connector: no, limit = {}, at = ctx.at } = asked.data;
  if (!hasConnector(state, no)) return refuse("pile.connector-unknown", { connector: no });
  const { tariff } = state;
  if (tariff === null) return refuse("pile.no-tariff");
  const userId = ctx.principal.kind === "driver" ? ctx.principal.id : null;
  const locking = lockingSlot(state, no, ctx.at);
  const promised = locking && locking.userId !== userId ? refuse("pile.reserved") : null;
  const hindered = hindrance(state, no, userId) ?? promised;
  const { plugged, ratedPowerW } = connectorOf(state, no);
  return {
    body: {
      tariffVersion: tariff.version,
      zone: tariff.zone,
      lines: tariff.periods,
      holdFen: holdFor(tariff, at, limit, ctx.settings, { ratedPowerW }),
      overstay: ctx.without.has("bay.rules-told") ? UNTOLD : tariff.overstay,
      currency: tariff.currency,
      ...(tariff.fees ? { fees: tariff.fees } : {}),
      plugged,
      startable: hindered === null,
      ...(hindered === null ? {} : { why: hindered.refused.code }),
    },
  };
}

/** Rules before the tap, and when each connector is promised already. */
function reservable(state: Registered, { settings }: PileCtx): ReservableView {
  return {
    rules: rulesOf(settings, state.reserving),
    connectors: state.connectors.filter((one) => one.reservable).map(({ no }) => no),
    taken: slotsOf(state).filter(({ used }) => used === null).map(({ connector, from, until }) => ({
      connector,
      from: isoOf(from),
      until: isoOf(until),
    })),
  };
}

export function read(
  name: string,
  state: PileState,
  memory: PileMemory | null,
  query: Record<string, unknown>,
  ctx: PileCtx,
): { body: unknown } | Refused {
  if (state.status === "unregistered") return refuse("pile.unknown");
  switch (name) {
    case "show":
      return { body: show(state, memory, ctx) };
    case "quote":
      return quote(state, query, ctx);
    case "reservation-rules":
      return { body: reservable(state, ctx) };
    default: // a name from outside, not one of our unions
      return refuse("request.not-found", { read: name });
  }
}
