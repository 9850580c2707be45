// What a way out is: it brings one notice to one target, or says why not. And the memory that makes a
// repeat of the same call nothing: the effect may come twice, the message must not.
import type { WayRefusal } from "../../wire/inbox.ts";
import type { Language } from "../../wire/notice.ts";
import type { NoticeText } from "./words.ts";

/** How a person can be reached; opened from the vault for one sending. */
export interface Reach {
  language: Language;
  phone?: string;
  mail?: string;
  /** By device id. */
  devices: Readonly<Record<string, PushSubscription>>;
}
export interface PushSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}
export interface Message extends NoticeText {
  tenant: string;
  /** The same for every try of this notice to this target: a port that can, takes it once. */
  key: string;
  id: string;
  code: string;
}
/** What it came to; `why` is for the log. */
export type Sent = { ok: true } | { ok: false; code: WayRefusal; why: string };
/** `deviceId`: the browser, where the way has several. Never throws. */
export type SendBy = (reach: Reach, message: Message, deviceId: string) => Promise<Sent>;

export const sent: Sent = { ok: true };
export const unsent = (code: WayRefusal, why: string): Sent => ({ ok: false, code, why });
/** Of an error whose message may hold somebody's address. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? error.name : typeof error;
