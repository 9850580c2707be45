// What the console asks of the platform, one function per route; shapes come from wire/http-ops.ts.
import type * as z from "zod";
import type * as driver from "../wire/http.ts";
import type * as wire from "../wire/http-ops.ts";
import type * as desk from "../wire/tariff-desk.ts";
import type { DrillList } from "../wire/drill.ts";
import type { NodesSeen, ParkedSeen, RetryBody, RetryDone } from "../wire/report.ts";
import type { CaseRow, reconcileBody, ReconciliationView, settleBody } from "../wire/reconcile.ts";
import type { fitLockBody, LockView } from "../wire/lock.ts";
import type { TicketView } from "../wire/ticket.ts";
import type { PileView } from "../wire/pile.ts";
import type { Api, Request } from "./api.ts";
import type { OrderRow } from "./driver-calls.ts";
import { opsBayCalls } from "./ops-bay-calls.ts";
import { opsMoneyCalls } from "./ops-money-calls.ts";
import { opsReserveCalls } from "./ops-reserve-calls.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
export type OpsPile = PileView & { status: driver.PileStatus };
export type TimelineItem = Of<typeof wire.timelineItem>;
export type IncidentRow = Of<typeof wire.incidentRow>;
export type Ticket = TicketView;
export type StickerSheet = Of<typeof wire.stickerSheet>;
export type EstopAnswer = Of<typeof wire.estopAnswer>;
export type EstopBody = Of<typeof wire.estopBody>;
export type Inspected = Of<typeof wire.inspected>;
interface ActorName {
  kind: string;
  id: string;
}
export type PileCommandBody = Of<typeof wire.commandBody>;

const id = encodeURIComponent;

export function opsCalls(api: Api) {
  const read = <T>(path: string, query?: Request["query"]) =>
    api<T>("GET", path, query === undefined ? {} : { query });
  return {
    password: (name: string, password: string) =>
      api<Of<typeof wire.passwordAnswer>>("POST", "/ops/auth/password", {
        body: { name, password },
      }),
    mfa: (ticket: string, code: string) =>
      api<wire.OpsSession>("POST", "/ops/auth/mfa", { body: { ticket, code } }),
    signOut: () => api<void>("DELETE", "/ops/auth/session"),
    liveToken: () => api<Of<typeof wire.liveToken>>("POST", "/ops/live-token", { body: {} }),
    wall: () => read<wire.Wall>("/ops/wall"),
    piles: (query: Request["query"]) => read<driver.List<OpsPile>>("/ops/piles", query),
    timeline: (pileId: string, cursor?: string) =>
      read<driver.List<TimelineItem>>(`/ops/piles/${id(pileId)}/timeline`, { cursor, size: 50 }),
    incidents: (query: Request["query"]) => read<driver.List<IncidentRow>>("/ops/incidents", query),
    cases: (query: Request["query"]) => read<driver.List<CaseRow>>("/ops/cases", query),
    reconcile: (body: Of<typeof reconcileBody>, tap: Tap) =>
      api<ReconciliationView>("POST", "/ops/reconciliations", { tap, body }),
    settleCase: (caseId: string, body: Of<typeof settleBody>, tap: Tap) =>
      api<ReconciliationView>("POST", `/ops/cases/${id(caseId)}/settle`, { tap, body }),
    ...drillCalls(api),
    nodes: () => read<NodesSeen>("/ops/nodes"),
    parked: () => read<ParkedSeen>("/ops/parked"),
    retryParked: (actor: ActorName, body: RetryBody, tap: Tap) =>
      api<RetryDone>("POST", `/ops/parked/${id(actor.kind)}/${id(actor.id)}/retry`, { tap, body }),
    inspect: (actor: ActorName) => read<Inspected>(`/ops/actors/${id(actor.kind)}/${id(actor.id)}`),
    ...tariffCalls(api),
    orders: (query: Request["query"]) => read<driver.List<OrderRow>>("/orders", query),
    order: (orderId: string) => read<driver.Order>(`/orders/${id(orderId)}`),
    forceStop: (orderId: string, reason: string, tap: Tap) =>
      api<driver.Order>("POST", `/ops/orders/${id(orderId)}/force-stop`, { tap, body: { reason } }),
    ...siteCalls(api),
    ...opsMoneyCalls(api),
    ...opsBayCalls(api),
    ...opsReserveCalls(api),
    /** No key, no limit: it must go through whatever else is wrong. */
    estop: (body: EstopBody) => api<EstopAnswer>("POST", "/ops/estop", { body }),
    locks: (pileId: string) => read<{ items: LockView[] }>(`/ops/piles/${id(pileId)}/locks`),
    fitLock: (pileId: string, body: Of<typeof fitLockBody>, tap: Tap) =>
      api<LockView>("POST", `/ops/piles/${id(pileId)}/locks`, { tap, body }),
    command: (pileId: string, body: PileCommandBody, tap: Tap) =>
      api<unknown>("POST", `/ops/piles/${id(pileId)}/commands`, { tap, body }),
  };
}
/** Tariffs from draft to force and back. */
function tariffCalls(api: Api) {
  return {
    tariffs: (stationId: string) =>
      api<desk.TariffDesk>("GET", "/ops/tariffs", { query: { stationId } }),
    draftTariff: (body: Of<typeof desk.draftBody>, tap: Tap) =>
      api<desk.TariffDesk>("POST", "/ops/tariffs", { tap, body }),
    dropTariff: (tariffId: string, tap: Tap) =>
      api<desk.TariffDesk>("DELETE", `/ops/tariffs/${id(tariffId)}`, { tap, body: {} }),
    validateTariff: (tariffId: string) =>
      api<desk.TariffChecked>("POST", `/ops/tariffs/${id(tariffId)}/validate`, { body: {} }),
    simulateTariff: (tariffId: string) =>
      api<desk.Simulated>("POST", `/ops/tariffs/${id(tariffId)}/simulate`, { body: {} }),
    /** `revision`: of the desk that was looked at. */
    publishTariff: (
      tariffId: string,
      { revision, ...body }: Of<typeof desk.publishBody> & { revision: number },
      tap: Tap,
    ) =>
      api<desk.TariffDesk>("POST", `/ops/tariffs/${id(tariffId)}/publish`, {
        tap,
        body,
        headers: { "If-Match": `"${revision}"` },
      }),
    rollBackTariff: (
      stationId: string,
      { revision, ...body }: Of<typeof desk.rollbackBody> & { revision: number },
      tap: Tap,
    ) =>
      api<desk.TariffDesk>("POST", `/ops/stations/${id(stationId)}/tariffs/rollback`, {
        tap,
        body,
        headers: { "If-Match": `"${revision}"` },
      }),
  };
}

/** Drills, and the records that they point to. */
function drillCalls(api: Api) {
  return {
    records: (actor: ActorName) =>
      api<driver.List<TimelineItem>>(
        "GET",
        `/ops/actors/${id(actor.kind)}/${id(actor.id)}/timeline`,
        { query: { size: 200 } },
      ),
    drills: () => api<DrillList>("GET", "/ops/drills"),
    runDrill: (row: string, body: { without?: string[] }, tap: Tap) =>
      api<{ runId: string; room: string }>("POST", `/ops/drills/${id(row)}/runs`, { tap, body }),
  };
}

/** People on site: calls for help, phone numbers, stickers. */
function siteCalls(api: Api) {
  return {
    tickets: (query: Request["query"]) =>
      api<driver.List<Ticket>>("GET", "/ops/tickets", query === undefined ? {} : { query }),
    takeTicket: (ticketId: string, tap: Tap) =>
      api<void>("POST", `/ops/tickets/${id(ticketId)}/take`, { tap, body: {} }),
    closeTicket: (ticketId: string, note: string, tap: Tap) =>
      api<void>("POST", `/ops/tickets/${id(ticketId)}/close`, { tap, body: { note } }),
    stickers: (stationId: string) =>
      api<StickerSheet>("GET", `/ops/stations/${id(stationId)}/stickers`),
    setPhone: (stationId: string, phone: string, tap: Tap) =>
      api<unknown>("PUT", `/ops/stations/${id(stationId)}/phone`, { tap, body: { phone } }),
  };
}
export type OpsCalls = ReturnType<typeof opsCalls>;
