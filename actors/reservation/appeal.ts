// 申诉: the bay is blocked, the driver shows it. The reservation is cancelled and a ticket opened; the first
// appeals within a month bring the deposit back at once, then a person looks first.
import { later, nothing, refuse } from "../kit/mod.ts";
import { hasRole } from "../kit/who.ts";
import { costOf } from "./cancel.ts";
import type { Known, Of, ReservationEvent } from "./state.ts";
import { type Decided, incident, type ReserveCtx, shown } from "./turn.ts";

/** One ticket for one reservation: its id follows from it. */
const ticketIdOf = (reservationId: string): string => `tkt_${reservationId.slice("rsv_".length)}`;

export function appealReservation(
  state: Known,
  { text, photoId }: Of<"AppealReservation">,
  ctx: ReserveCtx,
): Decided {
  if (state.status !== "reserved" || state.expiring || state.used !== null) {
    return refuse("reservation.over", { reservationId: ctx.self.id, status: state.status });
  }
  if (state.starting) return refuse("reservation.starting", { orderId: state.starting.orderId });
  return later([{
    type: "AppealOpened",
    ticketId: ticketIdOf(ctx.self.id),
    text,
    ...(photoId === undefined ? {} : { photoId }),
    costFen: costOf(state, ctx).feeFen,
    answerTo: ctx.commandId,
  }]);
}

export function appealCounted(
  state: Known,
  { answer }: Of<"AppealCounted">,
  ctx: ReserveCtx,
): Decided {
  if (state.status !== "appealed" || state.appeal !== "counting") return nothing;
  const { answerTo, rules, pileId } = state;
  const n = Number((answer.ok ? answer.body as { n?: unknown } : {}).n ?? Infinity);
  const atOnce = n <= ctx.settings.appealsFree || ctx.without.has("reserve.appeal-limited");
  const told = incident(ctx, {
    row: "flow-b",
    cause: "appeal",
    words: "reservation.appealed",
    action: atOnce ? "deposit-returned" : "person-looks",
    outcome: atOnce ? "handled" : "needs-person",
    facts: { ticketId: state.ticketId, pileId },
  });
  if (!atOnce) return [{ type: "AppealWaiting", n, answerTo }, told];
  const refundFen = ctx.without.has("reserve.appeal-deposit") ? 0 : rules.depositFen;
  return [{ type: "AppealGranted", refundFen, by: "rules", reason: null, answerTo }, told];
}

/** A person has looked: the deposit comes back, or it costs what a cancel would have. */
export function decideAppeal(
  state: Known,
  { grant, reason }: Of<"DecideAppeal">,
  ctx: ReserveCtx,
): Decided {
  if (!hasRole(ctx.principal, "service")) return refuse("auth.forbidden");
  if (state.status !== "appealed" || state.appeal !== "waiting") {
    return refuse("appeal.unknown", { status: state.status });
  }
  const by = ctx.principal.id;
  const { rules: { depositFen }, costFen: feeFen } = state;
  const events: ReservationEvent[] = grant
    ? [{ type: "AppealGranted", refundFen: depositFen, by, reason, answerTo: null }]
    : [{ type: "AppealRefused", by, reason, feeFen, refundFen: depositFen - feeFen }];
  return shown(events, ctx);
}
