// 待付订金: the user may reserve and the slot is free; then the deposit; only then the pile keeps the slot.
// Whoever loses the race for it has the money back in the record that tells them so.
import type { Refusal } from "../../wire/envelope.ts";
import { slotFacts } from "../../wire/reservation.ts";
import { later, nothing, refuse } from "../kit/mod.ts";
import { rulesOf } from "../tariff/mod.ts";
import { evolve } from "./evolve.ts";
import type { Awaiting, Of, ReservationEvent, ReservationState } from "./state.ts";
import { type Decided, incident, type ReserveCtx } from "./turn.ts";

/** A window may have begun so long ago: the driver looked at the page for a minute. */
const LATE_MS = 60_000;

export function requestReservation(
  state: ReservationState,
  command: Of<"RequestReservation">,
  ctx: ReserveCtx,
): Decided {
  if (state.status !== "absent") {
    return refuse("reservation.exists", { reservationId: ctx.self.id });
  }
  const { pileId, connector, minutes, rulesVersion } = command;
  // the platform's, until the pile answers with those of its station
  const rules = rulesOf(ctx.settings);
  if (command.from < ctx.at - LATE_MS) {
    const { minutesMin, minutesMax, aheadMs } = rules;
    return refuse("reservation.window", { minutesMin, minutesMax, aheadMs });
  }
  const from = Math.max(command.from, ctx.at);
  const until = from + minutes * ctx.settings.reserveMinuteMs;
  const asked = { userId: ctx.principal.id, pileId, connector, from, until, rules, rulesVersion };
  return later([{ type: "ReservationRequested", ...asked, answerTo: ctx.commandId }]);
}

type Answer = Of<"UserAnswered" | "SlotAnswered" | "DepositAnswered" | "KeepAnswered">;

export function requestAnswered(state: Awaiting, command: Answer, ctx: ReserveCtx): Decided {
  const { type, answer } = command;
  if (!answer.ok) return refused(state, answer.refusal, type, ctx);
  switch (type) {
    case "UserAnswered":
      return goOn(state, { type: "UserAllowed" }, ctx);
    case "SlotAnswered": {
      // a pile that has heard more of it by now answers without a body: this state is an old one
      const found = slotFacts.safeParse(answer.body);
      return found.success ? goOn(state, { type: "SlotFound", ...found.data }, ctx) : nothing;
    }
    case "DepositAnswered":
      return state.deposit === "asked" ? [{ type: "DepositStands" }] : nothing;
    case "KeepAnswered":
      if (state.deposit !== "held") return nothing;
      return [{ type: "ReservationConfirmed", answerTo: state.answerTo }];
  }
}

/** Once both have agreed: money. */
function goOn(state: Awaiting, event: ReservationEvent, ctx: ReserveCtx): Decided {
  const after = evolve(state, event, { at: ctx.at });
  const ready = after.status === "awaiting-deposit" && after.allowed &&
    after.stationId !== null && after.deposit === "none";
  return ready ? [event, { type: "DepositAsked", fen: after.rules.depositFen }] : [event];
}

/** `by` refused, so nothing of it has to be undone; all else was asked and is undone. */
export function refused(
  state: Awaiting,
  { code, facts }: Refusal,
  by: Answer["type"] | "none",
  ctx: ReserveCtx,
): ReservationEvent[] {
  const undo = {
    user: by !== "UserAnswered",
    wallet: state.deposit !== "none" && by !== "DepositAnswered",
    pile: state.deposit === "held" && by !== "KeepAnswered",
  };
  const { answerTo } = state;
  const ended: ReservationEvent = { type: "ReservationRefused", code, facts, answerTo, undo };
  if (!undo.wallet) return [ended];
  return [
    ended,
    incident(ctx, {
      row: "flow-b",
      cause: code,
      words: "reservation.slot-gone",
      action: "deposit-returned",
      outcome: "compensated",
      facts: { pileId: state.pileId, connector: state.connector },
    }),
  ];
}

export const requestTimeout = (state: Awaiting, ctx: ReserveCtx): Decided =>
  refused(state, { code: "reservation.no-answer", facts: {} }, "none", ctx);
