// What drivers say over HTTP and what they get: `/v1`, JSON; fen, Wh, W, ms; instants as ISO text.
// Requests are strict (unknown keys are refused); the console's shapes lie in http-ops.ts.
import * as z from "zod";
import { bindingId, couponId, orderId, pileCode, pileId, stationId } from "./ids.ts";
import { connectorNo, fenPlus, iso, milliFenPerKwh, socPct, watt, wh } from "./units.ts";
import { bill, periodKind } from "./tariff.ts";
import {
  couponView,
  handoff,
  paymentPurpose,
  paymentStatus,
  paymentView,
  walletLine,
  walletView,
} from "./money.ts";
import {
  duePurpose,
  orderStatus,
  orderView,
  type PayAnswer,
  payAnswer,
  payBy,
  provider,
  startOrderBody,
  TOP_UP_FEN_MAX,
} from "./order.ts";
import { pileView, quoteView } from "./pile.ts";
import { reservationView } from "./reservation.ts";
import { deviceId, noticeId, noticeItem } from "./inbox.ts";
import { ticketId, ticketStatus, ticketView } from "./ticket.ts";
import { stationView, userView } from "./user.ts";

// every answer ------------------------------------------------------------------------------------
/** Outward form of a refusal, a fault or a bug. Code and facts count; `message` is for reading logs. */
export const errorBody = z.strictObject({
  code: z.string(),
  message: z.string(),
  facts: z.record(z.string(), z.unknown()),
  retry: z.enum(["never", "same-key", "after"]),
  afterMs: z.int().min(0).optional(),
  traceId: z.string(),
});
export type ErrorBody = z.infer<typeof errorBody>;

/** A list as of a moment: `lagMs` is how old the copy may be, `next` the cursor of the next page. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({
    items: z.array(item),
    next: z.string().nullable(),
    asOf: iso,
    lagMs: z.int().min(0),
  });
export interface List<T> {
  items: T[];
  next: string | null;
  asOf: string;
  lagMs: number;
}

const LIST_MAX = 200; // a page that a phone can show and one MongoDB batch can hold
const count = (min: number, max: number) =>
  z.string().regex(/^[0-9]{1,15}$/).transform(Number).pipe(z.int().min(min).max(max));
const yes = z.enum(["true", "false", "1", "0"]).transform((text) =>
  text === "true" || text === "1"
);
export const paging = {
  cursor: z.string().max(200).optional(),
  size: count(1, LIST_MAX).optional(),
};
/** GET of one actor: `minV` waits up to 2 s for that version, `waitV` up to 25 s for a newer one. */
export const versionQuery = z.strictObject({
  minV: count(0, Number.MAX_SAFE_INTEGER).optional(),
  waitV: count(0, Number.MAX_SAFE_INTEGER).optional(),
});

// sign-in -----------------------------------------------------------------------------------------
/** Mainland mobile number, or E.164 with its plus. */
export const phone = z.string().regex(/^(1[3-9][0-9]{9}|\+[1-9][0-9]{6,14})$/);
export const codeBody = z.strictObject({ phone });
export const sessionBody = z.strictObject({
  phone,
  code: z.string().regex(/^[0-9]{6}$/),
  /** What the client calls itself: shown in the list of sessions. */
  device: z.string().min(1).max(120),
  /** Agreement that the page showed; left out: the one in force. */
  agreementVersion: z.string().min(1).max(40).optional(),
});
export const refreshBody = z.strictObject({ refresh: z.string().min(20).max(200) });
const tokens = { token: z.string(), refresh: z.string(), expiresAt: iso };
export const refreshed = z.strictObject(tokens);
export const session = z.strictObject({ ...tokens, user: userView });
export type Session = z.infer<typeof session>;

// stations and piles ------------------------------------------------------------------------------
const coordinate = /^-?[0-9]{1,2}(\.[0-9]{1,8})?,-?[0-9]{1,3}(\.[0-9]{1,8})?$/;
export const stationsQuery = z.strictObject({
  /** lat,lon in WGS84. */
  near: z.string().regex(coordinate).transform((text) => {
    const [lat, lon] = text.split(",").map(Number);
    return { lat: lat!, lon: lon! };
  }).pipe(
    z.strictObject({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) }),
  ).optional(),
  radiusM: count(1, 1_000_000).optional(),
  /** Only stations with a free connector. */
  free: yes.optional(),
  ...paging,
});
const place = stationView.pick({
  id: true,
  name: true,
  address: true,
  lat: true,
  lon: true,
  zone: true,
  phone: true,
});
export const stationRow = z.strictObject({
  ...place.shape,
  distanceM: z.int().nullable(),
  connectors: z.strictObject({ total: z.int(), free: z.int() }),
  powerWMax: watt,
  /** Price of this minute. */
  price: z.strictObject({
    kind: periodKind,
    energyMilliFenPerKwh: milliFenPerKwh,
    serviceMilliFenPerKwh: milliFenPerKwh,
  }),
  tariffVersion: z.string(),
});
export type StationRow = z.infer<typeof stationRow>;
export const stationList = listOf(stationRow);

/** One word for a whole pile, as lists and the wall show it. */
export const pileStatus = z.enum([
  "offline",
  "disabled",
  "faulted",
  "charging",
  "starting",
  "stopping",
  "occupied",
  "reserved",
  "plugged",
  "free",
]);
export type PileStatus = z.infer<typeof pileStatus>;
const connector = pileView.shape.connectors.element;
/** A pile as anybody who is signed in may see it: nobody's order, nothing of its link. */
export const publicPile = z.strictObject({
  ...pileView.pick({
    id: true,
    v: true,
    stationId: true,
    code: true,
    lane: true,
    ratedPowerW: true,
    presence: true,
    disabled: true,
    tariffVersion: true,
    stationPhone: true,
  }).shape,
  status: pileStatus,
  connectors: z.array(connector.omit({ orderId: true, registerWh: true })),
});
export type PublicPile = z.infer<typeof publicPile>;
export const stationDetail = z.strictObject({
  ...place.shape,
  v: z.int(),
  tariff: stationView.shape.tariff,
  piles: z.array(publicPile),
  /** How old the piles' part may be; the station itself comes from its actor. */
  asOf: iso,
  lagMs: z.int().min(0),
});
export type StationDetail = z.infer<typeof stationDetail>;

/** Number under the QR code, or all of its text. */
export const resolveQuery = z.strictObject({ code: z.string().min(1).max(500) });
export const resolved = z.strictObject({ pileId, code: pileCode });

const LIMIT = /^(energyWh|moneyFen|timeMs|socPct):[0-9]{1,12}$/;
/** `limit=moneyFen:5000`: name and number of one limit. */
export const quoteQuery = z.strictObject({
  connector: count(1, 64).pipe(connectorNo),
  limit: z.string().regex(LIMIT).optional(),
});
export const quote = z.strictObject({
  pileId,
  connector: connectorNo,
  v: z.int(),
  ...quoteView.shape,
});
export type Quote = z.infer<typeof quote>;

// orders ------------------------------------------------------------------------------------------
export const startBody = startOrderBody;
export const order = orderView;
export type Order = z.infer<typeof order>;
export const ordersQuery = z.strictObject({
  status: orderStatus.optional(),
  /** Only those whose car still stands at the connector after its charge. */
  staying: z.literal("true").optional(),
  ...paging,
});
export const orderRow = orderView.omit({ live: true, next: true });
export const orderList = listOf(orderRow);
export const active = z.strictObject({
  orders: z.array(order),
  reservations: z.array(reservationView),
});
export const billAnswer = z.strictObject({ orderId, v: z.int(), status: orderStatus, bill });
export const curvePoint = z.strictObject({
  t: iso,
  powerW: watt.optional(),
  registerWh: wh.optional(),
  socPct: socPct.optional(),
});
export const curve = z.strictObject({ orderId, items: z.array(curvePoint), asOf: iso });
export const receipt = z.strictObject({
  orderId,
  v: z.int(),
  paidAt: iso,
  startedAt: iso.optional(),
  endedAt: iso.optional(),
  pileId,
  connector: connectorNo,
  stationId: stationId.optional(),
  by: payBy,
  bill,
});

// money -------------------------------------------------------------------------------------------
/** Never an amount: it is the order's. */
export const payBody = z.strictObject({
  purpose: duePurpose,
  by: payBy,
  couponId: couponId.optional(),
});
export const coupons = z.strictObject({ v: z.int(), items: z.array(couponView) });
export type Coupons = z.infer<typeof coupons>;
/** Left out: as much more as a new hold would be. */
export const topUpBody = z.strictObject({
  fen: fenPlus.min(100).max(TOP_UP_FEN_MAX).optional(),
});
export const appealBody = z.strictObject({ text: z.string().min(1).max(1000) });
export const appealAnswer = z.strictObject({ appealId: z.string(), status: z.literal("open") });
export const payment = paymentView;
export const paymentOpened = payAnswer;
export type PaymentOpened = PayAnswer;
const RECHARGE_FEN_MAX = 5_000_000; // 50,000 yuan at once: above it a transfer, not a phone
export const rechargeBody = z.strictObject({
  fen: fenPlus.min(1).max(RECHARGE_FEN_MAX),
  by: provider,
});
export const wallet = z.strictObject({
  v: z.int(),
  currency: z.string(),
  balanceFen: z.int(),
  heldFen: fenPlus,
  holds: z.array(z.strictObject({ orderId, fen: fenPlus })),
  /** Set aside for reservations. */
  deposits: walletView.shape.deposits,
  /** What stands open and blocks new charges until it is paid; taken from the next recharge. */
  debts: z.array(z.strictObject({
    orderId,
    fen: fenPlus,
    purpose: z.literal("overstay").optional(),
  })),
  /** Too many bays kept too long: no start until then. */
  startsBarredUntil: iso.optional(),
  /** 先充后补: how much may be charged on credit now; 0 with the reason. */
  credit: z.strictObject({
    limitFen: fenPlus,
    usedFen: fenPlus,
    leftFen: fenPlus,
    why: z.enum(["blocked", "debt-open", "was-overdue", "not-allowed", "too-new"]).optional(),
  }),
});
export const walletLines = listOf(walletLine);
export const linesQuery = z.strictObject(paging);
export const bindBody = z.strictObject({ by: provider });
export const bindingOpened = z.strictObject({
  bindingId,
  paymentId: z.string(),
  status: paymentStatus,
  handoff: handoff.optional(),
});
export const bindings = z.strictObject({
  v: z.int(),
  items: z.array(z.strictObject({ id: bindingId, by: provider })),
});
export const purpose = paymentPurpose;

// notices -----------------------------------------------------------------------------------------
export const noticeList = z.strictObject({ ...listOf(noticeItem).shape, unread: z.int().min(0) });
export const readNoticesBody = z.strictObject({ ids: z.array(noticeId).min(1).max(50).optional() });
const PUSH_KEY_CHARS = 200; // 65 and 16 bytes in base64url, and some
export const pushBody = z.strictObject({
  endpoint: z.url().max(1000),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[A-Za-z0-9_=-]{80,}$/).max(PUSH_KEY_CHARS),
    auth: z.string().regex(/^[A-Za-z0-9_=-]{16,}$/).max(PUSH_KEY_CHARS),
  }),
});
export const pushAnswer = z.strictObject({ deviceId });
/** `publicKey`: with which a browser subscribes; null: nobody is pushed to. */
export const pushState = z.strictObject({
  publicKey: z.string().nullable(),
  devices: z.array(deviceId),
});
export const mailAddress = z.email().max(200);
/** How the driver is told things: language of SMS, push and mail; a mail address once it is proven. */
export const reach = z.strictObject({
  language: z.enum(["zh", "en"]),
  mail: mailAddress.nullable(),
});
export const reachBody = z.strictObject({
  language: z.enum(["zh", "en"]).optional(),
  /** A new address gets a code first, which POST …/mail takes; null: no mail any more. */
  mail: mailAddress.nullable().optional(),
});
export const mailCodeBody = z.strictObject({
  mail: mailAddress,
  code: z.string().regex(/^[0-9]{6}$/),
});

// help --------------------------------------------------------------------------------------------
export const helpBody = z.strictObject({
  orderId: orderId.optional(),
  pileId: pileId.optional(),
  text: z.string().max(1000).optional(),
});
export const helpAnswer = z.strictObject({ ticketId, v: z.int() });
export const ticketsQuery = z.strictObject({ status: ticketStatus.optional(), ...paging });
export const ticketList = listOf(ticketView);
export const clientErrorBody = z.strictObject({
  message: z.string().max(1000),
  stack: z.string().max(8000).optional(),
  page: z.string().max(300).optional(),
  release: z.string().max(80).optional(),
  at: iso.optional(),
});
