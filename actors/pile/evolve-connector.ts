// Folds the events of one connector that leave the rest of the pile alone: plug, keep, start, stop.
import { assert } from "../kit/assert.ts";
import { mergeSegments } from "../tariff/mod.ts";
import type { EventOf, PileEvent } from "./events.ts";
import type { Connector, Registered, Session, Starting, Stop, Use } from "./state.ts";

export interface Moment {
  at: number;
  /** The pile before the event. */
  pile: Registered;
}
type Evolver<T extends PileEvent["type"]> = (
  one: Connector,
  event: EventOf<T>,
  moment: Moment,
) => Connector;

const free: Use = { status: "free" };
/** A stop that is due at once. */
export const stopDue = (by: Stop["by"], more: Pick<Stop, "limit" | "cause"> = {}): Stop => ({
  by,
  ...more,
  attempts: 0,
  round: 1,
  heard: false,
  phase: "send",
  idleSeen: 0,
});

function starting(one: Connector, change: (use: Starting) => Starting): Connector {
  assert(one.use.status === "starting", "a connector is starting", { status: one.use.status });
  return { ...one, use: change(one.use) };
}
function stopOf(one: Connector, change: (stop: Stop) => Stop): Connector {
  const { use } = one;
  assert(use.status === "stopping" || use.status === "undoing", "a stop is under way", {
    status: use.status,
  });
  return { ...one, use: { ...use, stop: change(use.stop) } };
}
function sessionOf(one: Connector, change: (session: Session) => Session): Connector {
  const { use } = one;
  assert(use.status === "charging" || use.status === "stopping", "a session runs", {
    status: use.status,
  });
  return { ...one, use: { ...use, session: change(use.session) } };
}

const called: Evolver<"DeviceCalled"> = (one, { op }) => {
  const calls = [...one.calls, op];
  const { use } = one;
  if (use.status === "starting" && op === "start") {
    return { ...one, calls, use: { ...use, step: "sent", attempt: use.attempt + 1 } };
  }
  if ((use.status === "stopping" || use.status === "undoing") && op === "stop") {
    const attempts = use.stop.attempts + 1;
    const stop: Stop = { ...use.stop, phase: "sent", heard: false, attempts };
    return { ...one, calls, use: { ...use, stop } };
  }
  return { ...one, calls };
};

const metered: Evolver<"MeterNoted"> = (one, { reading, added, powerW, socPct }) => {
  const read: Connector = { ...one, register: reading };
  if (one.use.status !== "charging" && one.use.status !== "stopping") return read;
  return sessionOf(read, (session) => ({
    ...session,
    segments: mergeSegments(session.segments, added),
    latest: {
      ...session.latest,
      ...(powerW === undefined ? {} : { powerW, topW: Math.max(session.latest.topW ?? 0, powerW) }),
      ...(socPct === undefined ? {} : { socPct }),
    },
  }));
};

const doubted: Evolver<"ReadingDoubted"> = (one, { why, txId }) => {
  if (txId === null) return one;
  return sessionOf(one, (session) => ({ ...session, doubt: session.doubt ?? why }));
};

const unplugged = (use: Use): Use => use.status === "occupied" ? free : use;

export const evolveConnector = {
  PlugSeen: (one, { plugged, sure }, { at }) => ({
    ...one,
    plugged,
    plugAt: one.plugged === plugged ? one.plugAt : at,
    tellsPlug: one.tellsPlug || sure,
    use: plugged ? one.use : unplugged(one.use),
  }),
  StateSeen: (one, { state }) => ({ ...one, told: state }),
  ConnectorKept: (one, { orderId, userId, until }, { pile }) => {
    assert(pile.tariff !== null, "a connector is kept under a tariff");
    return { ...one, use: { status: "kept", orderId, userId, tariff: pile.tariff, until } };
  },
  ConnectorLetGo: (one) => ({ ...one, use: free }),
  StartRequested: (one, { orderId, tag, limit, holdFen, deadlineAt }, { at }) => {
    assert(one.use.status === "kept", "a start follows its keep", { status: one.use.status });
    const { userId, tariff } = one.use;
    const who = { orderId, userId, tag, tariff, limit, holdFen };
    const times = { requestedAt: at, deadlineAt, attempt: 0, round: 1 };
    const use: Use = {
      status: "starting",
      ...who,
      ...times,
      step: "due",
      doubt: false,
      seen: null,
    };
    return { ...one, use };
  },
  StartStepped: (one, { step, doubt, anew, newId, seen }) =>
    starting(one, (use) => ({
      ...use,
      step,
      doubt: use.doubt || doubt === true,
      attempt: anew ? 1 : use.attempt,
      round: newId ? use.round + 1 : use.round,
      seen: seen ?? use.seen,
    })),
  StartUndone: (one) => ({ ...one, use: free }),
  DeviceCalled: called,
  DeviceReplied: (one, { op, outcome }) => {
    const replied = { ...one, calls: one.calls.filter((call) => call !== op) };
    const stops = one.use.status === "stopping" || one.use.status === "undoing";
    const heard = stops && op === "stop" && outcome !== "none";
    return heard ? stopOf(replied, (stop) => ({ ...stop, heard })) : replied;
  },
  MeterNoted: metered,
  ReadingDoubted: doubted,
  RegisterReset: (one, { reading }) => ({ ...one, register: reading }),
  EnergyUnattributed: (one, { wh }) => ({ ...one, unattributedWh: one.unattributedWh + wh }),
  LimitRaised: (one, { holdFen }) => sessionOf(one, (session) => ({ ...session, holdFen })),
  GapSeen: (one, { since }) => sessionOf(one, (session) => ({ ...session, gapSince: since })),
  GapClosed: (one) => sessionOf(one, ({ gapSince: _closed, ...session }) => session),
  ChargeEstimated: (one, { estimate }) =>
    sessionOf(one, (session) => ({ ...session, estimated: estimate })),
  LimitReached: (one) => one,
  LockNoted: (one, { form, position, fault }) => ({
    ...one,
    lock: { ...one.lock, form, position, fault },
  }),
  LockAsked: (one, { to, causeId, userId, forMs }, { at }) => {
    assert(one.lock !== undefined, "only a lock that is there is asked", { no: one.no });
    const opened = userId === undefined ? {} : { userId, until: at + (forMs ?? 0) };
    return { ...one, lock: { ...one.lock, wish: { to, causeId, ...opened } } };
  },
  LockDriven: (one) => one,
  LockReplied: (one) => one,
  LockTold: (one) => one,
  CheckRequested: (one, { now }) =>
    one.use.status === "charging" && now ? { ...one, use: { ...one.use, check: true } } : one,
  CheckAnswered: (one, { idle }, { at }) => {
    if (one.use.status !== "charging") return one;
    const { idleAt = at, ...use } = one.use;
    const seen = idle ? { idleSeen: use.idleSeen + 1, idleAt } : { idleSeen: 0 };
    return { ...one, use: { ...use, check: false, ...seen } };
  },
  StopRequested: (one, { by, limit, cause }, { at }) => {
    assert(one.use.status === "charging", "a charge is stopped", { status: one.use.status });
    const more = {
      ...(limit === undefined ? {} : { limit }),
      ...(cause === undefined ? {} : { cause }),
    };
    const { session } = one.use;
    return { ...one, use: { status: "stopping", session, since: at, stop: stopDue(by, more) } };
  },
  StopStepped: (one, { phase, idle, newId }, { at }) =>
    stopOf(one, ({ idleAt, ...stop }) => ({
      ...stop,
      ...idleSince(phase, idle ? idleAt ?? at : idleAt),
      phase,
      idleSeen: idle ? stop.idleSeen + 1 : stop.idleSeen,
      round: newId ? stop.round + 1 : stop.round,
      heard: stop.heard && !newId,
    })),
} satisfies { [T in PileEvent["type"]]?: Evolver<T> };

/** A stop is sent again to a pile that charges, or cannot say: what it said before proves nothing. */
const idleSince = (phase: Stop["phase"], idleAt: number | undefined): { idleAt?: number } =>
  idleAt === undefined || phase === "send" ? {} : { idleAt };
