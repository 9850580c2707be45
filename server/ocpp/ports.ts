// What the OCPP gateway is given, its numbers, and what one link shows to the handlers of its messages.
import type { Bus, Client, Clock, Directory, Log, Metrics, TeleWriter, Tracer } from "../ports.ts";
import type { MeterSample } from "../../wire/foreign/ocpp16/meter.ts";
import type { Settled } from "../ask-again.ts";
import type { OcppStatus } from "./words.ts";

export interface OcppDeps {
  client: Client;
  directory: Directory;
  tele: TeleWriter;
  bus: Bus;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  clock: Clock;
  gatewayId: string;
  /** Tenant of `/ocpp/<pileId>`. */
  tenant?: string;
  settings?: Partial<OcppSettings>;
}

export interface OcppSettings {
  /** Told to the pile in BootNotification. */
  heartbeatS: number;
  /** Half-open sockets show themselves within two of these. */
  pingMs: number;
  pongsMissedMax: number;
  /** How long a pile may take to answer a question of ours. */
  callMs: number;
  /** A question that could not even be sent by then is not sent any more. */
  sendMs: number;
  /** How long a status may take after it was asked for. */
  statusMs: number;
  /** A pile sends a few a second; ten times that is a fault, and its socket is read more slowly. */
  framesPerS: number;
  framesAtOnce: number;
  /** Largest real frame: StopTransaction with an hour of readings. */
  frameBytesMax: number;
  /** Unanswered questions of one pile before its socket is read no further. */
  backlogMax: number;
  /** What waits to be sent to one pile before it is cut off. */
  unsentBytesMax: number;
  /** How long what must not be lost is tried; piles give up after about 30 s and keep it. */
  recordMs: number;
  /** Frames that cannot be read, in a row, before the pile is cut off. */
  badFramesMax: number;
}
export const ocppDefaults: OcppSettings = {
  heartbeatS: 30,
  pingMs: 15_000,
  pongsMissedMax: 2,
  callMs: 10_000,
  sendMs: 1_500,
  statusMs: 4_000,
  framesPerS: 500,
  framesAtOnce: 1_000,
  frameBytesMax: 65_536,
  backlogMax: 32,
  unsentBytesMax: 262_144,
  recordMs: 25_000,
  badFramesMax: 16,
};

/** A person's card: bucket `idtags`, key `<tenant>/<idTag>`. */
export interface IdTag {
  userId: string;
  blocked?: boolean;
}

/** What a link has seen of a connector since it was opened; nothing of earlier links is believed. */
export interface ConnectorSeen {
  status?: OcppStatus;
  /** On the monotonic clock. */
  statusAt: number;
  plugged?: boolean;
  /** What was wrong with it last; "": nothing, absent: it has not said. */
  trouble?: string;
  txId?: number;
  registerWh?: number;
  /** When a reading was handed on last, on the monotonic clock; and what came too soon after it. */
  handedAt?: number;
  held?: MeterSample | undefined;
}

/** One pile's link, as the handlers see it. */
export interface PileLink {
  readonly tenant: string;
  readonly pileId: string;
  readonly linkEpoch: number;
  readonly seen: Map<number, ConnectorSeen>;
  /** Counter of the readings handed on as signals. */
  nextTick(): number;
  /** True where this link's charge was not yet complained about. */
  firstComplaint(about: string): boolean;
  /** A fact of this pile to its actor, again until recorded; null: not within the time. */
  record(type: string, body: Record<string, unknown>): Promise<Settled | null>;
  /** Same, for what may be lost: tried for a few seconds only. */
  tell(type: string, body: Record<string, unknown>): Promise<Settled | null>;
  /** What the platform shows of this pile; null where it cannot be had now. */
  show(): Promise<unknown>;
  onStatus(connector: number): void;
}

/** What a message comes to. `keep`: not answered, the socket closes, the pile sends it again. */
export type Answer =
  | { is: "result"; payload: Record<string, unknown> }
  | { is: "error"; code: "InternalError"; description: string }
  | { is: "keep"; why: string };
export const result = (payload: Record<string, unknown>): Answer => ({ is: "result", payload });
export const failed = (description: string): Answer => (
  { is: "error", code: "InternalError", description }
);

/** Lookups and stores that the handlers share. */
export interface Desk {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracer?: Tracer | undefined;
  readonly tele: TeleWriter;
  readonly client: Client;
  readonly settings: OcppSettings;
  /** Undefined: the directory cannot be asked now; null: no such card. */
  card(tenant: string, idTag: string): Promise<IdTag | null | undefined>;
}

export function seenAt(link: PileLink, connector: number): ConnectorSeen {
  let seen = link.seen.get(connector);
  if (seen === undefined) {
    seen = { statusAt: -1 };
    link.seen.set(connector, seen);
  }
  return seen;
}

/** Why the gateway closes a pile's socket (RFC 6455, 7.4; 4000 on are ours). */
export const closeCodes = {
  goingAway: 1001, // this node stops: connect again
  protocol: 1002, // no subprotocol in common
  notText: 1003,
  policy: 1008, // blocked, unknown, or nothing but rubbish
  tryLater: 1013, // not recorded: keep your queue, connect again
  replaced: 4001, // the same pile has connected again
} as const;
