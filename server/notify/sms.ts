// SMS and mail by ports; their sandbox keeps what was sent for the demo's inbox.
import { createTransport } from "nodemailer";
import { isoOf } from "../../wire/units.ts";
import type { Clock, Directory } from "../ports.ts";
import { change } from "./change.ts";
import { nameOf, type SendBy, sent, unsent } from "./ways.ts";

export interface SmsMessage {
  text: string;
  code?: string;
  /** A message with a key that was sent is not sent again. */
  key?: string;
}
export interface SmsPort {
  send(tenant: string, phone: string, message: SmsMessage): Promise<void>;
}
export interface MailMessage {
  to: string;
  subject: string;
  text: string;
  key: string;
  /** A code that is in the text, for the sandbox. */
  code?: string;
  /** Only the sandbox looks at it: its inbox is by phone. */
  phone?: string;
}
export interface MailPort {
  send(tenant: string, message: MailMessage): Promise<void>;
}

interface Item {
  at: number;
  by: "sms" | "mail";
  text: string;
  code?: string;
  key?: string;
}
export interface SandboxItem extends Omit<Item, "at" | "key"> {
  at: string;
}
export interface SandboxPost {
  sms: SmsPort;
  mail: MailPort;
  /** Newest first. */
  inbox(tenant: string, phone: string): Promise<SandboxItem[]>;
}
const INBOX_MAX = 50; // what a person looks at
const KEPT_MS = 60 * 60_000;

/** Messages that go nowhere but to the demo's inbox. */
export async function sandboxPost(
  { directory, clock }: { directory: Directory; clock: Clock },
): Promise<SandboxPost> {
  const bucket = await directory.bucket<Item[]>("sandbox-inbox", { ttlMs: KEPT_MS });
  async function keep(tenant: string, name: string, item: Omit<Item, "at">): Promise<void> {
    const isThere = (all: Item[]) =>
      item.key !== undefined && all.some(({ key, by }) => key === item.key && by === item.by);
    await change(
      bucket,
      `${tenant}/${name}`,
      (all) => isThere(all) ? null : [{ at: clock.now(), ...item }, ...all].slice(0, INBOX_MAX),
    );
  }
  return {
    sms: { send: (tenant, phone, message) => keep(tenant, phone, { by: "sms", ...message }) },
    mail: {
      send: (tenant, { to, phone, subject, text, key, code }) => {
        const item = { by: "mail" as const, text: `${to}: ${subject}\n${text}`, key };
        return keep(tenant, phone ?? to, { ...item, ...(code ? { code } : {}) });
      },
    },
    async inbox(tenant, phone) {
      const found = await bucket.get(`${tenant}/${phone}`);
      return (found?.value ?? []).map(({ at, key: _key, ...rest }) => ({ at: isoOf(at), ...rest }));
    },
  };
}

const SMTP_MS = 10_000;
/** Mail by a server: `smtps://user:password@host`. */
export function smtpMail(url: string, from: string): MailPort {
  const transport = createTransport(url, { from });
  return {
    async send(_tenant, { to, subject, text, key }) {
      const messageId = `<${Buffer.from(key).toString("base64url")}@chargeward>`;
      const timer = AbortSignal.timeout(SMTP_MS);
      const late = new Promise<never>((_, fail) =>
        timer.addEventListener("abort", () => fail(timer.reason))
      );
      await Promise.race([transport.sendMail({ to, subject, text, messageId }), late]);
    },
  };
}

const failed = (error: unknown) => unsent("way.failed", nameOf(error));

export const smsWay = (sms: SmsPort): SendBy => async ({ phone, language }, message) => {
  if (!phone) return unsent("way.nobody", "no phone");
  const stop = language === "zh" ? "。" : ". ";
  const text = `【Chargeward】${message.title}${stop}${message.body}`;
  try {
    await sms.send(message.tenant, phone, { text, key: message.key });
    return sent;
  } catch (error) {
    return failed(error);
  }
};

export const mailWay = (mail: MailPort): SendBy => async ({ mail: to, phone }, message) => {
  if (!to) return unsent("way.nobody", "no mail address");
  const { tenant, key, title: subject, body: text } = message;
  try {
    await mail.send(tenant, { to, subject, text, key, ...(phone ? { phone } : {}) });
    return sent;
  } catch (error) {
    return failed(error);
  }
};
