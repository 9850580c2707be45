// A hold that a running charge has nearly used: warned once a size, topped up by the driver, else the
// pile stops before it is exceeded (actors/pile/signal.ts).
import { later, refuse } from "../kit/mod.ts";
import { costSoFar, holdFor } from "../tariff/mod.ts";
import type { OrderEvent } from "./events.ts";
import { incident } from "./incidents.ts";
import { waiterOf } from "./pay.ts";
import type { Charging, Known, Of, Segment, Stopping } from "./state.ts";
import type { Decided, OrderCtx } from "./turn.ts";

/** After a reading: has the charge used so much of its hold that its driver should hear of it? */
export function warnOfHold(
  state: Charging | Stopping,
  segments: readonly Segment[],
  ctx: OrderCtx,
): OrderEvent[] {
  if (state.status !== "charging" || state.backing.by !== "hold") return [];
  if (ctx.without.has("hold.warned")) return [];
  const holdFen = state.backing.fen;
  const stopAt = segments.at(-1)?.toAt ?? state.started?.deviceAt ?? ctx.at;
  const startAt = state.started?.deviceAt ?? stopAt;
  const costFen = costSoFar({ segments, startAt, stopAt }, state.tariff);
  if (state.lowFen === holdFen || costFen * 100 < holdFen * ctx.settings.holdWarnPct) return [];
  return [
    { type: "HoldNearlySpent", holdFen, costFen },
    incident(ctx.self.id, {
      row: "4.4",
      cause: "hold-nearly-spent",
      words: "charge.hold-low",
      action: "driver-warned",
      outcome: "handled",
    }, { holdFen, costFen }),
  ];
}

/** The driver holds more, and the charge goes on. Answered later: the order. */
export function topUpHold(state: Known, { fen }: Of<"TopUpHold">, ctx: OrderCtx): Decided {
  if (state.status !== "charging") return refuse("order.not-charging", { status: state.status });
  const { backing, tariff, ratedPowerW, topUp } = state;
  if (backing.by !== "hold") return refuse("wallet.hold-unknown", { by: backing.by });
  if (ctx.without.has("hold.top-up")) return refuse("wallet.hold-refused", {});
  if (state.pay.by === "credit") return refuse("wallet.credit-refused", { why: "limit" });
  if (topUp) return refuse("payment.other-open", { by: "wallet" });
  const more = fen ?? holdFor(tariff, ctx.at, {}, ctx.settings, { ratedPowerW });
  return later([{ type: "TopUpAsked", toFen: backing.fen + more, answerTo: ctx.commandId }]);
}

/** The wallet holds more, or has not enough. What ended meanwhile was captured behind it. */
export function topUpAnswered(state: Known, { answer, ref }: Of<"TopUpAnswered">): Decided {
  const answerTo = waiterOf(ref);
  const toFen = Number(ref["toFen"]);
  const over = state.status === "paid" || state.status === "start-failed";
  if (answer.ok && !over && "backing" in state) {
    return [{ type: "HoldRaised", fen: toFen, answerTo }];
  }
  const { code, facts } = answer.ok
    ? { code: "order.not-charging", facts: { status: state.status } }
    : answer.refusal;
  return [{ type: "TopUpRefused", code, facts, answerTo }];
}
