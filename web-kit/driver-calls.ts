// What a driver's page asks of the platform, one function per route; shapes come from wire/http.ts.
import type * as z from "zod";
import type * as wire from "../wire/http.ts";
import type { bayReportBody } from "../wire/http-bays.ts";
import type { PhotoFacts } from "../wire/photo.ts";
import type { TicketView } from "../wire/ticket.ts";
import type { Api, Request } from "./api.ts";
import { reserveCalls } from "./reserve-calls.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
export type StationList = Of<typeof wire.stationList>;
export type OrderRow = Of<typeof wire.orderRow>;
export type Active = Of<typeof wire.active>;
export type Wallet = Of<typeof wire.wallet>;
export type WalletLines = Of<typeof wire.walletLines>;
export type Payment = Of<typeof wire.payment>;
export type Receipt = Of<typeof wire.receipt>;
export type Curve = Of<typeof wire.curve>;
export type StartBody = Of<typeof wire.startBody>;
export type PayBody = Of<typeof wire.payBody>;
export type RechargeBody = Of<typeof wire.rechargeBody>;
export type HelpBody = Of<typeof wire.helpBody>;
export type BayReport = Of<typeof bayReportBody>;
export type NoticeList = Of<typeof wire.noticeList>;
export type HelpList = wire.List<TicketView>;
export type SessionBody = Of<typeof wire.sessionBody>;

/** Authorising, keeping, holding and recording together may take 15 s before the answer. */
const START_MS = 20_000;

const id = encodeURIComponent;

export function driverCalls(api: Api) {
  const read = <T>(path: string, request?: Request) => api<T>("GET", path, request);
  const tapped = <T>(path: string, tap: Tap, body: unknown = {}, more: Request = {}) =>
    api<T>("POST", path, { ...more, tap, body });
  return {
    ...reserveCalls(api),
    sendCode: (phone: string) => api<void>("POST", "/auth/code", { body: { phone } }),
    signIn: (body: SessionBody) => api<wire.Session>("POST", "/auth/sessions", { body }),
    signOut: () => api<void>("DELETE", "/auth/sessions/this"),
    stations: (query: Request["query"]) => read<StationList>("/stations", { query }),
    station: (stationId: string) => read<wire.StationDetail>(`/stations/${id(stationId)}`),
    resolve: (code: string) =>
      read<{ pileId: string; code: string }>("/resolve", { query: { code }, tries: 2 }),
    pile: (pileId: string) => read<wire.PublicPile>(`/piles/${id(pileId)}`),
    quote: (pileId: string, connector: number, limit?: string) =>
      read<wire.Quote>(`/piles/${id(pileId)}/quote`, { query: { connector, limit } }),
    lowerLock: (pileId: string, connector: number, tap: Tap) =>
      tapped<void>(`/piles/${id(pileId)}/lower-lock`, tap, { connector }),
    start: (body: StartBody, tap: Tap) =>
      tapped<wire.Order>("/orders", tap, body, { tryMs: START_MS }),
    orders: (cursor?: string) =>
      read<wire.List<OrderRow>>("/orders", { query: { cursor, size: 20 } }),
    order: (orderId: string) => read<wire.Order>(`/orders/${id(orderId)}`),
    active: () => read<Active>("/me/active"),
    stop: (orderId: string, tap: Tap) => tapped<wire.Order>(`/orders/${id(orderId)}/stop`, tap),
    curve: (orderId: string) => read<Curve>(`/orders/${id(orderId)}/curve`),
    receipt: (orderId: string) => read<Receipt>(`/orders/${id(orderId)}/receipt`),
    pay: (orderId: string, body: PayBody, tap: Tap) =>
      tapped<wire.PaymentOpened>(`/orders/${id(orderId)}/payments`, tap, body),
    topUp: (orderId: string, body: Of<typeof wire.topUpBody>, tap: Tap) =>
      tapped<wire.Order>(`/orders/${id(orderId)}/top-up`, tap, body),
    ...bayCalls(api),
    appeal: (orderId: string, body: Of<typeof wire.appealBody>, tap: Tap) =>
      tapped<Of<typeof wire.appealAnswer>>(`/orders/${id(orderId)}/appeals`, tap, body),
    coupons: () => read<wire.Coupons>("/coupons"),
    payment: (paymentId: string) => read<Payment>(`/payments/${id(paymentId)}`),
    closePayment: (paymentId: string, tap: Tap) =>
      tapped<Payment>(`/payments/${id(paymentId)}/close`, tap),
    wallet: () => read<Wallet>("/wallet"),
    walletLines: (cursor?: string) =>
      read<WalletLines>("/wallet/lines", { query: { cursor, size: 20 } }),
    recharge: (body: RechargeBody, tap: Tap) =>
      tapped<wire.PaymentOpened>("/wallet/recharges", tap, body),
    bindings: () => read<Of<typeof wire.bindings>>("/me/bindings"),
    bind: (by: "wechat" | "alipay", tap: Tap) =>
      tapped<Of<typeof wire.bindingOpened>>("/me/bindings", tap, { by }),
    help: (body: HelpBody, tap: Tap) => tapped<{ ticketId: string }>("/help", tap, body),
    helpAsked: (cursor?: string) => read<HelpList>("/help", { query: { cursor, size: 20 } }),
    notices: (cursor?: string) => read<NoticeList>("/me/notices", { query: { cursor, size: 20 } }),
    readNotices: (tap: Tap) => tapped<void>("/me/notices/read", tap),
    pushState: () => read<Of<typeof wire.pushState>>("/me/push"),
    putPush: (body: Of<typeof wire.pushBody>, tap: Tap) =>
      api<{ deviceId: string }>("PUT", "/me/push", { tap, body }),
    dropPush: (deviceId: string, tap: Tap) =>
      api<void>("DELETE", `/me/push/${id(deviceId)}`, { tap, body: {} }),
    reach: (body: Of<typeof wire.reachBody>) => api<unknown>("PUT", "/me/reach", { body }),
    report: (body: Of<typeof wire.clientErrorBody>) =>
      api<void>("POST", "/client-errors", { body }),
  };
}

/** Bays: the fee for staying, and cars that block one. */
const bayCalls = (api: Api) => ({
  appealStay: (orderId: string, body: Of<typeof wire.appealBody>, tap: Tap) =>
    api<wire.Order>("POST", `/orders/${id(orderId)}/overstay-appeals`, { tap, body }),
  reportBay: (pileId: string, body: BayReport, tap: Tap) =>
    api<{ patrolId: string }>("POST", `/piles/${id(pileId)}/bay-reports`, { tap, body }),
  upload: (data: string, tap: Tap) => api<PhotoFacts>("POST", "/uploads", { tap, body: { data } }),
});
export type DriverCalls = ReturnType<typeof driverCalls>;
