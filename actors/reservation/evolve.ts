// Folds a reservation's events into its state. One that does not fit is a bug, not a guess.
import { assert } from "../kit/assert.ts";
import type {
  Appealed,
  Awaiting,
  Cancelled,
  EventOf,
  Fulfilled,
  Known,
  ReservationEvent,
  ReservationState,
  Reserved,
  Terms,
} from "./state.ts";

export function evolve(
  state: ReservationState,
  event: ReservationEvent,
  { at }: { at: number },
): ReservationState {
  if (event.type === "IncidentRaised" || event.type === "FactNoted") return state;
  if (event.type === "ReservationRequested") {
    const { type: _type, answerTo, ...terms } = event;
    const open = { allowed: false, stationId: null, deposit: "none" } as const;
    return { status: "awaiting-deposit", ...terms, createdAt: at, answerTo, ...open };
  }
  assert(state.status !== "absent", "an event of no reservation", { event: event.type });
  return evolveKnown(state, event, at);
}

type Later = Exclude<
  ReservationEvent,
  { type: "IncidentRaised" | "FactNoted" | "ReservationRequested" }
>;

function evolveKnown(state: Known, event: Later, at: number): ReservationState {
  switch (event.type) {
    case "UserAllowed":
      return { ...awaiting(state), allowed: true };
    case "SlotFound":
      return { ...awaiting(state), stationId: event.stationId };
    case "DepositAsked":
      return { ...awaiting(state), deposit: "asked" };
    case "DepositStands":
      return { ...awaiting(state), deposit: "held" };
    case "ReservationRefused":
      return refused(awaiting(state), event);
    case "ReservationConfirmed":
      return confirmed(awaiting(state));
    case "TroubleTold":
      return { ...reserved(state), trouble: event.why };
    case "StartAsked": {
      const { orderId, answerTo } = event;
      return { ...promised(state), starting: { orderId, answerTo } };
    }
    case "StartRefused":
      return { ...promised(state), starting: null };
    case "ReservationFulfilled":
      return fulfilled(reserved(state), event);
    case "StartTold":
      return { ...within(state), orderId: event.orderId, starting: null };
    case "PromiseUsed":
      return state.status === "fulfilled"
        ? { ...state, used: true }
        : { ...reserved(state), used: event.orderId };
    case "LockRestored":
      return { ...within(state), lockUntil: event.until };
    case "LockOver":
      return { ...within(state), closed: true };
    case "ReservationCancelled": {
      const { feeFen, refundFen, why } = event;
      const { stationId, trouble } = reserved(state);
      const over = { stationId, why, trouble, feeFen, refundFen };
      return { status: "cancelled", ...termsOf(state), ...over } satisfies Cancelled;
    }
    case "ExpiryAsked":
      return { ...reserved(state), expiring: true };
    case "NoShowRecorded": {
      const { feeFen, refundFen } = event;
      const { stationId } = reserved(state);
      return { status: "no-show", ...termsOf(state), stationId, feeFen, refundFen };
    }
    case "AppealOpened":
    case "AppealWaiting":
    case "AppealGranted":
    case "AppealRefused":
      return evolveAppeal(state, event, at);
  }
}

type AppealEvent = Extract<
  Later,
  { type: "AppealOpened" | "AppealWaiting" | "AppealGranted" | "AppealRefused" }
>;

function evolveAppeal(state: Known, event: AppealEvent, _at: number): Appealed {
  if (event.type === "AppealOpened") {
    const { stationId } = reserved(state);
    const { ticketId, costFen, answerTo } = event;
    const open = { appeal: "counting", costFen, answerTo, reason: null } as const;
    const money = { feeFen: 0, refundFen: 0 };
    return { status: "appealed", ...termsOf(state), stationId, ticketId, ...open, ...money };
  }
  assert(state.status === "appealed", "an appeal of no appeal", { status: state.status });
  switch (event.type) {
    case "AppealWaiting":
      return { ...state, appeal: "waiting", answerTo: null };
    case "AppealGranted": {
      const { refundFen, reason } = event;
      return { ...state, appeal: "granted", answerTo: null, refundFen, reason };
    }
    case "AppealRefused": {
      const { feeFen, refundFen, reason } = event;
      return { ...state, appeal: "refused", feeFen, refundFen, reason };
    }
  }
}

function termsOf({ userId, pileId, connector, from, until, rules, createdAt }: Terms): Terms {
  return { userId, pileId, connector, from, until, rules, createdAt };
}

function refused(state: Awaiting, { code }: EventOf<"ReservationRefused">): Cancelled {
  const over = { why: code, trouble: null, feeFen: 0, refundFen: 0 };
  return { status: "cancelled", ...termsOf(state), stationId: state.stationId, ...over };
}

function confirmed(state: Awaiting): Reserved {
  const { stationId } = state;
  assert(stationId !== null && state.deposit === "held", "a promise without its deposit", {});
  const fresh = { trouble: null, starting: null, used: null, expiring: false };
  return { status: "reserved", ...termsOf(state), stationId, ...fresh };
}

function fulfilled(state: Reserved, event: EventOf<"ReservationFulfilled">): Fulfilled {
  const { stationId, until, starting } = state;
  // told by the pile first: the order's own answer is still on its way to the driver
  const waits = event.answerTo === null && starting?.orderId === event.orderId;
  return {
    status: "fulfilled",
    ...termsOf(state),
    stationId,
    orderId: event.orderId,
    used: state.used !== null,
    lockUntil: until,
    closed: false,
    starting: waits ? starting : null,
  };
}

function awaiting(state: Known): Awaiting {
  assert(state.status === "awaiting-deposit", "an event that does not fit", {
    status: state.status,
  });
  return state;
}
function reserved(state: Known): Reserved {
  assert(state.status === "reserved", "an event that does not fit", { status: state.status });
  return state;
}
function within(state: Known): Fulfilled {
  assert(state.status === "fulfilled", "an event that does not fit", { status: state.status });
  return state;
}
function promised(state: Known): Reserved | Fulfilled {
  return state.status === "fulfilled" ? state : reserved(state);
}
