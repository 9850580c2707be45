// The order of a charge that a card began answers: it is theirs, or nobody's and stopped.
import { nothing } from "../kit/mod.ts";
import { holdFor } from "../tariff/mod.ts";
import type { Of, PileDecision } from "./fact.ts";
import { sessionAt } from "./ledger.ts";
import { stray } from "./started.ts";
import type { Registered, StartedAnswer } from "./state.ts";
import { connectorOf, openTurn, type PileCtx, type Turn } from "./turn.ts";

export function cardAnswered(
  state: Registered,
  { ref, answer }: Of<"CardAnswered">,
  ctx: PileCtx,
): PileDecision {
  const transaction = state.transactions.find(({ txId }) => txId === ref.txId);
  if (!transaction || transaction.answer !== null || transaction.orderId === null) return nothing;
  const { txId, connector: no, orderId, waiting } = transaction;
  const accepted = typeof answer === "object" && answer !== null && "ok" in answer &&
    answer.ok === true;
  const turn = openTurn(state, ctx);
  if (accepted) {
    const yes: StartedAnswer = { txId, accepted: true };
    const holdFen = holdOf(turn, no, txId);
    turn.add({ type: "CardAccepted", connector: no, txId, orderId, holdFen, waiting, answer: yes });
    return turn.events;
  }
  const wh = energySoFar(state, txId);
  const no_: StartedAnswer = { txId, accepted: false, why: "blocked" };
  const why = "card-blocked";
  turn.add({ type: "CardRefused", connector: no, txId, orderId, why, wh, waiting, answer: no_ });
  const running = sessionAt(connectorOf(turn.state, no))?.txId === txId;
  if (running && connectorOf(turn.state, no).use.status === "charging") {
    stray(turn, no, txId, why, orderId);
  }
  return turn.events;
}

/** The hold that its order has placed: both size it by the same rule from the same facts. */
function holdOf({ state, ctx }: Turn, no: number, txId: number): number | null {
  const { ratedPowerW, use } = connectorOf(state, no);
  const session = use.status === "charging" || use.status === "stopping" ? use.session : null;
  if (session?.txId !== txId || session.tariff === null) return null;
  return holdFor(session.tariff, session.startAt, {}, ctx.settings, { ratedPowerW });
}

/** What the session has counted as theirs: it becomes nobody's. */
function energySoFar(state: Registered, txId: number): number {
  const here = state.connectors.map(sessionAt).find((session) => session?.txId === txId);
  const session = here ?? state.left.find((left) => left.session.txId === txId)?.session;
  if (session) return session.segments.reduce((sum, { wh }) => sum + wh, 0);
  const over = state.transactions.find((one) => one.txId === txId);
  return over?.endedWh === undefined ? 0 : over.endedWh - over.registerWh;
}
