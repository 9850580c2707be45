// What a record means for the read models: rows of lists, incidents, lines of a wallet's statement.
// Pure: every row follows from one record, so they can be made again from the archive.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import type { ApprovalView } from "../../wire/approval.ts";
import { type IncidentRaised, incidentRaised } from "../../wire/incident.ts";
import type { InboxView } from "../../wire/inbox.ts";
import type { OrderView } from "../../wire/order.ts";
import type { PaymentView } from "../../wire/money.ts";
import type { PileView } from "../../wire/pile.ts";
import type { ReservationView } from "../../wire/reservation.ts";
import type { ReconciliationView } from "../../wire/reconcile.ts";
import type { UserView } from "../../wire/user.ts";
import type { PatrolView } from "../../wire/patrol.ts";
import type { TicketView } from "../../wire/ticket.ts";
import { isoOf } from "../../wire/units.ts";
import { type StateView, statusOf } from "./board.ts";

export const ORDERS = "orders";
export const PILES = "piles";
export const STATIONS = "stations";
export const PAYMENTS = "payments";
export const USERS = "users";
export const INCIDENTS = "incidents";
export const APPROVALS = "approvals";
export const CAMPAIGNS = "campaigns";
export const WALLET_LINES = "wallet-lines";
export const CASES = "cases";
export const NOTICES = "notices";
export const TICKETS = "tickets";
export const PATROLS = "patrols";
export const RESERVATIONS = "reservations";

export interface Row {
  collection: string;
  id: string;
  v: number;
  doc: Record<string, unknown>;
}
type Shown = Record<string, unknown> & { v: number };

/** `viewOf`: what the actor's read "show" tells the platform; null where there is nothing to show. */
export function createRowsOf(viewOf: StateView): (at: Address, record: JournalRecord) => Row[] {
  return (address, record) => {
    const { tenant, kind, id } = address;
    const view = viewOf(kind, record.state, record.v, id) as Shown | null | undefined;
    const incidents = incidentsIn(address, record, kind === "station" ? id : view?.stationId);
    if (!view) return incidents;
    const row = (collection: string, doc: Record<string, unknown>): Row => ({
      collection,
      id: `${tenant}/${id}`,
      v: record.v,
      doc: { tenant, key: id, at: record.at, ...doc },
    });
    const rows = rowsByKind(kind, view, row);
    if (kind === "wallet") rows.push(...linesIn(address, record));
    if (kind === "reconciliation") rows.push(...casesIn(address, record, view));
    if (kind === "inbox") rows.push(...noticesIn(address, record, view));
    return [...rows, ...incidents];
  };
}

function rowsByKind(
  kind: string,
  view: Shown,
  row: (collection: string, doc: Record<string, unknown>) => Row,
): Row[] {
  switch (kind) {
    case "order": {
      const { live: _live, next: _next, ...order } = view as unknown as OrderView;
      // Before anybody answered there is nothing to list.
      if (order.status === "authorizing") return [];
      const { userId, status, createdAt, stationId, stay } = order;
      const staying = stay && stay.leftAt === undefined ? { staying: "true" } : {};
      return [row(ORDERS, { userId, status, stationId, createdAt, ...staying, view: order })];
    }
    case "pile": {
      const pile = view as unknown as PileView;
      const status = statusOf(pile);
      const { stationId } = pile;
      return [row(PILES, { stationId, status, view: { ...pile, status } })];
    }
    case "reservation": {
      const { next: _next, ...reservation } = view as unknown as ReservationView;
      if (reservation.status === "awaiting-deposit") return [];
      const { userId, status, pileId, stationId, from } = reservation;
      const doc = { userId, status, pileId, stationId, from, view: reservation };
      return [row(RESERVATIONS, doc)];
    }
    case "station":
      return [row(STATIONS, { view })];
    case "payment": {
      const payment = view as unknown as PaymentView;
      const { userId, status, purpose, orderId, by } = payment;
      return [row(PAYMENTS, { userId, status, purpose, orderId, by, view: payment })];
    }
    case "approval": {
      const { status } = view as unknown as ApprovalView;
      return [row(APPROVALS, { status, view })];
    }
    case "campaign":
      return [row(CAMPAIGNS, { view })];
    case "user": {
      const { id, blocked, registeredAt } = view as unknown as UserView; // nothing personal
      return [row(USERS, { view: { id, blocked, registeredAt } })];
    }
    case "ticket": {
      const ticket = view as unknown as TicketView;
      const { userId, status, stationId, openedAt } = ticket;
      return [row(TICKETS, { userId, status, stationId, openedAt, view: ticket })];
    }
    case "patrol": {
      const patrol = view as unknown as PatrolView;
      const { status, stationId, openedAt } = patrol;
      return [row(PATROLS, { status, stationId, openedAt, view: patrol })];
    }
    default: // kinds come from the journal: those without a view of their own are welcome
      return [];
  }
}

/** By what an incident is found: its cause, and the device's words behind it. */
function codesOf({ cause, facts }: Pick<IncidentRaised, "cause" | "facts">): string[] {
  const told = [cause, facts["fault"], facts["raw"]];
  return [...new Set(told.filter((word) => typeof word === "string"))];
}

function incidentsIn(
  { tenant, kind, id }: Address,
  { v, at, events }: JournalRecord,
  stationId: unknown,
): Row[] {
  return events.flatMap((event, i) => {
    if (event.type !== "IncidentRaised") return [];
    const { sv: _sv, ...fields } = event;
    const parsed = incidentRaised.safeParse(fields);
    if (!parsed.success) return [];
    const { type: _type, ...incident } = parsed.data;
    const name = `${kind}/${id}/${v}/${i}`;
    const doc = {
      tenant,
      key: name,
      at,
      row: incident.row,
      outcome: incident.outcome,
      codes: codesOf(incident),
      ...(typeof stationId === "string" ? { stationId } : {}),
      view: { ...incident, id: name, at: isoOf(at) },
    };
    return [{ collection: INCIDENTS, id: `${tenant}/${name}`, v, doc }];
  });
}

/** The cases that this record changed. */
function casesIn({ tenant }: Address, { v, at, events }: JournalRecord, view: Shown): Row[] {
  const { cases, id } = view as unknown as ReconciliationView;
  const changed = new Set(events.map((event) => `${id}.${String(event.n)}`));
  return cases.filter((one) => changed.has(one.id)).map((one) => ({
    collection: CASES,
    id: `${tenant}/${one.id}`,
    v,
    doc: { tenant, key: one.id, at, openedAt: one.openedAt, state: one.state, view: one },
  }));
}

/** The wallet keeps its newest lines in its state: those of this record become rows. */
function linesIn({ tenant, id }: Address, { v, at, state }: JournalRecord): Row[] {
  const { lines } = state as { lines?: { v: number }[] };
  return (lines ?? []).filter((line) => line.v === v).map((line, i) => ({
    collection: WALLET_LINES,
    id: `${tenant}/${id}/${v}/${i}`,
    v,
    doc: { tenant, userId: id, key: `${id}/${String(v).padStart(12, "0")}/${i}`, at, view: line },
  }));
}

/** Of an inbox the notices that this record took or that were read in it. */
function noticesIn({ tenant, id }: Address, { v, events }: JournalRecord, view: Shown): Row[] {
  const named = new Set(events.flatMap(({ type, id, ids }) => {
    if (type === "NoticeTaken") return [String(id)];
    return type === "NoticesRead" ? (ids as unknown[]).map(String) : [];
  }));
  return (view as unknown as InboxView).items.filter((item) => named.has(item.id)).map((item) => ({
    collection: NOTICES,
    id: `${tenant}/${id}/${item.id}`,
    v,
    doc: { tenant, userId: id, key: item.id, at: Date.parse(item.at), view: item },
  }));
}
