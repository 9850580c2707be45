// What browsers and the platform say over socket.io (path /live, namespaces /driver and /ops).
// Commands go by HTTP: here one watches rooms, and is told.
import * as z from "zod";
import { fenPlus, iso, socPct, watt, wh } from "./units.ts";
import { noticeId } from "./inbox.ts";
import { wallRow } from "./http-ops.ts";

/** `order:<id> reservation:<id> pile:<id> station:<id> ticket:<id> user:me wall:<station|all> alerts drill:<run>` */
export const roomName = z.string().regex(
  /^((order|reservation|pile|station|ticket|drill|wall):[0-9A-Za-z_-]{1,80}|user:me|alerts)$/,
);
const ROOMS_MAX = 50; // one page watches a handful; a station's page its piles
const version = z.int().min(0);

// client to server --------------------------------------------------------------------------------
export const watch = z.strictObject({
  rooms: z.array(z.strictObject({ room: roomName, v: version.optional() })).min(1).max(ROOMS_MAX),
});
export const unwatch = z.strictObject({ rooms: z.array(roomName).min(1).max(ROOMS_MAX) });
export const noticeAck = z.strictObject({ id: noticeId });
export const auth = z.strictObject({ token: z.string().min(10).max(4000) });
export type Watch = z.infer<typeof watch>;

// server to client --------------------------------------------------------------------------------
/** Journaled. v = mine + 1: apply; <= mine: drop; else: watch again. `view` is the whole new state. */
export const fact = z.strictObject({
  room: roomName,
  v: version,
  at: iso,
  /** Last event's type. */
  type: z.string(),
  sv: z.int(),
  data: z.strictObject({ events: z.array(z.string()), view: z.unknown() }),
});
export type Fact = z.infer<typeof fact>;

/** Volatile, at most one a second and room: apply if (linkEpoch, n) grew; never changes a status. */
export const tick = z.strictObject({
  room: roomName,
  n: z.int(),
  t: iso,
  linkEpoch: z.int(),
  energyWh: wh,
  powerW: watt,
  socPct: socPct.nullable(),
  costFen: fenPlus,
  elapsedMs: z.int().min(0),
});
export type Tick = z.infer<typeof tick>;

export const watched = z.strictObject({
  rooms: z.array(z.strictObject({
    room: roomName,
    v: version,
    /** Instead of `events`, where nothing is known or the gap is over 200. */
    snapshot: z.unknown().optional(),
    events: z.array(fact).optional(),
  })),
  refused: z.array(z.strictObject({ room: z.string(), code: z.string() })),
});
export type Watched = z.infer<typeof watched>;
/** Answer to what could not be read at all. */
export const refusedMessage = z.strictObject({
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
});
export const done = z.strictObject({ ok: z.literal(true) });

export const head = z.record(roomName, version);
export const revoked = z.strictObject({ room: roomName, code: z.string() });
export const drain = z.strictObject({ reconnectMs: z.int(), jitterMs: z.int() });
/** Said again until acknowledged. */
export const notice = z.strictObject({
  id: z.string(),
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
});
export type Notice = z.infer<typeof notice>;
export const alert = z.strictObject({
  id: z.string(),
  severity: z.enum(["info", "warning", "critical"]),
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
});
export type Alert = z.infer<typeof alert>;
/** Snapshot of a wall room is `{rows}` with v = seq; a gap in seq: watch again. */
export const wallUpdate = z.strictObject({
  room: roomName,
  seq: version,
  full: z.array(wallRow).optional(),
  set: z.array(wallRow).optional(),
  gone: z.array(z.string()).optional(),
});
export type WallUpdate = z.infer<typeof wallUpdate>;

type Ack<T> = (answer: T | z.infer<typeof refusedMessage>) => void;
export interface ClientToServer {
  watch(message: Watch, ack: Ack<Watched>): void;
  unwatch(message: z.infer<typeof unwatch>, ack?: Ack<z.infer<typeof done>>): void;
  auth(message: z.infer<typeof auth>, ack?: Ack<z.infer<typeof done>>): void;
  "notice-ack"(message: z.infer<typeof noticeAck>, ack?: Ack<z.infer<typeof done>>): void;
}
export interface ServerToClient {
  fact(message: Fact): void;
  tick(message: Tick): void;
  head(message: z.infer<typeof head>): void;
  revoked(message: z.infer<typeof revoked>): void;
  drain(message: z.infer<typeof drain>): void;
  notice(message: Notice): void;
  alert(message: Alert): void;
  wall(message: WallUpdate): void;
}
