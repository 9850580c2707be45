// The register ledger: every Wh between two values of a connector's meter belongs to one owner or to
// nobody (E1), the register never falls without a word (E2), and what cannot be is not believed.
import { energyOf, splitReading } from "../tariff/mod.ts";
import type { Segment } from "../../wire/tariff.ts";
import type { Connector, Reading, Session } from "./state.ts";
import { connectorOf, incident, type Turn } from "./turn.ts";

/** A device's clock may be this wrong before it is corrected: NTP and summer time set aside. */
export const CLOCK_SLACK_MS = 120_000;
/** A queue of facts may be this old; what claims to be older has no clock. */
const QUEUE_MS_MAX = 30 * 86_400_000;
/** Over rated power by this much is the meter's tolerance and the rounding of its clock. */
const POWER_SLACK_PCT = 110;
/** A meter that counts in whole 0.1 kWh may jump by this much at any moment. */
const STEP_SLACK_WH = 200;
/** So many times what could have flowed is no wrong power but a wrong meter. */
const JUMP = 10;
/** Idle meters creep: below this the ledger books it without an alarm. */
const CREEP_WH = 100;
const WH_MS = 3_600_000;

export interface Told {
  deviceAt: number;
  registerWh: number;
  powerW?: number | undefined;
  socPct?: number | undefined;
}

/** The device's moment on our clock: corrected by its known offset, never in the future or in 1970. */
export function momentOf(deviceAt: number, at: number, offsetMs = 0): number {
  const corrected = deviceAt + offsetMs;
  if (corrected > at || corrected < at - QUEUE_MS_MAX) return at;
  return corrected;
}

/** Offset of a device whose report is surely fresh; 0 while its clock is about right. */
export const offsetOf = (deviceAt: number, at: number): number =>
  Math.abs(at - deviceAt) <= CLOCK_SLACK_MS ? 0 : at - deviceAt;

export const sessionAt = (connector: Connector): Session | null =>
  connector.use.status === "charging" || connector.use.status === "stopping"
    ? connector.use.session
    : null;

/** Why a value cannot follow another at this connector; null: it can. */
export function doubtOf(
  connector: Pick<Connector, "ratedPowerW">,
  from: Reading,
  to: { at: number; gotAt: number; wh: number },
): "register-backward" | "over-rated-power" | "register-jump" | null {
  if (to.wh < from.wh) return "register-backward";
  // Queued facts arrive together, live ones may have a bad clock: the longer span is the true bound.
  const spanMs = Math.max(to.at - from.at, to.gotAt - from.gotAt, 0);
  const most = connector.ratedPowerW * spanMs / WH_MS * POWER_SLACK_PCT / 100 + STEP_SLACK_WH;
  if (to.wh - from.wh <= most) return null;
  return to.wh - from.wh > JUMP * most ? "register-jump" : "over-rated-power";
}

/** Told power that this pile cannot give. */
export const isOverRated = ({ ratedPowerW }: Pick<Connector, "ratedPowerW">, powerW?: number) =>
  powerW !== undefined && powerW > ratedPowerW * POWER_SLACK_PCT / 100;

const shares = (session: Session): boolean => session.owner.by !== "nobody";

/** Energy of a session between two values, cut at the tariff's edges. */
export function energyBetween(session: Session, from: Reading, to: Reading): Segment[] {
  if (!shares(session) || session.tariff === null || to.wh === from.wh) return [];
  const [start, end] = [from, to].map(({ at, wh }) => ({ at, registerWh: wh }));
  return splitReading(session.tariff, start!, end!);
}

/**
 * Moves a connector's register to a value that the device told. The energy goes to the running
 * session's owner, else to nobody. False: the value was not believed, or was older than what is known.
 */
export function advance(turn: Turn, no: number, told: Told): boolean {
  const { state, ctx } = turn;
  const connector = connectorOf(state, no);
  const session = sessionAt(connector);
  const at = momentOf(told.deviceAt, ctx.at, session?.clockOffsetMs);
  const known = connector.register;
  const reading: Reading = {
    at: Math.max(at, known?.at ?? at),
    wh: told.registerWh,
    gotAt: ctx.at,
    boot: state.boot,
  };
  if (known) {
    if (told.registerWh <= known.wh && at < known.at) return false; // an older one, told late
    if (!believed(turn, connector, known, { ...reading, at })) return false;
  }
  note(turn, connector, reading, told);
  if (session !== null && isOverRated(connector, told.powerW)) overRated(turn, no, told);
  return true;
}

/** The register stands, but a pile that tells such power is not to be believed without a look. */
function overRated(turn: Turn, no: number, { registerWh, powerW }: Told): void {
  const session = sessionAt(connectorOf(turn.state, no));
  if (session === null || session.doubt !== null) return;
  if (turn.ctx.without.has("bill.plausibility")) return;
  const { txId } = session;
  const why = "over-rated-power";
  turn.add({ type: "ReadingDoubted", connector: no, txId, why, registerWh, knownWh: registerWh });
  alarm(turn, why, { connector: no, registerWh, powerW });
}

/** Books a believed value. */
function note(turn: Turn, connector: Connector, reading: Reading, told: Partial<Told>): void {
  const session = sessionAt(connector);
  const known = connector.register;
  const added = session && known ? energyBetween(pricedAt(turn, session), known, reading) : [];
  turn.add({
    type: "MeterNoted",
    connector: connector.no,
    txId: session?.txId ?? null,
    reading,
    added,
    ...(told.powerW === undefined ? {} : { powerW: told.powerW }),
    ...(told.socPct === undefined ? {} : { socPct: told.socPct }),
  });
  const rest = reading.wh - (known?.wh ?? reading.wh) - energyOf(added);
  if (rest > 0) unattributed(turn, connector.no, rest, session);
  if (session?.gapSince !== undefined && known) closeGap(turn, connector.no, known, reading);
}

/** Readings come again: the meter says what flowed in between. */
function closeGap(turn: Turn, no: number, from: Reading, to: Reading): void {
  const session = sessionAt(connectorOf(turn.state, no));
  if (session === null) return;
  const { txId } = session;
  const gap = { fromAt: from.at, toAt: to.at, wh: to.wh - from.wh };
  turn.add({ type: "GapClosed", connector: no, txId, ...gap });
}

/** A session keeps the prices that it began with, whatever the station does meanwhile. */
function pricedAt({ ctx, state }: Turn, session: Session): Session {
  const isFrozen = !ctx.without.has("bill.frozen-tariff");
  return isFrozen || !state.tariff ? session : { ...session, tariff: state.tariff };
}

/** Books energy that is nobody's, with an alarm where it is more than a meter's creep. */
export function unattributed(turn: Turn, no: number, wh: number, session: Session | null): void {
  const owner = session?.owner;
  const why = owner?.by === "nobody" ? owner.why : session ? "gap" : "idle";
  const txId = session?.txId ?? null;
  turn.add({ type: "EnergyUnattributed", connector: no, txId, wh, why });
  if (session || wh < CREEP_WH) return; // a session of nobody's has its own incident
  incident(turn, {
    row: "flow-a",
    cause: "energy-without-charge",
    words: "charge.energy-unattributed",
    action: "book-unattributed",
    outcome: "handled",
    facts: { connector: no, wh },
  });
}

function believed(turn: Turn, connector: Connector, known: Reading, reading: Reading): boolean {
  if (turn.ctx.without.has("bill.plausibility")) return reading.wh >= known.wh;
  const doubt = doubtOf(connector, known, reading);
  const session = sessionAt(connector);
  if (doubt === null || (!session && doubt !== "register-backward")) return true;
  const { no } = connector;
  // An idle meter that seems to run backward is not followed; the next start says what is true.
  const first = session !== null && session.doubt === null;
  const facts = { connector: no, registerWh: reading.wh, knownWh: known.wh };
  const txId = session?.txId ?? null;
  turn.add({ type: "ReadingDoubted", txId, why: doubt, ...facts });
  if (first) alarm(turn, doubt, facts);
  return false;
}

function alarm(turn: Turn, cause: string, facts: Record<string, unknown>): void {
  incident(turn, {
    row: "2.8",
    cause,
    words: "charge.meter-implausible",
    action: "hold-bill",
    outcome: "needs-person",
    facts,
  });
}

/** The meter begins anew at a lower value: allowed between sessions only, and said aloud. */
export function resetRegister(turn: Turn, connector: Connector, reading: Reading): void {
  const known = connector.register;
  if (!known) return;
  const why = known.boot === reading.boot ? "unexplained" : "rebooted";
  const { no } = connector;
  turn.add({ type: "RegisterReset", connector: no, fromWh: known.wh, reading, why });
  if (why === "rebooted") return;
  alarm(turn, "register-backward", { connector: no, registerWh: reading.wh, knownWh: known.wh });
}

/**
 * The value at which a session begins: whatever the meter says is its base. Energy since the last
 * known value is nobody's, unless it is `reserved` for a session whose end has yet to be told.
 * Returns the base and why it is doubtful.
 */
export function baseline(
  turn: Turn,
  no: number,
  told: Told,
  { offsetMs = 0, reserved = false }: { offsetMs?: number; reserved?: boolean } = {},
): { reading: Reading; doubt: string | null } {
  const { state, ctx } = turn;
  const connector = connectorOf(state, no);
  const known = connector.register;
  const at = momentOf(told.deviceAt, ctx.at, offsetMs);
  const reading: Reading = {
    at: Math.max(at, known?.at ?? at),
    wh: told.registerWh,
    gotAt: ctx.at,
    boot: state.boot,
  };
  if (known && told.registerWh < known.wh && at < known.at) {
    // Told late: what it drew since then has been booked already, by readings that overtook it.
    return { reading: { ...reading, wh: known.wh }, doubt: null };
  }
  if (known && told.registerWh < known.wh) {
    resetRegister(turn, connector, reading);
    return { reading, doubt: known.boot === state.boot ? "register-backward" : null };
  }
  if (reserved) {
    turn.add({ type: "MeterNoted", connector: no, txId: null, reading, added: [] });
  } else note(turn, connector, reading, {});
  return { reading, doubt: null };
}
