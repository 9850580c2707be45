// What can be said to a driver's inbox, and what it shows: notices until they are read, the devices
// that want them pushed, and what each way out came to.
import * as z from "zod";
import { outcome } from "./order.ts";
import { iso } from "./units.ts";

/** Id of a notice: of the effect that caused it, so that the same notice twice is one. */
export const noticeId = z.string().min(1).max(200);
/** Of a browser that takes pushes: a digest of its endpoint. */
export const deviceId = z.string().regex(/^dev_[0-9A-Za-z_-]{16,60}$/);
const facts = z.record(z.string(), z.unknown());
const READ_MAX = 50;

export const inboxCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("TakeNotice"), // the port "notify", for any actor; the same id twice is one
    id: noticeId,
    code: z.string().min(1).max(80),
    facts,
  }),
  z.strictObject({ type: z.literal("AckNotice"), id: noticeId }), // a socket: a page has it
  z.strictObject({
    type: z.literal("ReadNotices"), // driver; without ids: all
    ids: z.array(noticeId).min(1).max(READ_MAX).optional(),
  }),
  z.strictObject({ type: z.literal("PutDevice"), deviceId }), // driver
  z.strictObject({ type: z.literal("RemoveDevice"), deviceId }), // driver, or whose browser it is now
  z.strictObject({
    type: z.literal("WayAnswered"), // what the port "way" came to
    ref: z.strictObject({ id: noticeId, target: z.string() }),
    answer: outcome,
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type InboxCommand = z.infer<typeof inboxCommand>;

/** Body of a call on the port "notify": what any actor says to have a driver told. */
export const noticeCall = z.object({
  tenant: z.string(),
  userId: z.string(),
  code: z.string().min(1).max(80),
  facts: facts.default({}),
});
/** Body of a call on the port "way": one notice by one way to one target. */
export const wayCall = z.strictObject({
  tenant: z.string(),
  userId: z.string(),
  /** `sms`, `mail`, `push/<deviceId>`. */
  target: z.string(),
  id: noticeId,
  code: z.string(),
  facts,
  /** When the inbox took it. */
  at: z.int(),
});
export type WayCall = z.infer<typeof wayCall>;
/**
 * How a way says no: `nobody` (no address) and `refused` (will never go) end it, `gone` ends the
 * device, anything else is tried again.
 */
export const wayRefusals = ["way.nobody", "way.refused", "way.gone", "way.failed"] as const;
export type WayRefusal = typeof wayRefusals[number];

export const noticeItem = z.strictObject({
  id: noticeId,
  code: z.string(),
  facts,
  at: iso,
  read: z.boolean(),
});
export type NoticeItem = z.infer<typeof noticeItem>;
/** The read "list": the newest, and whether older ones lie in the archive alone. */
export const inboxView = z.strictObject({
  v: z.int(),
  items: z.array(noticeItem),
  unread: z.int(),
  devices: z.array(deviceId),
  older: z.boolean(),
});
export type InboxView = z.infer<typeof inboxView>;
