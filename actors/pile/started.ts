// A device reports that it charges: for its order, for a card, or for nobody. Whatever it says, the
// report is taken, the energy has an owner, and what should not run is stopped.
import { assert } from "../kit/assert.ts";
import type { RawCause } from "../../wire/pile.ts";
import { type Of, type PileDecision, takeFact, type Taken } from "./fact.ts";
import { drive } from "./drive.ts";
import { endSession, settleLeft } from "./end.ts";
import { blockingFault } from "./keep.ts";
import { baseline, momentOf, offsetOf, sessionAt } from "./ledger.ts";
import { cardOrderId, isOrderTag, tagOf } from "./names.ts";
import { lockingSlot } from "./promised.ts";
import { busy, failStart } from "./start.ts";
import {
  type Connector,
  type FailedStart,
  LEFT_MAX,
  type NobodyWhy,
  type Owner,
  type Registered,
  type StartedAnswer,
  type Transaction,
} from "./state.ts";
import { stopCharge } from "./stop.ts";
import { connectorOf, hasConnector, incident, type PileCtx, type Turn } from "./turn.ts";

type Report = Of<"ReportStarted">;

export const reportStarted = (
  state: Registered,
  command: Report,
  ctx: PileCtx,
): PileDecision => takeFact(state, command, ctx, take, (now) => toldBefore(now, command)?.answer);

/** The transaction of a report that was taken before, under whatever command. */
function toldBefore(state: Registered, report: Report): Transaction | undefined {
  return state.transactions.findLast((one) =>
    one.connector === report.connector && one.toldAt === report.deviceAt &&
    one.registerWh === report.registerWh && one.tag === (report.idTag ?? null)
  );
}

/** The report of an order's start that its own end has overtaken. */
function toldAfterItsEnd(state: Registered, report: Report, who: Who): Transaction | undefined {
  if (who.by !== "order" || who.orderId === null) return undefined;
  return state.transactions.find((one) =>
    one.orderId === who.orderId && one.connector === report.connector &&
    one.endedWh !== undefined && one.answer?.accepted === true &&
    report.registerWh <= one.endedWh && report.deviceAt <= one.endedAt!
  );
}

type Who =
  | { by: "order"; orderId: string | null }
  | { by: "card"; userId: string | null; blocked: boolean }
  | { by: "nobody" };

function whoOf(state: Registered, report: Report): Who {
  const { orderId, idTag, cardUserId, cardBlocked, connector: no } = report;
  if (orderId !== undefined) return { by: "order", orderId };
  if (idTag !== undefined && isOrderTag(idTag)) {
    return { by: "order", orderId: orderOfTag(state, connectorOf(state, no), idTag) };
  }
  if (cardUserId === undefined) return { by: "nobody" };
  return { by: "card", userId: cardUserId, blocked: cardBlocked === true };
}
function orderOfTag(state: Registered, { use }: Connector, tag: string): string | null {
  if (use.status === "kept" && tagOf(use.orderId) === tag) return use.orderId;
  if (use.status === "starting" && use.tag === tag) return use.orderId;
  const session = use.status === "charging" || use.status === "stopping" ? use.session : null;
  if (session?.tag === tag) return session.owner.orderId;
  return state.retired.findLast((retired) => retired.tag === tag)?.orderId ?? null;
}

/** A charge that was found before its report came is that report's: what it had so far stays nobody's. */
function adoptFound(turn: Turn, { connector: no, deviceAt, registerWh }: Report): void {
  const owner = sessionAt(connectorOf(turn.state, no))?.owner;
  if (owner?.by !== "nobody" || owner.why !== "no-order") return;
  endSession(turn, no, { deviceAt, registerWh, reason: "other", proof: "waited" });
}

function take(turn: Turn, report: Report): Taken {
  const { ctx } = turn;
  const { connector: no } = report;
  const told = toldBefore(turn.state, report);
  if (told) return again(turn, told);
  if (!hasConnector(turn.state, no)) return noted(turn, report, "connector-unknown");
  adoptFound(turn, report);
  const { state } = turn;
  const connector = connectorOf(state, no);
  const who = whoOf(state, report);
  const session = sessionAt(connector);
  if (session && who.by === "order" && who.orderId !== null) {
    const same = session.owner.orderId === who.orderId;
    const known = state.transactions.find(({ txId }) => txId === session.txId);
    if (same && known) return again(turn, known);
  }
  const over = toldAfterItsEnd(state, report, who);
  if (over) return again(turn, over);
  if (session) {
    const at = momentOf(report.deviceAt, ctx.at, session.clockOffsetMs);
    const old = at < session.startAt && report.registerWh <= session.startRegisterWh;
    if (old) return noted(turn, report, "told-too-late");
  }
  if (who.by === "order" && connector.use.status === "starting") {
    if (connector.use.orderId === who.orderId) return ofOrder(turn, report, connector);
  }
  const use = connector.use.status;
  const reserved = session !== null;
  const failed = makeRoom(turn, connector, report.registerWh);
  const free = use === "free" || use === "occupied";
  if (who.by === "card" && free) return ofCard(turn, report, who);
  return ofNobody(turn, report, { ...nobodyOf(who), failed }, reserved);
}

/** Told twice: the same answer, or the same wait for it. */
function again(turn: Turn, { txId, connector, answer }: Transaction): Taken {
  if (answer) return { body: answer };
  turn.add({ type: "CardWaited", connector, txId, commandId: turn.ctx.commandId });
  return { later: true };
}

/** Answered and remembered, without a session: its energy lies below what the ledger has booked. */
function noted(turn: Turn, report: Report, cause: string): Taken {
  const { connector, idTag, deviceAt: toldAt, registerWh: toldWh } = report;
  const txId = turn.state.nextTx;
  turn.add({ type: "TransactionNoted", connector, txId, tag: idTag ?? null, toldAt, toldWh });
  unknown(turn, cause, { connector, txId, registerWh: toldWh });
  return { body: { txId, accepted: false, why: "invalid" } satisfies StartedAnswer };
}
export function unknown(turn: Turn, cause: string, facts: Record<string, unknown>): void {
  incident(turn, {
    row: "2.4",
    cause,
    words: "charge.transaction-unknown",
    action: "book-unattributed",
    outcome: "handled",
    facts,
  });
}

/** What was there gives way to what the device really does; an order that was starting has failed. */
function makeRoom(turn: Turn, { no, use }: Connector, registerWh: number): FailedStart | null {
  switch (use.status) {
    case "free":
    case "occupied":
      return null;
    case "kept":
      turn.add({ type: "ConnectorLetGo", connector: no, orderId: use.orderId, why: "overtaken" });
      return null;
    case "starting":
      return overtaken(turn, no, use.orderId);
    case "undoing":
      return use.failed;
    case "charging":
    case "stopping":
      leave(turn, no, registerWh);
      return null;
  }
}
function overtaken(turn: Turn, no: number, orderId: string): FailedStart {
  const cause: RawCause = busy;
  failStart(turn, no, "device-refused", { cause, stop: false });
  return { orderId, why: "device-refused", cause };
}
/** Another session began: the one before has ended, its report may still be in the device's queue. */
function leave(turn: Turn, no: number, registerWh: number): void {
  const [oldest] = turn.state.left;
  if (oldest && turn.state.left.length >= LEFT_MAX) {
    settleLeft(turn, oldest, { deviceAt: oldest.last.at, reason: "other", proof: "waited" });
  }
  const { register, use } = connectorOf(turn.state, no);
  const session = use.status === "charging" || use.status === "stopping" ? use.session : null;
  assert(session !== null && register !== null, "a session that is left was running");
  const ceilingWh = Math.max(registerWh, register.wh);
  const { txId } = session;
  turn.add({ type: "ChargeLeft", connector: no, txId, ceilingWh, last: register });
}

interface Beginning {
  owner: Owner;
  answer: StartedAnswer | null;
  txId: number;
  /** The report is surely fresh: it shows how wrong the device's clock is. */
  fresh?: boolean;
  reserved?: boolean;
}
export function begin(turn: Turn, report: Report, how: Beginning): void {
  const { connector, deviceAt, registerWh, idTag } = report;
  const offsetMs = how.fresh ? offsetOf(deviceAt, turn.ctx.at) : 0;
  const reserved = how.reserved === true;
  const base = baseline(turn, connector, { deviceAt, registerWh }, { offsetMs, reserved });
  turn.add({
    type: "ChargeStarted",
    connector,
    txId: how.txId,
    owner: how.owner,
    tag: idTag ?? null,
    reading: base.reading,
    toldAt: deviceAt,
    toldWh: registerWh,
    clockOffsetMs: offsetMs,
    answer: how.answer,
    ...(how.answer === null ? { waiting: turn.ctx.commandId } : {}),
  });
  if (offsetMs !== 0) wrongClock(turn, connector, offsetMs);
  if (base.doubt === null) return;
  const { txId } = how;
  const doubt = { txId, why: base.doubt, registerWh, knownWh: registerWh };
  turn.add({ type: "ReadingDoubted", connector, ...doubt });
}

/** Corrected for the whole charge, and told: its curve and queue carry that clock too. */
function wrongClock(turn: Turn, connector: number, offsetMs: number): void {
  incident(turn, {
    row: "2.5",
    cause: "device-clock",
    words: "pile.clock-wrong",
    action: "correct-clock",
    outcome: "handled",
    facts: { connector, offsetMs },
  });
}

function ofOrder(turn: Turn, report: Report, { use }: Connector): Taken {
  assert(use.status === "starting", "an order's charge follows its start");
  const txId = turn.state.nextTx;
  const answer: StartedAnswer = { txId, accepted: true };
  const owner: Owner = { by: "order", orderId: use.orderId, userId: use.userId };
  const fresh = report.deviceAt < use.requestedAt || report.deviceAt > turn.ctx.at;
  begin(turn, report, { owner, answer, txId, fresh });
  return { body: answer };
}

function ofCard(turn: Turn, report: Report, who: Extract<Who, { by: "card" }>): Taken {
  const { state, ctx } = turn;
  const { connector: no } = report;
  if (who.userId === null) return ofNobody(turn, report, { why: "card-unknown", failed: null });
  const shut = state.disabled !== null || state.tariff === null ||
    blockingFault(state, connectorOf(state, no)) !== null;
  if (who.blocked || shut) return ofNobody(turn, report, { why: "card-blocked", failed: null });
  const locking = lockingSlot(state, no, ctx.at);
  if (locking && locking.userId !== who.userId && !ctx.without.has("reserve.locked")) {
    return ofNobody(turn, report, { why: "card-busy", failed: null });
  }
  const orderId = cardOrderId(ctx.self.id, report, ctx.at);
  const owner: Owner = { by: "card", orderId, userId: who.userId };
  begin(turn, report, { owner, answer: null, txId: state.nextTx });
  return { later: true };
}

type Nobody = { why: NobodyWhy; failed: FailedStart | null; orderId?: string | null };
function nobodyOf(who: Who): Pick<Nobody, "why" | "orderId"> {
  switch (who.by) {
    case "order":
      return { why: "late-start", orderId: who.orderId };
    case "card":
      return { why: who.userId === null ? "card-unknown" : "card-busy" };
    case "nobody":
      return { why: "no-order" };
  }
}
const refusedWhy: Record<NobodyWhy, "blocked" | "invalid" | "busy"> = {
  "late-start": "invalid",
  "card-unknown": "invalid",
  "card-blocked": "blocked",
  "card-busy": "busy",
  "no-order": "invalid",
};

/** A transaction that may not be: counted to nobody and stopped. */
function ofNobody(turn: Turn, report: Report, nobody: Nobody, reserved = false): Taken {
  const txId = turn.state.nextTx;
  const { why, failed, orderId = null } = nobody;
  const answer: StartedAnswer = { txId, accepted: false, why: refusedWhy[why] };
  const owner: Owner = { by: "nobody", orderId, why, failed };
  begin(turn, report, { owner, answer, txId, reserved });
  stray(turn, report.connector, txId, why, orderId);
  return { body: answer };
}

/** That order's charge ended here when the gun was pulled: a pile may not take it up again. */
const wasPulled = ({ state }: Turn, no: number, orderId: string | null): boolean =>
  orderId !== null &&
  state.transactions.some((one) => one.orderId === orderId && one.connector === no && one.pulled);

/** Ops hears of a charge that nobody may have, and it is stopped. */
export function stray(
  turn: Turn,
  no: number,
  txId: number,
  why: NobodyWhy,
  orderId: string | null,
): void {
  const late = why === "late-start";
  const again = late && wasPulled(turn, no, orderId);
  if (late && turn.ctx.without.has(again ? "pull.no-restart" : "start.late-start-caught")) return;
  incident(turn, {
    row: again ? "2.7" : late ? "2.4" : "flow-a",
    cause: again ? "restart-after-pull" : why,
    words: again ? "charge.restart-after-pull" : late ? "charge.late-start" : "pile.charging-alone",
    action: "stop",
    outcome: "compensated",
    facts: { connector: no, txId, ...(orderId === null ? {} : { orderId }) },
  });
  stopCharge(turn, no, "platform");
  drive(turn, no);
}
