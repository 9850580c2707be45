// Door of notices: what a person is told, kept in an inbox until read, said at once to open pages, and
// by SMS where it must not wait. SMS goes by a port; its sandbox keeps the messages for the demo.
import * as z from "zod";
import { liveSubject } from "../../wire/subjects.ts";
import type { Notice } from "../../wire/live.ts";
import { isoOf } from "../../wire/units.ts";
import type { Bucket, Bus, Clock, Directory, Log, Metrics } from "../ports.ts";

export type Channel = "socket" | "inbox" | "sms" | "push";
/** Body of a call on the port "notify". */
export const noticeCall = z.strictObject({
  tenant: z.string(),
  userId: z.string(),
  code: z.string().max(80),
  facts: z.record(z.string(), z.unknown()).default({}),
  channels: z.array(z.string().max(20)).default(["socket", "inbox"]),
});
export interface SmsPort {
  send(tenant: string, phone: string, message: { text: string; code?: string }): Promise<void>;
}
export interface NotifyDeps {
  directory: Directory;
  bus: Bus;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  sms: SmsPort;
  /** Opens a person's phone number from the vault. */
  phoneOf(tenant: string, userId: string): Promise<string | null>;
}
type PortAnswer = { ok: true; body: unknown } | {
  ok: false;
  refusal: { code: string; facts: Record<string, unknown> };
};
export interface Notify {
  /** Handler of the port "notify"; the same call twice is one notice. */
  port(call: { id: string; body: Record<string, unknown> }): Promise<PortAnswer>;
  /** Notices that were not acknowledged yet, oldest first. */
  pending(tenant: string, userId: string): Promise<Notice[]>;
  ack(tenant: string, userId: string, id: string): Promise<void>;
}

interface Kept {
  notice: Notice;
  at: number;
}
const KEPT_MS = 7 * 24 * 3_600_000; // a notice unread for a week is read in the order's history
const PENDING_MAX = 50;

export async function createNotify(deps: NotifyDeps): Promise<Notify> {
  const { bus, metrics } = deps;
  // One entry a person: a page that opens reads one, however many people there are.
  const inbox: Bucket<Kept[]> = await deps.directory.bucket("notices", { ttlMs: KEPT_MS });
  const nameOf = (tenant: string, userId: string) => `${tenant}/${userId}`;
  return {
    async port({ id, body }) {
      const call = noticeCall.safeParse(body);
      if (!call.success) return { ok: false, refusal: { code: "command.malformed", facts: {} } };
      const { tenant, userId, code, facts, channels } = call.data;
      const notice: Notice = { id, code, facts };
      const isNew = await change(
        inbox,
        nameOf(tenant, userId),
        (all) =>
          all.some((one) => one.notice.id === id)
            ? null
            : [...all, { notice, at: deps.clock.now() }].slice(-PENDING_MAX),
      );
      if (!isNew) return { ok: true, body: null };
      metrics.count("notices", { code });
      bus.publish(liveSubject({ tenant, kind: "notice", id: userId }), notice);
      if (channels.includes("sms")) await sendSms(deps, tenant, userId, notice);
      return { ok: true, body: null };
    },
    async pending(tenant, userId) {
      const found = await inbox.get(nameOf(tenant, userId));
      return (found?.value ?? []).map(({ notice }) => notice);
    },
    async ack(tenant, userId, id) {
      await change(inbox, nameOf(tenant, userId), (all) => {
        const left = all.filter(({ notice }) => notice.id !== id);
        return left.length < all.length ? left : null;
      });
    },
  };
}

/** The inbox has it: an SMS that does not go must not hold the lane. */
async function sendSms(
  { phoneOf, sms, log }: NotifyDeps,
  tenant: string,
  userId: string,
  notice: Notice,
): Promise<void> {
  try {
    const phone = await phoneOf(tenant, userId);
    if (phone) await sms.send(tenant, phone, { text: textOf(notice) });
  } catch (error) {
    log.warn({ code: notice.code, error: String(error) }, "SMS not sent");
  }
}

/** Two processes that change one list at once: each loses at most as often as others win. */
const RACE_TRIES = 100;
/** The list was changed by somebody else again and again. */
class InboxBusy extends Error {
  override readonly name = "InboxBusy";
}
/** Applies the change to the newest list; false where there is nothing to change (null). */
async function change<T>(
  bucket: Bucket<T[]>,
  name: string,
  apply: (all: T[]) => T[] | null,
): Promise<boolean> {
  for (let race = 0; race < RACE_TRIES; race++) {
    const found = await bucket.get(name);
    const next = apply(found?.value ?? []);
    if (next === null) return false;
    const stored = found
      ? await bucket.update(name, next, found.revision)
      : await bucket.create(name, next);
    if (stored !== null) return true;
  }
  throw new InboxBusy(`list not changed: '${name}'`);
}

/** Words of an SMS in the sandbox; a real provider has approved templates by code. */
function textOf({ code, facts }: Notice): string {
  const about = typeof facts.orderId === "string" ? ` ${facts.orderId}` : "";
  return `[Chargeward] ${code}${about}`;
}

interface Message {
  at: number;
  text: string;
  code?: string;
}
const INBOX_MAX = 50; // what a person looks at
const SMS_KEPT_MS = 60 * 60_000;

/** SMS that go nowhere but to the demo's inbox, newest first. */
export async function sandboxSms(deps: { directory: Directory; clock: Clock }): Promise<
  SmsPort & {
    inbox(tenant: string, phone: string): Promise<{ at: string; code?: string; text: string }[]>;
  }
> {
  const bucket = await deps.directory.bucket<Message[]>("sandbox-inbox", { ttlMs: SMS_KEPT_MS });
  return {
    async send(tenant, phone, message) {
      const fresh: Message = { at: deps.clock.now(), ...message };
      const add = (all: Message[]) => [fresh, ...all].slice(0, INBOX_MAX);
      await change(bucket, `${tenant}/${phone}`, add);
    },
    async inbox(tenant, phone) {
      const found = await bucket.get(`${tenant}/${phone}`);
      return (found?.value ?? []).map(({ at, ...rest }) => ({ at: isoOf(at), ...rest }));
    },
  };
}
