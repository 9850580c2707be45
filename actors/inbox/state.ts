// What a driver's inbox is: the newest notices, and one lane for each way out. The head of a lane is on
// its way, the others wait for it, so that notices of one way arrive in order.
import type { InboxCommand } from "../../wire/inbox.ts";
import type { IncidentRaised } from "../../wire/incident.ts";
import type { Instant } from "../../wire/units.ts";

/** `sms`, `mail`, `push/<deviceId>`. */
export type Target = string;
export interface Kept {
  id: string;
  code: string;
  facts: Record<string, unknown>;
  at: Instant;
  /** The driver has seen it. */
  read: boolean;
  /** A page has it: sockets say it no more. */
  acked: boolean;
  sent: Target[];
  failed: Target[];
}
export interface Lane {
  /** Notice ids, the head under way. */
  queue: string[];
  /** Tries of the head so far that came to nothing. */
  failures: number;
}
export interface InboxState {
  /** Oldest first. */
  notices: Kept[];
  /** Notices that left: they are in the archive. */
  left: number;
  lanes: Record<Target, Lane>;
  devices: string[];
}

export type InboxEvent =
  | {
    type: "NoticeTaken";
    id: string;
    code: string;
    facts: Record<string, unknown>;
    targets: Target[];
  }
  | { type: "NoticeAcked"; id: string }
  | { type: "NoticesRead"; ids: string[] }
  | { type: "NoticeSent"; id: string; target: Target }
  | { type: "SendFailed"; id: string; target: Target; code: string; againAt: Instant }
  | { type: "SendTriedAgain"; id: string; target: Target }
  | { type: "SendGivenUp"; id: string; target: Target; code: string }
  | { type: "DevicePut"; deviceId: string }
  | { type: "DeviceRemoved"; deviceId: string; why: "asked" | "gone" | "one-too-many" }
  | IncidentRaised;

export type Of<T extends InboxCommand["type"]> = Extract<InboxCommand, { type: T }>;

/** What a page shows at once; the state of every record carries them. */
export const NOTICES_MAX = 40;
/** A person's phones and computers. */
export const DEVICES_MAX = 8;
/** Waiting at one way: more are noted as given up, the way is out of order. */
export const QUEUE_MAX = 20;
/** Facts of one notice as JSON; more is left out: the order holds them. */
export const FACTS_CHARS_MAX = 2_000;
/** Pauses between the tries of one notice by one way; then it is given up. */
export const AGAIN_MS: readonly number[] = [1_000, 5_000, 30_000, 120_000];

export const pushTarget = (deviceId: string): Target => `push/${deviceId}`;
export const deviceOf = (target: Target): string | null =>
  target.startsWith("push/") ? target.slice("push/".length) : null;
