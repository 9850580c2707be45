// The read models' queries on MongoDB. Pages go by (moment, key), newest first, so that a list that
// grows while it is read neither skips nor repeats.
import type { Db, Document } from "mongodb";
import type { ApprovalView } from "../../wire/approval.ts";
import type { CampaignView } from "../../wire/campaign.ts";
import type { NoticeItem } from "../../wire/inbox.ts";
import type { PatrolView } from "../../wire/patrol.ts";
import type { TicketView } from "../../wire/ticket.ts";
import { isoOf } from "../../wire/units.ts";
import { pastCharges } from "./past-charges.ts";
import type { Charge, CurvePoint, Page, Paging, Views } from "./queries.ts";
import type { PaymentView } from "../../wire/money.ts";
import type {
  CaseRow,
  IncidentRow,
  OrderRow,
  PileListRow,
  ReservationRow,
  TimelineItem,
  WalletLine,
} from "./rows.ts";
import {
  APPROVALS,
  CAMPAIGNS,
  CASES,
  INCIDENTS,
  NOTICES,
  ORDERS,
  PATROLS,
  PAYMENTS,
  PILES,
  RESERVATIONS,
  STATIONS,
  TICKETS,
  USERS,
  WALLET_LINES,
} from "./rows-of.ts";

const SIZE = 50;
const QUERY_MS = 3_000; // a list that takes longer is not worth the wait
const PAYMENTS_MAX = 20_000; // at once: who wants a whole day reads on from the last one
const CURVE_MAX = 2_000; // points that a phone can draw
const CURVE_RAW_MAX = 50_000; // 12 h at one reading a second, and some

/** The database did not answer in time; lists are away, nothing else. */
export class ViewsAway extends Error {
  override readonly name = "ViewsAway";
}

export interface MongoViewsDeps {
  db: Db;
  /** Collections of the archive and of stored readings. */
  archive: string;
  readings: string;
  lagMs(): number;
}

export async function ensureViewIndexes(db: Db): Promise<void> {
  const byTenant = { tenant: 1, at: -1, key: -1 } as const;
  await db.collection(ORDERS).createIndexes([
    { key: { tenant: 1, userId: 1, createdAt: -1, key: -1 } },
    { key: { tenant: 1, stationId: 1, createdAt: -1, key: -1 } },
    { key: { tenant: 1, createdAt: -1, key: -1 } },
    { key: { tenant: 1, staying: 1, createdAt: -1, key: -1 } },
  ]);
  await db.collection(PILES).createIndexes([
    { key: { tenant: 1, key: 1 } },
    { key: { tenant: 1, stationId: 1, key: 1 } },
  ]);
  await db.collection(INCIDENTS).createIndexes([
    { key: byTenant },
    { key: { tenant: 1, row: 1, at: -1, key: -1 } },
    { key: { tenant: 1, codes: 1, at: -1, key: -1 } },
  ]);
  await db.collection(APPROVALS).createIndex(byTenant);
  await db.collection(CAMPAIGNS).createIndex({ tenant: 1, key: -1 });
  await db.collection(WALLET_LINES).createIndex({ tenant: 1, userId: 1, key: -1 });
  await db.collection(NOTICES).createIndex({ tenant: 1, userId: 1, at: -1, key: -1 });
  await db.collection(TICKETS).createIndexes([
    { key: { tenant: 1, userId: 1, openedAt: -1, key: -1 } },
    { key: { tenant: 1, openedAt: -1, key: -1 } },
  ]);
  await db.collection(PATROLS).createIndexes([
    { key: { tenant: 1, status: 1, openedAt: -1, key: -1 } },
    { key: { tenant: 1, openedAt: -1, key: -1 } },
  ]);
  await db.collection(RESERVATIONS).createIndexes([
    { key: { tenant: 1, userId: 1, from: -1, key: -1 } },
    { key: { tenant: 1, pileId: 1, from: -1, key: -1 } },
    { key: { tenant: 1, stationId: 1, from: -1, key: -1 } },
  ]);
  await db.collection(PAYMENTS).createIndexes([
    { key: { tenant: 1, userId: 1, at: -1 } },
    { key: { tenant: 1, by: 1, at: 1 } },
    { key: { tenant: 1, key: 1 } },
  ]);
  await db.collection(CASES).createIndexes([
    { key: { tenant: 1, openedAt: -1, key: -1 } },
    { key: { tenant: 1, state: 1, openedAt: -1, key: -1 } },
  ]);
  for (const name of [STATIONS, USERS]) {
    await db.collection(name).createIndex({ tenant: 1, key: 1 });
  }
}

type Order = { fields: string[]; direction: 1 | -1 };
const newest = (...fields: string[]): Order => ({ fields, direction: -1 });
const viewIn = <T>(row: Document) => row.view as T;
/** What was asked for, without what was not. */
const given = (filter: Document): Document =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

export function mongoViews({ db, archive, readings, lagMs }: MongoViewsDeps): Views {
  return {
    orders: (tenant, { userId, status, staying, stations, ...paging }) => {
      const filter = given({ tenant, userId, status, staying, stationId: among(stations) });
      return page(db, ORDERS, filter, newest("createdAt", "key"), paging, viewIn<OrderRow>);
    },
    piles: (tenant, { stations, status, ...paging }) => {
      const filter = given({ tenant, status, stationId: among(stations) });
      const byId: Order = { fields: ["key"], direction: 1 };
      return page(db, PILES, filter, byId, paging, viewIn<PileListRow>);
    },
    incidents: (tenant, { row, outcome, code, stations, ...paging }) => {
      const filter = given({ tenant, row, outcome, codes: code, stationId: among(stations) });
      return page(db, INCIDENTS, filter, newest("at", "key"), paging, viewIn<IncidentRow>);
    },
    approvals: (tenant, { status, ...paging }) => {
      const filter = given({ tenant, status });
      return page(db, APPROVALS, filter, newest("at", "key"), paging, viewIn<ApprovalView>);
    },
    campaigns: (tenant, paging) =>
      page(db, CAMPAIGNS, { tenant }, newest("key"), paging, viewIn<CampaignView>),
    cases: (tenant, { state, ...paging }) => {
      const order = newest("openedAt", "key");
      return page(db, CASES, given({ tenant, state }), order, paging, viewIn<CaseRow>);
    },
    payments: (tenant, ids) =>
      answered(
        db.collection(PAYMENTS).find({ tenant, key: { $in: [...ids] } }).maxTimeMS(QUERY_MS)
          .map(viewIn<PaymentView>).toArray(),
      ),
    paymentsChanged: (tenant, { by, fromAt, toAt }) =>
      answered(
        db.collection(PAYMENTS).find({ tenant, by, at: { $gte: fromAt, $lt: toAt } })
          .sort({ at: 1 }).limit(PAYMENTS_MAX).maxTimeMS(QUERY_MS)
          .map((row) => ({ at: row.at as number, view: viewIn<PaymentView>(row) })).toArray(),
      ),
    walletLines: (tenant, userId, paging) =>
      page(db, WALLET_LINES, { tenant, userId }, newest("key"), paging, viewIn<WalletLine>),
    notices: (tenant, userId, paging) =>
      page(db, NOTICES, { tenant, userId }, newest("at", "key"), paging, viewIn<NoticeItem>),
    tickets: (tenant, { userId, status, stations, ...paging }) => {
      const filter = given({ tenant, userId, status, stationId: among(stations) });
      return page(db, TICKETS, filter, newest("openedAt", "key"), paging, viewIn<TicketView>);
    },
    patrols: (tenant, { status, stations, ...paging }) => {
      const filter = given({ tenant, status, stationId: among(stations) });
      return page(db, PATROLS, filter, newest("openedAt", "key"), paging, viewIn<PatrolView>);
    },
    reservations: reservationsIn(db),
    async timeline(tenant, kind, id, paging) {
      const filter = { tenant, kind, id };
      const found = await page(db, archive, filter, newest("v"), paging, timelineOf);
      return { ...found, items: found.items.flat() };
    },
    curve: (tenant, charge) => curve(db, readings, tenant, charge),
    pastCharges: async (tenant, stationId, count) =>
      await answered(pastCharges(db, archive, { tenant, stationId, count })),
    lagMs,
  };
}

const among = (stations: string[] | undefined) => stations && { $in: stations };
const reservationsIn = (db: Db): Views["reservations"] => (tenant, wanted) => {
  const { userId, pileId, status, stations, ...paging } = wanted;
  const filter = given({ tenant, userId, pileId, status, stationId: among(stations) });
  return page(db, RESERVATIONS, filter, newest("from", "key"), paging, viewIn<ReservationRow>);
};

/** The last of the order's fields is unique, so that a page starts exactly behind the last row. */
async function page<T>(
  db: Db,
  collection: string,
  filter: Document,
  { fields, direction }: Order,
  { cursor, size = SIZE }: Paging,
  shape: (row: Document) => T,
): Promise<Page<T>> {
  const after = cursor === undefined ? null : readCursor(cursor, fields.length);
  const query = after ? { $and: [filter, beyond(fields, after, direction)] } : filter;
  const sort = Object.fromEntries(fields.map((field) => [field, direction]));
  const found = await answered(
    db.collection(collection).find(query).sort(sort).limit(size + 1).maxTimeMS(QUERY_MS)
      .toArray(),
  );
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  const next = found.length > size && last
    ? writeCursor(fields.map((field) => last[field] as string | number))
    : null;
  return { items: rows.map(shape), next };
}

/** Rows behind the given values in a sort over several fields. */
function beyond(fields: string[], values: (string | number)[], direction: 1 | -1): Document {
  const operator = direction === 1 ? "$gt" : "$lt";
  return {
    $or: fields.map((field, i) => ({
      ...Object.fromEntries(fields.slice(0, i).map((before, k) => [before, values[k]])),
      [field]: { [operator]: values[i] },
    })),
  };
}
const writeCursor = (values: (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");
/** Only texts and numbers come out: a cursor can carry no operator. Null: start from the top. */
export function readCursor(cursor: string, length: number): (string | number)[] | null {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    const isPlain = Array.isArray(values) && values.length === length &&
      values.every((value) => typeof value === "string" || typeof value === "number");
    return isPlain ? values : null;
  } catch {
    return null;
  }
}

/** One item an event; newest first within the record as well. */
function timelineOf(row: Document): TimelineItem[] {
  const { v, at, cause, events } = row as {
    v: number;
    at: number;
    cause: { command: string; principal: { kind: string; id: string }; type: string };
    events: Record<string, unknown>[];
  };
  const { kind, id } = cause.principal;
  return events.toReversed().map((event) => ({
    v,
    at: isoOf(at),
    type: String(event.type),
    by: { kind, id },
    command: cause.type,
    event,
  }));
}

/** A device's clock may be off by as much; arrival decides what belongs to the charge. */
const CLOCK_MS_OFF = 24 * 3_600_000;
/** Readings that were queued on the pile arrive after the end. */
const LATE_MS = 60_000;

interface Reading {
  t: number;
  at: number;
  powerW?: number;
  registerWh?: number;
  socPct?: number;
}

async function curve(
  db: Db,
  collection: string,
  tenant: string,
  { pileId, connector, fromAt, toAt }: Charge,
): Promise<CurvePoint[]> {
  const filter = {
    tenant,
    pileId,
    t: { $gte: fromAt - CLOCK_MS_OFF, $lte: toAt + CLOCK_MS_OFF }, // what the index is by
    connector,
    at: { $gte: fromAt, $lte: toAt + LATE_MS },
  };
  const rows = await answered(
    db.collection<Reading>(collection).find(filter).sort({ t: 1 }).limit(CURVE_RAW_MAX)
      .maxTimeMS(QUERY_MS).toArray(),
  );
  const step = Math.max(1, Math.ceil(rows.length / CURVE_MAX));
  const kept = rows.filter((_row, i) => i % step === 0 || i === rows.length - 1);
  return kept.map(({ t, at, powerW, registerWh, socPct }) => ({
    t: isoOf(Math.abs(at - t) > LATE_MS ? at : t),
    ...(powerW === undefined ? {} : { powerW }),
    ...(registerWh === undefined ? {} : { registerWh }),
    ...(socPct === undefined ? {} : { socPct }),
  }));
}

async function answered<T>(query: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new ViewsAway("list not read: no answer in time")),
    QUERY_MS,
  );
  try {
    return await Promise.race([query, promise]);
  } catch (cause) {
    if (cause instanceof ViewsAway) throw cause;
    throw new ViewsAway(`list not read: ${String(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
