// Folds what happened into the state: one line per event, connectors and sessions in their own files.
import { assert } from "../kit/assert.ts";
import type { EventOf, PileEvent } from "./events.ts";
import { evolveConnector, type Moment } from "./evolve-connector.ts";
import { evolveBay } from "./evolve-bay.ts";
import { evolveSession } from "./evolve-session.ts";
import { evolveSlots } from "./evolve-slots.ts";
import type { Connector, Fault, PileState, Registered, Session } from "./state.ts";
import { tellsFault } from "./verdict.ts";

type Evolver<T extends PileEvent["type"]> = (
  state: Registered,
  event: EventOf<T>,
  moment: Moment,
) => Registered;
type PileWide = Exclude<
  PileEvent["type"],
  | keyof typeof evolveConnector
  | keyof typeof evolveBay
  | keyof typeof evolveSession
  | keyof typeof evolveSlots
  | "PileRegistered"
>;

const pileWide: { [T in PileWide]: Evolver<T> } = {
  TariffSet: (state, { tariff, stationPhone }) => ({ ...state, tariff, stationPhone }),
  PileDisabled: (state, { reason }, { at }) => ({ ...state, disabled: { reason, since: at } }),
  PileEnabled: (state) => ({ ...state, disabled: null }),
  LinkOpened: (state, event, { at }) => ({
    ...state,
    // Only native piles name their boots; another lane's link is new on every connection.
    boot: event.lane === "native" ? event.bootId : state.boot,
    device: {
      ...state.device,
      ...(event.model === undefined ? {} : { model: event.model }),
      ...(event.firmware === undefined ? {} : { firmware: event.firmware }),
    },
    link: {
      presence: "online",
      linkEpoch: event.linkEpoch,
      bootId: event.bootId,
      since: at,
      gatewayId: event.gatewayId,
      lane: event.lane,
      openedBy: event.openedBy,
    },
  }),
  LinkLost: (state, _event, { at }) => {
    const { linkEpoch, bootId } = state.link;
    return { ...state, link: { presence: "offline", linkEpoch, bootId, since: at } };
  },
  PileBooted: (state, { model, vendor, firmware, serial }) => ({
    ...state,
    boot: `${state.link.linkEpoch}`,
    device: {
      model,
      ...(vendor === undefined ? {} : { vendor }),
      ...(firmware === undefined ? {} : { firmware }),
      ...(serial === undefined ? {} : { serial }),
    },
  }),
  FactTaken: (state, { seq }) => ({ ...state, factSeq: Math.max(state.factSeq, seq) }),
  FaultSeen: (state, { connector, cause, severity, until }, { at }) => {
    const told = tellsFault(cause) ? withTold(state, connector, { cause, at }) : state;
    if (until === "nothing") return told;
    const stays = until === undefined ? {} : { until };
    const seen: Fault = { cause, severity, since: at, ...stays };
    return withFault(told, connector, (known) => worse(known, seen));
  },
  FaultQuiet: (state, { connector }, { at }) =>
    withFault(state, connector, (known) => known && { ...known, quietSince: at }),
  FaultCleared: (state, { connector }) => withFault(state, connector, () => null),
  IncidentRaised: (state) => state,
};

const RANK: Record<Fault["severity"], number> = { info: 0, warning: 1, critical: 2 };
const rankOf = ({ severity, until }: Fault): number =>
  2 * RANK[severity] + (until === undefined ? 0 : 1);
/** What stands is the worst of what was told; information alone is no fault. */
function worse(known: Fault | null, seen: Fault): Fault | null {
  if (seen.severity === "info") return known;
  return known && rankOf(known) > rankOf(seen) ? known : seen;
}

const withFault = (
  state: Registered,
  no: number | null,
  change: (known: Fault | null) => Fault | null,
): Registered =>
  no === null
    ? { ...state, fault: change(state.fault) }
    : onConnector(state, no, (one) => ({ ...one, fault: change(one.fault) }));

const withTold = (
  state: Registered,
  no: number | null,
  told: NonNullable<Session["told"]>,
): Registered =>
  no === null ? state : onConnector(state, no, (one) => {
    const { use } = one;
    if (use.status !== "charging" && use.status !== "stopping") return one;
    return { ...one, use: { ...use, session: { ...use.session, told } } };
  });

function onConnector(
  state: Registered,
  no: number,
  change: (connector: Connector) => Connector,
): Registered {
  const connectors = state.connectors.map((one) => one.no === no ? change(one) : one);
  return { ...state, connectors };
}

function registered(event: EventOf<"PileRegistered">, at: number): Registered {
  const { stationId, code, lane, ratedPowerW } = event;
  return {
    status: "registered",
    stationId,
    code,
    lane,
    ratedPowerW,
    disabled: null,
    tariff: null,
    stationPhone: null,
    device: {},
    link: { presence: "offline", linkEpoch: 0, bootId: "", since: at },
    boot: "",
    factSeq: 0,
    nextTx: 1,
    fault: null,
    connectors: event.connectors.map((spec): Connector => ({
      ...spec,
      plugged: null,
      tellsPlug: false,
      told: null,
      plugAt: null,
      register: null,
      unattributedWh: 0,
      fault: null,
      calls: [],
      use: { status: "free" },
    })),
    left: [],
    transactions: [],
    retired: [],
  };
}

const owns = <K extends object>(table: K, key: PropertyKey): key is keyof K =>
  Object.hasOwn(table, key);
type AnyEvolver = (state: Registered, event: PileEvent, moment: Moment) => Registered;
type AnyConnectorEvolver = (one: Connector, event: PileEvent, moment: Moment) => Connector;

export function evolve(
  state: PileState,
  event: PileEvent,
  ctx: { at: number; self: { kind: string; id: string } },
): PileState {
  if (event.type === "PileRegistered") return registered(event, ctx.at);
  assert(state.status === "registered", "nothing happens to an unknown pile", { ...event });
  const moment: Moment = { at: ctx.at, pile: state };
  const ofConnector = owns(evolveConnector, event.type)
    ? evolveConnector[event.type]
    : owns(evolveBay, event.type)
    ? evolveBay[event.type]
    : null;
  if (ofConnector) {
    const change = ofConnector as AnyConnectorEvolver;
    const { connector } = event as { connector: number };
    return onConnector(state, connector, (one) => change(one, event, moment));
  }
  const table = [evolveSession, evolveSlots].find((one) => owns(one, event.type)) ?? pileWide;
  const change = (table as Record<string, unknown>)[event.type] as AnyEvolver | undefined;
  assert(change !== undefined, "every event has its place", { event: event.type });
  return change(state, event, moment);
}
