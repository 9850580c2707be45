// The fast lane: readings about once a second, newest wins, nothing journaled. It shows them live and
// says when one must be noted, when a limit is reached, and when power flows without a charge.
import type { Signalled } from "../kit/mod.ts";
import { costSoFar, energyOf, nextEdge, periodAt, priceOf, splitReading } from "../tariff/mod.ts";
import type { PileCommand } from "../../wire/pile.ts";
import { type TickData, type TickSignal, tickSignal } from "../../wire/tick.ts";
import { isoOf } from "../../wire/units.ts";
import type { ChargingSettings } from "../../wire/settings.ts";
import { doubtOf, isOverRated, momentOf, sessionAt } from "./ledger.ts";
import { STILL_MS } from "./seen.ts";
import type { Connector, PileState, Registered, Session } from "./state.ts";

/** Newest reading of one connector. */
interface Newest {
  linkEpoch: number;
  n: number;
  /** Device's moment on our clock. */
  at: number;
  powerW?: number;
  socPct?: number;
  /** Highest register value that was believed while this session runs. */
  registerWh?: number;
  /** When a command was last made of this lane, and of which reading: its record may be on its way. */
  said?: { at: number; of: number };
  /** Since when power flows without a known charge. */
  aloneSince?: number;
}
export type PileMemory = Record<number, Newest>;
type Out = Signalled<PileCommand, PileMemory>;
export interface SignalCtx {
  at: number;
  self: { kind: string; id: string };
  tenant: string;
  settings: ChargingSettings;
}

const WH_MS = 3_600_000;
const FEN = 1_000_000;
/** A record takes milliseconds; after this it was lost and is asked for again. */
const SAY_AGAIN_MS = 5_000;
/** Power without a charge: above a pile's own consumption, for longer than a pile retries its report. */
const ALONE_W = 500;
const ALONE_MS = 45_000; // back-off of a fact: 1-30 s

const isNewer = (tick: TickSignal, known: Newest | undefined): boolean =>
  !known || tick.linkEpoch > known.linkEpoch ||
  (tick.linkEpoch === known.linkEpoch && tick.n > known.n);

export function signal(
  state: PileState,
  memory: PileMemory | null,
  input: Record<string, unknown>,
  ctx: SignalCtx,
): Out {
  const before = memory ?? {};
  const parsed = tickSignal.safeParse(input);
  if (!parsed.success || state.status === "unregistered") return { memory: before };
  const tick = parsed.data;
  const connector = state.connectors.find(({ no }) => no === tick.connector);
  const known = before[tick.connector];
  if (!connector || tick.linkEpoch !== state.link.linkEpoch || !isNewer(tick, known)) {
    return { memory: before };
  }
  const seen = { ...tick, at: momentOf(tick.t, ctx.at, sessionAt(connector)?.clockOffsetMs) };
  const out = sessionAt(connector)
    ? charging(state, connector, seen, known, ctx)
    : idle(connector, seen, known, ctx);
  return { ...out, memory: { ...before, [connector.no]: out.newest } };
}

type Seen = TickSignal & { at: number };
type Lane = Omit<Out, "memory"> & { newest: Newest };

const newestOf = ({ linkEpoch, n, at, powerW, socPct }: Seen): Newest => ({
  linkEpoch,
  n,
  at,
  ...(powerW === undefined ? {} : { powerW }),
  ...(socPct === undefined ? {} : { socPct }),
});

/** A register value that was read now: as far as it can be believed, else the newest that was. */
function meterOf(connector: Connector, seen: Seen, known: Newest | undefined, now: number) {
  const { register } = connector;
  if (!register) return null;
  const last = Math.max(known?.registerWh ?? 0, register.wh);
  const wh = seen.registerWh;
  if (wh === undefined) return { wh: last, doubted: false };
  const doubt = doubtOf(connector, register, { at: seen.at, gotAt: now, wh });
  return doubt === null ? { wh: Math.max(wh, last), doubted: false } : { wh: last, doubted: true };
}

function charging(
  state: Registered,
  connector: Connector,
  seen: Seen,
  known: Newest | undefined,
  ctx: SignalCtx,
): Lane {
  const session = sessionAt(connector);
  const meter = meterOf(connector, seen, known, ctx.at);
  if (!session || !meter) return { newest: newestOf(seen) };
  const now = figures(connector, session, meter.wh, seen);
  const newest: Newest = { ...newestOf(seen), registerWh: meter.wh };
  const live = liveOf(state, session, seen, now, ctx);
  const said = known?.said;
  // a reading that was noted is no reason to be late with a limit that is reached now
  if (said && connector.register!.at < said.of && ctx.at - said.at < SAY_AGAIN_MS) {
    return { newest: { ...newest, said }, live };
  }
  const command = limitCommand(connector, session, seen, now, ctx.settings) ??
    noteCommand(connector, session, seen, meter, ctx.settings);
  if (!command) return { newest, live };
  return { newest: { ...newest, said: { at: ctx.at, of: seen.at } }, live, command };
}

interface Figures {
  energyWh: number;
  costFen: number;
  elapsedMs: number;
}
/** Energy and cost of the session up to a register value: the journaled part and the stretch since. */
function figures(
  { register }: Connector,
  session: Session,
  wh: number,
  { at }: Seen,
): Figures {
  const from = register!;
  const stretch = session.tariff && session.owner.by !== "nobody"
    ? splitReading(session.tariff, { at: from.at, registerWh: from.wh }, { at, registerWh: wh })
    : [];
  const segments = [...session.segments, ...stretch];
  return {
    energyWh: energyOf(segments),
    costFen: costSoFar({ segments, startAt: session.startAt, stopAt: at }, session.tariff ?? {}),
    elapsedMs: Math.max(at - session.startAt, 0),
  };
}

function liveOf(
  { link }: Registered,
  { owner, latest }: Session,
  seen: Seen,
  now: Figures,
  { self }: SignalCtx,
): NonNullable<Out["live"]> {
  const data: TickData = {
    n: seen.n,
    t: isoOf(seen.at),
    linkEpoch: link.linkEpoch,
    powerW: seen.powerW ?? latest.powerW ?? 0,
    socPct: seen.socPct ?? latest.socPct ?? null,
    ...now,
  };
  const pile = { to: { kind: "pile", id: self.id }, data };
  if (owner.by === "nobody") return [pile];
  return [pile, { to: { kind: "order", id: owner.orderId }, data }];
}

type Limit = Extract<PileCommand, { type: "ReachLimit" }>["limit"];

/** The first limit that is reached; money is stopped early by what flows while a stop is on its way. */
function limitOf(
  session: Session,
  seen: Seen,
  now: Figures,
  settings: ChargingSettings,
): Limit | null {
  const { limit, holdFen, tariff } = session;
  const price = tariff ? priceOf(periodAt(tariff, seen.at)) : 0;
  const powerW = seen.powerW ?? session.latest.powerW ?? 0;
  const leadFen = Math.ceil(powerW * settings.stopLeadMs / WH_MS * price / FEN);
  const spent = now.costFen + leadFen;
  if (limit.energyWh !== undefined && now.energyWh >= limit.energyWh) return "energy";
  if (limit.moneyFen !== undefined && spent >= limit.moneyFen) return "money";
  if (holdFen !== null && spent >= holdFen) return "hold";
  if (limit.socPct !== undefined && (seen.socPct ?? 0) >= limit.socPct) return "soc";
  if (limit.timeMs !== undefined && now.elapsedMs >= limit.timeMs) return "time";
  return now.elapsedMs >= settings.chargeMsMax ? "platform" : null;
}

function limitCommand(
  { no, use }: Connector,
  session: Session,
  seen: Seen,
  now: Figures,
  settings: ChargingSettings,
): PileCommand | null {
  if (use.status !== "charging" || session.owner.by !== "order") return null;
  const limit = limitOf(session, seen, now, settings);
  if (limit === null) return null;
  return { type: "ReachLimit", connector: no, orderId: session.owner.orderId, limit };
}

/** A reading is kept 60 s or 0.5 kWh after the last one, at a tariff's edge, and when it is doubtful. */
function noteCommand(
  connector: Connector,
  session: Session,
  seen: Seen,
  meter: { wh: number; doubted: boolean },
  { noteMs, noteWh }: ChargingSettings,
): PileCommand | null {
  const { no, register, use } = connector;
  const { registerWh, powerW, socPct } = seen;
  if (!register || registerWh === undefined) return null;
  const edge = session.tariff ? nextEdge(session.tariff, register.at) : null;
  const sinceMs = seen.at - register.at;
  const still = use.status === "stopping" && powerW === 0 && sinceMs >= STILL_MS;
  const odd = meter.doubted || isOverRated(connector, powerW);
  const due = odd
    ? session.doubt === null
    : still || sinceMs >= noteMs || meter.wh - register.wh >= noteWh ||
      (edge !== null && edge <= seen.at);
  if (!due) return null;
  return {
    type: "NoteReading",
    connector: no,
    deviceAt: seen.t,
    registerWh,
    ...(powerW === undefined ? {} : { powerW }),
    ...(socPct === undefined ? {} : { socPct }),
  };
}

/** Power where nothing runs: after a while it is a charge that nobody ordered. */
function idle(
  { no, use, register }: Connector,
  seen: Seen,
  known: Newest | undefined,
  { at }: SignalCtx,
): Lane {
  const newest = newestOf(seen);
  const alone = use.status === "free" || use.status === "occupied" || use.status === "kept";
  const powerW = seen.powerW ?? 0;
  if (!alone || powerW < ALONE_W) return { newest };
  const aloneSince = known?.aloneSince ?? at;
  const registerWh = seen.registerWh ?? register?.wh;
  if (at - aloneSince < ALONE_MS || registerWh === undefined) {
    return { newest: { ...newest, aloneSince } };
  }
  const command: PileCommand = {
    type: "FindCharge",
    connector: no,
    deviceAt: seen.t,
    registerWh,
    powerW,
  };
  return { newest: { ...newest, aloneSince: at }, command };
}
