// Silence of a charging pile: a gap in its readings is seen and closed, and the bill of a charge whose
// pile stays lost after its stop is estimated.
import { nothing } from "../kit/mod.ts";
import { estimateOf } from "./estimate.ts";
import type { PileDecision } from "./fact.ts";
import { sessionAt } from "./ledger.ts";
import type { Registered } from "./state.ts";
import { connectorOf, incident, openTurn, type PileCtx } from "./turn.ts";

/** A reading is noted once in `noteMs` while they come: after this much more none has come. */
export const gapMsOf = ({ noteMs, readingGapMs }: PileCtx["settings"]): number =>
  noteMs + readingGapMs;

export function gapDue(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const connector = connectorOf(state, no);
  const session = sessionAt(connector);
  if (connector.use.status !== "charging" || session === null || !connector.register) {
    return nothing;
  }
  if (session.gapSince !== undefined || ctx.without.has("gap.freshness")) return nothing;
  const since = Math.max(connector.register.gotAt, session.startAt);
  if (ctx.at - since < gapMsOf(ctx.settings)) return nothing;
  const turn = openTurn(state, ctx);
  turn.add({ type: "GapSeen", connector: no, txId: session.txId, since });
  incident(turn, {
    row: "2.5",
    cause: "reading-gap",
    words: "charge.reading-gap",
    action: "wait-for-readings",
    outcome: "retrying",
    facts: { connector: no, since, presence: state.link.presence },
  });
  return turn.events;
}

/** The pile is still away, and a stop that was asked for long ago is proven by nobody. */
export function lostDue(state: Registered, no: number, ctx: PileCtx): PileDecision {
  const { use, register, ratedPowerW } = connectorOf(state, no);
  if (state.link.presence !== "offline" || use.status !== "stopping" || !register) return nothing;
  const { session } = use;
  if (session.owner.by !== "order" || session.estimated !== undefined) return nothing;
  if (ctx.without.has("gap.estimated-by-rule")) return nothing;
  const { estimate, registerWh, segments } = estimateOf(
    { session, last: register, ratedPowerW, now: ctx.at },
    use.since,
  );
  const turn = openTurn(state, ctx);
  const { txId } = session;
  const untilAt = use.since;
  turn.add({
    type: "ChargeEstimated",
    connector: no,
    txId,
    estimate,
    registerWh,
    untilAt,
    segments,
  });
  incident(turn, {
    row: "2.5",
    cause: "pile-lost",
    words: "charge.bill-estimated",
    action: "estimate-bill",
    outcome: "retrying",
    facts: { connector: no, txId, registerWh, ...estimate, orderId: session.owner.orderId },
  });
  return turn.events;
}
