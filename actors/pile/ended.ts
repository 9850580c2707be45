// A device reports an end: found by transaction, order, tag or connector; the unknown is booked and
// answered, since a pile drops its queue only when it is told "yes".
import { type Of, type PileDecision, takeFact } from "./fact.ts";
import { endSession, settleLeft } from "./end.ts";
import { advance, momentOf, sessionAt } from "./ledger.ts";
import { tagOf } from "./names.ts";
import { begin, unknown } from "./started.ts";
import type { Connector, Owner, Registered, Session, Transaction } from "./state.ts";
import { connectorOf, hasConnector, incident, type PileCtx, type Turn } from "./turn.ts";
import { judged, reasonBy } from "./verdict.ts";

type Report = Of<"ReportEnded">;

export const reportEnded = (state: Registered, command: Report, ctx: PileCtx): PileDecision =>
  takeFact(state, command, ctx, take);

/** Does the report speak of it? Odd piles send -1 or no transaction at all. */
function speaksOf(
  report: Report,
  one: { txId: number; orderId: string | null; tag: string | null; connector: number },
) {
  if (report.txId !== undefined && report.txId > 0) return report.txId === one.txId;
  if (report.orderId !== undefined) return report.orderId === one.orderId;
  const here = report.connector === undefined || report.connector === one.connector;
  return here && report.idTag !== undefined && report.idTag === one.tag; // a card may be at two guns
}
const nameOf = ({ txId, owner, tag }: Session, connector: number) => (
  { txId, orderId: owner.orderId, tag, connector }
);

function take(turn: Turn, told: Report): void {
  const { state, ctx } = turn;
  const report: Report = told.cause === undefined ? told : {
    ...told,
    reason: reasonBy(told.reason, told.cause),
    cause: judged(told.cause, ctx.without),
  };
  const sessions = state.connectors.flatMap((one) => {
    const session = sessionAt(one);
    return session ? [{ no: one.no, session }] : [];
  });
  const named = sessions.find(({ no, session }) => speaksOf(report, nameOf(session, no)));
  if (named) return running(turn, named.no, report);
  const left = state.left.find(({ session, connector }) =>
    speaksOf(report, nameOf(session, connector))
  );
  if (left) return settleLeft(turn, left, { ...report, proof: "report" });
  const over = state.transactions.findLast((one) => speaksOf(report, one));
  if (over) return late(turn, over, report);
  const unstarted = state.connectors.find((one) => neverStarted(one, report));
  if (unstarted) return whole(turn, unstarted, report);
  const only = withoutName(turn, report, sessions);
  if (only !== null) return running(turn, only, report);
  unknownEnd(turn, report);
}

/** A report without a transaction: the one session that it can mean, by place, time and meter. */
function withoutName(
  { state, ctx }: Turn,
  { txId, orderId, connector: at, deviceAt, registerWh }: Report,
  sessions: readonly { no: number; session: Session }[],
): number | null {
  if (orderId !== undefined || (txId !== undefined && txId > 0)) return null;
  const can = sessions.filter(({ no, session }) => {
    const ended = momentOf(deviceAt, ctx.at, session.clockOffsetMs);
    const fits = ended >= session.startAt &&
      registerWh >= (connectorOf(state, no).register?.wh ?? 0);
    return (at === undefined || at === no) && fits;
  });
  return can.length === 1 ? can[0]!.no : null;
}

const running = (turn: Turn, no: number, report: Report): void =>
  endSession(turn, no, { ...report, proof: "report" });

/** Ended before: told twice, or its true end comes after it was settled without one. */
function late(turn: Turn, over: Transaction, report: Report): void {
  const { connector: no, txId, endedWh } = over;
  if (endedWh === undefined || report.registerWh <= endedWh) return;
  if (sessionAt(connectorOf(turn.state, no))) return; // its energy lies below the next one's start
  const { deviceAt, registerWh } = report;
  if (!advance(turn, no, { deviceAt, registerWh })) return;
  incident(turn, {
    row: "2.5",
    cause: "end-after-settlement",
    words: "charge.report-missing",
    action: "book-unattributed",
    outcome: "needs-person",
    facts: { connector: no, txId, settledWh: endedWh, registerWh, orderId: over.orderId },
  });
}

/** Its start was never told: the report of the end overtook it, or it was lost. */
function neverStarted({ use }: Connector, report: Report): boolean {
  const orderId = use.status === "starting"
    ? use.orderId
    : use.status === "undoing"
    ? use.failed.orderId
    : null;
  if (orderId === null) return false;
  if (report.orderId !== undefined) return report.orderId === orderId;
  if (report.idTag !== undefined) return report.idTag === tagOf(orderId);
  return false;
}
function whole(turn: Turn, { no, use, register }: Connector, report: Report): void {
  const txId = turn.state.nextTx;
  const owner: Owner | null = use.status === "starting"
    ? { by: "order", orderId: use.orderId, userId: use.userId }
    : use.status === "undoing"
    ? { by: "nobody", orderId: use.failed.orderId, why: "late-start", failed: use.failed }
    : null;
  if (owner === null) return;
  const first = report.readings?.[0];
  const startWh = Math.min(
    register?.wh ?? first?.registerWh ?? report.registerWh,
    report.registerWh,
  );
  const started = {
    type: "ReportStarted" as const,
    linkEpoch: report.linkEpoch,
    connector: no,
    deviceAt: use.status === "starting" ? use.requestedAt : report.deviceAt,
    registerWh: startWh,
    ...(report.idTag === undefined ? {} : { idTag: report.idTag }),
  };
  const answer = owner.by === "order"
    ? { txId, accepted: true as const }
    : { txId, accepted: false as const, why: "invalid" as const };
  begin(turn, started, { owner, answer, txId });
  running(turn, no, report);
}

function unknownEnd(turn: Turn, report: Report): void {
  const { connector: no, deviceAt, registerWh, txId } = report;
  if (no !== undefined && hasConnector(turn.state, no)) {
    if (!sessionAt(connectorOf(turn.state, no))) advance(turn, no, { deviceAt, registerWh });
  }
  const facts = { registerWh, ...(no === undefined ? {} : { connector: no }) };
  unknown(turn, "end-unknown", { ...facts, ...(txId === undefined ? {} : { txId }) });
}
