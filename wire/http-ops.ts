// What the console says over HTTP and what it gets; every mutation but the emergency stop has a key.
import * as z from "zod";
import { approvalStatus, approvalView } from "./approval.ts";
import { approvalId, idTag, opsId, orderId, pileCode, pileId, stationId, userId } from "./ids.ts";
import { connectorNo, iso, watt } from "./units.ts";
import { tariff } from "./tariff.ts";
import { incidentRaised } from "./incident.ts";
import { lane, pileCommand, pileView } from "./pile.ts";
import { reserveRule } from "./slot.ts";
import { stationView } from "./user.ts";
import { listOf, paging, pileStatus } from "./http.ts";

// sign-in -----------------------------------------------------------------------------------------
export const opsRole = z.enum(["viewer", "service", "operator", "finance", "admin"]);
export type OpsRole = z.infer<typeof opsRole>;
export const passwordBody = z.strictObject({
  name: z.string().min(1).max(80),
  password: z.string().min(1).max(200),
});
/** The way to the second step: good for five minutes, worth nothing without the code. */
export const passwordAnswer = z.strictObject({ ticket: z.string(), expiresAt: iso });
export const mfaBody = z.strictObject({
  ticket: z.string().min(20).max(1000),
  code: z.string().regex(/^[0-9]{6}$/),
});
export const opsUser = z.strictObject({
  id: opsId,
  name: z.string(),
  roles: z.array(opsRole),
  /** Stations that may be touched; null: all. */
  scope: z.array(stationId).nullable(),
});
export type OpsUser = z.infer<typeof opsUser>;
/** `csrf` goes into the header X-CSRF of every mutation; the session itself is a cookie. */
export const opsSession = z.strictObject({ user: opsUser, csrf: z.string(), expiresAt: iso });
export type OpsSession = z.infer<typeof opsSession>;
/** For the handshake's `auth` where a cookie cannot travel. */
export const liveToken = z.strictObject({ token: z.string(), expiresAt: iso });

// stations and piles ------------------------------------------------------------------------------
const openStation = stationView.pick({ name: true, address: true, lat: true, lon: true });
export const stationBody = z.strictObject({
  name: z.strictObject({ zh: z.string().min(1).max(80), en: z.string().min(1).max(80) }),
  address: z.strictObject({ zh: z.string().max(200), en: z.string().max(200) }),
  lat: openStation.shape.lat.min(-90).max(90),
  lon: openStation.shape.lon.min(-180).max(180),
  zone: z.string().min(1).max(64),
  phone: z.string().min(3).max(40),
  tariff,
});
/** `null`: the platform's rules of reservations again. */
export const reserveRuleBody = z.strictObject({
  rule: reserveRule.nullable(),
  reason: z.string().min(1).max(500),
});
export const stationPhoneBody = z.strictObject({ phone: z.string().min(3).max(40) });
/** What is printed on each pile: the number, what the QR code holds, whom to call. */
export const stickerSheet = z.strictObject({
  station: z.strictObject({
    id: stationId,
    name: z.strictObject({ zh: z.string(), en: z.string() }),
    phone: z.string(),
  }),
  stickers: z.array(z.strictObject({ pileId, code: pileCode, url: z.string() })),
});
const registerPile = pileCommand.options[0]; // RegisterPile
export const pileBody = z.strictObject({
  /** What the pile puts in its OCPP path; left out: made. */
  id: pileId.optional(),
  stationId,
  connectors: registerPile.shape.connectors,
  lane,
  ratedPowerW: watt.min(1000),
  /** Left out: minted. */
  secret: z.string().min(16).max(100).optional(),
});
export const pileCreated = z.strictObject({
  id: pileId,
  code: pileCode,
  /** Shown this once. */
  secret: z.string(),
  /** Public key (Ed25519, base64) by which the pile checks commands. */
  platformKey: z.string(),
  v: z.int(),
});
export const secretBody = z.strictObject({ secret: z.string().min(16).max(100).optional() });
export const secretRotated = z.strictObject({
  id: pileId,
  secret: z.string(),
  platformKey: z.string(),
});
export const pilesQuery = z.strictObject({
  stationId: stationId.optional(),
  status: pileStatus.optional(),
  ...paging,
});
export const pileList = listOf(z.strictObject({ ...pileView.shape, status: pileStatus }));
export const commandBody = z.strictObject({
  kind: z.enum(["disable", "enable", "lock-up", "lock-down"]),
  /** Of a lock; absent: the first bay that has one. */
  connector: connectorNo.optional(),
  reason: z.string().min(1).max(500),
  confirm: z.literal(true),
});

// what goes on ------------------------------------------------------------------------------------
/** [pileId, status, powerW, ageMs] */
export const wallRow = z.tuple([pileId, pileStatus, watt, z.int().min(0)]);
export type WallRow = z.infer<typeof wallRow>;
export const wall = z.strictObject({
  asOf: iso,
  lagMs: z.int().min(0),
  rows: z.array(wallRow),
  stations: z.array(z.strictObject({
    id: stationId,
    name: z.strictObject({ zh: z.string(), en: z.string() }),
    piles: z.array(pileId),
  })),
});
export type Wall = z.infer<typeof wall>;
/** An event as the archive has it. */
export const timelineItem = z.strictObject({
  v: z.int(),
  at: iso,
  type: z.string(),
  by: z.strictObject({ kind: z.string(), id: z.string() }),
  command: z.string(),
  event: z.record(z.string(), z.unknown()),
});
export const timeline = listOf(timelineItem);
export const incidentsQuery = z.strictObject({
  row: z.string().max(12).optional(),
  outcome: incidentRaised.shape.outcome.optional(),
  /** A raw code, a fault's name in the catalogue, or a cause: exactly as it is on record. */
  code: z.string().min(1).max(500).optional(),
  ...paging,
});
export const incidentRow = z.strictObject({
  ...incidentRaised.omit({ type: true }).shape,
  id: z.string(),
  at: iso,
});
export const incidentList = listOf(incidentRow);
/** Where an actor lives and what it is busy with. */
export const inspected = z.looseObject({
  v: z.int(),
  /** Of its newest record, ms since 1970; as those of `out` and `timers`. */
  at: z.int(),
  node: z.string(),
  mailbox: z.int(),
  waiters: z.int(),
  out: z.array(z.looseObject({ id: z.string(), lane: z.string(), at: z.int(), to: z.string() })),
  parked: z.int(),
  timers: z.record(z.string(), z.int()),
  /** Answers of people, and senders, that it remembers. */
  done: z.int(),
  senders: z.int(),
  quarantined: z.boolean(),
});

// money --------------------------------------------------------------------------------------------
export const creditBody = z.strictObject({
  /** Null: by the rules again; 0: none. */
  limitFen: z.int().min(0).max(1_000_000).nullable(),
  reason: z.string().min(1).max(500),
});

/** Takes an amount off a bill, or gives it back. */
export const adjustmentBody = z.strictObject({
  fen: z.int().min(1).max(1_000_000),
  reason: z.string().min(1).max(500),
});
/** Above the limit it waits for others. */
export const adjusted = z.union([
  z.strictObject({ adjustmentId: z.string() }),
  z.strictObject({ approvalId }),
]);
export const appealDecisionBody = z.strictObject({ reason: z.string().min(1).max(500) });
export const approvalsQuery = z.strictObject({ status: approvalStatus.optional(), ...paging });
export const approvalList = listOf(approvalView);
export const approvalShown = approvalView;

// interventions -----------------------------------------------------------------------------------
const reason = z.string().min(1).max(500);
export const forceStopBody = z.strictObject({ reason });
export const reviewBody = z.strictObject({ accept: z.boolean(), reason });
export const estopBody = z.union([
  z.strictObject({ pileId, reason }),
  z.strictObject({ stationId, reason }),
]);
export const estopAnswer = z.strictObject({
  piles: z.array(z.strictObject({ pileId, orders: z.array(orderId), outcome: z.string() })),
});

// cards -------------------------------------------------------------------------------------------
export const cardBody = z.strictObject({ idTag, userId, blocked: z.boolean().optional() });
export const card = z.strictObject({
  idTag,
  userId,
  blocked: z.boolean(),
  updatedAt: iso,
});
export const cardList = listOf(card);

// sandbox (demo only) -----------------------------------------------------------------------------
export const inboxItem = z.strictObject({
  at: iso,
  by: z.enum(["sms", "mail"]),
  code: z.string().optional(),
  text: z.string(),
});
export const misbehaviour = z.enum([
  "act-then-drop",
  "drop-then-act",
  "hang",
  "error-after-success",
  "die-before-commit",
  "die-after-commit",
  "late",
  "double",
  "reorder",
  "forged",
  "wrong-amount",
  "paid-after-close",
  "lost",
]);
export type Misbehaviour = z.infer<typeof misbehaviour>;
export const behaviourBody = z.strictObject({
  /** Each once, in this order. */
  next: z.array(misbehaviour).max(100),
  /** Nobody else's: `next` is for payments of these numbers or this amount, beside what others want. */
  only: z.strictObject({
    payments: z.array(z.string().max(64)).max(20).optional(),
    fen: z.int().optional(),
  }).optional(),
  /** How often by itself, in thousandths, drawn from `seed`. */
  rates: z.partialRecord(misbehaviour, z.int().min(0).max(1000)).optional(),
  seed: z.int().optional(),
});
export type Behaviour = z.infer<typeof behaviourBody>;
export const billDayQuery = z.strictObject({ day: z.iso.date() });
