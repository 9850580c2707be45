// Folds an order's events into its state. One that does not fit is a bug, not a guess.
import { assert } from "../kit/assert.ts";
import { evolveClaims } from "./claims.ts";
import { evolveMoney } from "./evolve-money.ts";
import type { OrderEvent } from "./events.ts";
import { frozenOf, termsOf } from "./parts.ts";
import type { RawCause } from "../../wire/pile.ts";
import { evolveStay, isStayEvent } from "./stay-evolve.ts";
import type { StayEvent } from "./stay-events.ts";
import type { Authorizing, Charging, Known, OrderState, StartFailed, Stopping } from "./state.ts";

export function evolve(state: OrderState, event: OrderEvent, { at }: { at: number }): OrderState {
  if (isRemark(event)) return state;
  if (event.type === "ChargeRequested") {
    const { type: _type, ...asked } = event;
    const open = { user: null, kept: null, holdFen: null };
    return { status: "authorizing", ...asked, createdAt: at, ...open };
  }
  if (event.type === "CardChargeStarted") return byCard(event, at);
  assert(state.status !== "absent", "an event of no order", { event: event.type });
  if (isStayEvent(event)) return evolveStay(state, event, at);
  return evolveKnown(state, event, at);
}

type Remark = Extract<OrderEvent, { type: "IncidentRaised" | "FactNoted" | "EndTold" }>;
/** What is said beside the charge changes nothing of it. */
const isRemark = (event: OrderEvent): event is Remark =>
  event.type === "IncidentRaised" || event.type === "FactNoted" || event.type === "EndTold";

type Begun = Exclude<
  OrderEvent,
  Remark | StayEvent | { type: "ChargeRequested" | "CardChargeStarted" }
>;

function evolveKnown(state: Known, event: Begun, at: number): OrderState {
  switch (event.type) {
    case "UserAllowed":
    case "ConnectorKept":
    case "HoldAsked":
    case "ChargeDeclined":
    case "StartOrdered":
      return evolveAuthorizing(within(state, "authorizing"), event, at);
    case "PlugAwaited":
      return { ...within(state, "starting"), waiting: true };
    case "ChargeStarted":
      return started(state, event, at);
    case "ChargeStartFailed":
      return startFailed(state, event.why, event.proven, at, event.cause);
    case "IdleProven":
      return { ...within(state, "start-failed"), proven: true };
    case "CardUserAllowed":
    case "CardHoldPlaced":
    case "CardCleared":
      return withCard(state, CARD[event.type]);
    case "CardRefused":
      return startFailed(state, event.code, true, at);
    case "MeterRead":
      return metered(state, event, at);
    case "HoldNearlySpent":
    case "TopUpAsked":
    case "HoldRaised":
    case "TopUpRefused":
      return evolveHold(state, event);
    case "StopAsked":
      return stopping(state, event, at);
    case "AdjustmentProposed":
    case "AdjustmentMade":
    case "ProposalDropped":
    case "AppealOpened":
    case "AppealRefused":
      return evolveClaims(state, event, at);
    case "ChargeEnded":
    case "CouponAsked":
    case "CouponTaken":
    case "CouponRefused":
    case "CouponGivenBack":
    case "CaptureAsked":
    case "BalanceAsked":
    case "PaymentAsked":
    case "PaymentHanded":
    case "HoldCaptured":
    case "CreditUsed":
    case "AttemptFailed":
    case "OrderPaid":
    case "ReviewDecided":
    case "PaymentReminded":
    case "BillCorrected":
    case "CorrectionBooked":
    case "EstimateStands":
    case "OrderOverdue":
      return evolveMoney(state, event, at);
  }
}

type AuthorizingEvent = Extract<
  OrderEvent,
  { type: "UserAllowed" | "ConnectorKept" | "HoldAsked" | "ChargeDeclined" | "StartOrdered" }
>;

function evolveAuthorizing(state: Authorizing, event: AuthorizingEvent, at: number): OrderState {
  switch (event.type) {
    case "UserAllowed":
      return { ...state, user: allowed(event) };
    case "ConnectorKept": {
      const { stationId, tariff, ratedPowerW } = event;
      return { ...state, kept: { stationId, tariff, ratedPowerW } };
    }
    case "HoldAsked":
      return { ...state, holdFen: event.fen };
    case "ChargeDeclined": {
      const { tariffVersion } = state;
      return { status: "declined", ...termsOf(state), tariffVersion, code: event.code };
    }
    case "StartOrdered": {
      const { kept } = state;
      assert(kept !== null, "a start without its connector", {});
      const frozen = { ...termsOf(state), ...kept, backing: event.backing };
      return { status: "starting", ...frozen, since: at, waiting: false };
    }
  }
}

function allowed({ binding, credit }: Extract<OrderEvent, { type: "UserAllowed" }>) {
  return { binding, ...(credit ? { credit } : {}) };
}

type HoldEvent = Extract<
  OrderEvent,
  { type: "HoldNearlySpent" | "TopUpAsked" | "HoldRaised" | "TopUpRefused" }
>;

function evolveHold(state: Known, event: HoldEvent): OrderState {
  switch (event.type) {
    case "HoldNearlySpent":
      return { ...within(state, "charging"), lowFen: event.holdFen };
    case "TopUpAsked":
      return { ...within(state, "charging"), topUp: { toFen: event.toFen } };
    case "HoldRaised":
      assert("backing" in state, "a hold was raised for no charge", { status: state.status });
      return { ...withoutTopUp(state), backing: { by: "hold", fen: event.fen } };
    case "TopUpRefused":
      return withoutTopUp(state);
  }
}

function withoutTopUp<S extends Known>(state: S): S {
  if (state.status !== "charging" || !state.topUp) return state;
  const { topUp: _asked, ...rest } = state;
  return rest as S;
}

function startFailed(
  state: Known,
  why: string,
  proven: boolean,
  since: number,
  cause?: RawCause,
): StartFailed {
  const more = cause ? { cause } : {};
  return { status: "start-failed", ...frozenOf(state), why, ...more, proven, since };
}

/** The state, known to be of that status. */
function within<S extends Known["status"]>(state: Known, status: S): Extract<Known, { status: S }> {
  assert(state.status === status, "an event that does not fit", { status: state.status });
  return state as Extract<Known, { status: S }>;
}

function byCard(event: Extract<OrderEvent, { type: "CardChargeStarted" }>, at: number): Charging {
  const { type: _type, holdFen, deviceAt, registerWh, txId, answerTo, ...asked } = event;
  return {
    status: "charging",
    ...asked,
    createdAt: at,
    backing: { by: "hold", fen: holdFen },
    started: { at, deviceAt, registerWh, txId },
    meter: { at, deviceAt, registerWh, segments: [], powerW: 0, n: 0 },
    cardAsk: { answerTo, user: false, wallet: false },
  };
}

function started(
  state: Known,
  event: Extract<OrderEvent, { type: "ChargeStarted" }>,
  at: number,
): Charging | Stopping {
  const { deviceAt, registerWh, segments, txId } = event;
  const begun = { at, deviceAt, registerWh, ...(txId === undefined ? {} : { txId }) };
  const meter = { at, deviceAt, registerWh, segments, powerW: 0, n: 0 };
  if (state.status === "stopping") return { ...state, started: begun, meter };
  const frozen = frozenOf(within(state, "starting"));
  return { status: "charging", ...frozen, started: begun, meter, cardAsk: null };
}

function metered(
  state: Known,
  event: Extract<OrderEvent, { type: "MeterRead" }>,
  at: number,
): OrderState {
  assert(state.status === "charging" || state.status === "stopping", "a reading of no charge", {});
  const { type: _type, ...reading } = event;
  return { ...state, meter: { at, ...reading, n: (state.meter?.n ?? 0) + 1 } };
}

function stopping(
  state: Known,
  event: Extract<OrderEvent, { type: "StopAsked" }>,
  at: number,
): Stopping {
  const { type: _type, ...asked } = event;
  const stop = { ...asked, at };
  const frozen = frozenOf(state);
  if (state.status === "charging") {
    const { started, meter, cardAsk } = state;
    return { status: "stopping", ...frozen, stop, started, meter, cardAsk };
  }
  within(state, "starting");
  return { status: "stopping", ...frozen, stop, started: null, meter: null, cardAsk: null };
}

type CardStep = (ask: NonNullable<Charging["cardAsk"]>) => Charging["cardAsk"];
const CARD: Record<"CardUserAllowed" | "CardHoldPlaced" | "CardCleared", CardStep> = {
  CardUserAllowed: (ask) => ({ ...ask, user: true }),
  CardHoldPlaced: (ask) => ({ ...ask, wallet: true }),
  CardCleared: () => null,
};

function withCard(
  state: Known,
  change: CardStep,
): OrderState {
  const open = state.status === "charging" || state.status === "stopping";
  assert(open && state.cardAsk !== null, "an answer that no card waits for", {});
  return { ...state, cardAsk: change(state.cardAsk) };
}
