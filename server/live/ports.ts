// What the composition root hands to the live gateway.
import type { Address, JournalRecord } from "../../wire/envelope.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Notice } from "../../wire/live.ts";
import type { Bus, Client, Clock, Log, Metrics, Tracer } from "../ports.ts";
import type { Board, StateView } from "../views/mod.ts";

/** Who watches: signed in as a driver or as ops, until when. */
export type Viewer =
  | { kind: "driver"; tenant: string; userId: string; sid: string; expiresAt: number }
  | {
    kind: "ops";
    tenant: string;
    user: { id: string; roles: readonly string[]; scope: readonly string[] | null };
    sid: string;
    expiresAt: number;
  };
type Verdict = Viewer | { kind: "nobody" } | { refusal: { code: string } };

/** Sign-in as the HTTP gateway has it (its Identity fits). */
export interface LiveIdentity {
  driverOf(token: string): Promise<Verdict>;
  opsOf(from: { token?: string; cookie?: string }): Promise<Verdict>;
  /** Is the session still good, with which rights now? */
  again(viewer: Viewer): Promise<Verdict>;
}
export interface LiveNotices {
  pending(tenant: string, userId: string): Promise<Notice[]>;
  ack(tenant: string, userId: string, id: string): Promise<void>;
}
export interface LiveDeps {
  client: Client;
  bus: Bus;
  board: Board;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer | undefined;
  identity: LiveIdentity;
  notices: LiveNotices;
  viewOf: StateView;
  /** What a drill has switched off for that person (demo only). */
  without?(userId: string): ReadonlySet<Safeguard>;
  /** Origin of our pages; others than this and the request's own host are turned away. */
  publicUrl: string;
  limits?: Partial<LiveLimits>;
}
export type OnRecord = (address: Address, record: JournalRecord, seq: number) => void;

export const liveLimits = {
  /** Watched rooms of one socket. */
  rooms: 200,
  /** Sockets of one address: an office, or a carrier's gateway. */
  perAddress: 500,
  /** A handshake must be done within (attack: half handshakes). */
  handshakeMs: 10_000,
  /** One message from a client: a watch of 50 rooms is 4 KB. */
  messageBytes: 16_384,
  /** Messages a second of one socket, and at once. */
  messagesPerS: 10,
  messagesAtOnce: 60,
  /** Unsent bytes of a socket: above it ticks are dropped; 200 rooms say 50 KB a second. */
  tickBytes: 64 * 1024,
  /** Above it wall rows are dropped, above the second it is cut off. */
  bufferBytes: 256 * 1024,
  bufferBytesMax: 1024 * 1024,
  /** How often heads are said, sessions looked at, notices said again (each third time). */
  headMs: 5_000,
  wallMs: 250,
  tickMs: 900,
  tickJitterMs: 400,
  /** Facts kept for those who come back, per room and in all. */
  history: 200,
  historyAll: 20_000,
  pingMs: 10_000,
  pongMs: 8_000,
};
export type LiveLimits = typeof liveLimits;
