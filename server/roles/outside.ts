// What actors may call beside piles, and who people are: payment, notices, SMS, mail, push, identity.
import { createIdentity, defaultCodeRates, demoCodeRates, type Identity } from "../http/mod.ts";
import {
  createNotify,
  type MailPort,
  mailWay,
  type Notify,
  pushWay,
  type Reach,
  sandboxPost,
  smsWay,
  smtpMail,
} from "../notify/mod.ts";
import { createLockMakers, type LockMakers } from "../lock/mod.ts";
import { parkingPort } from "../parking/mod.ts";
import { createPayment, type Payment } from "../payment/mod.ts";
import { lockPartners, payConfig } from "../config.ts";
import { deviceHandler } from "../device-call.ts";
import type { Client } from "../ports.ts";
import { entityId, type PortHandler } from "../runtime/mod.ts";
import { liveSubject } from "../../wire/subjects.ts";
import type { Base } from "./base.ts";

export interface Outside {
  identity: Identity;
  notify: Notify;
  /** Null where no provider is set: then nobody can pay by it. */
  payment: Payment | null;
  /** Platforms of lock makers. */
  locks: LockMakers;
  post: Awaited<ReturnType<typeof sandboxPost>>;
  /** Handlers of the actors' calls. */
  ports: Record<string, PortHandler>;
}

export const publicUrlOf = ({ config }: Base): string =>
  config.CHARGEWARD_PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`;

export async function openOutside(base: Base, client: Client): Promise<Outside> {
  const { config, directory, clock, bus } = base;
  const isDemo = config.CHARGEWARD_DEMO === "on";
  const post = await sandboxPost({ directory, clock });
  const mail = config.CHARGEWARD_SMTP_URL
    ? smtpMail(config.CHARGEWARD_SMTP_URL, config.CHARGEWARD_MAIL_FROM)
    : post.mail;
  const identity = await createIdentity({
    client,
    directory,
    clock,
    tokenSecret: config.CHARGEWARD_TOKEN_SECRET,
    vaultKey: config.CHARGEWARD_VAULT_KEY,
    sms: post.sms,
    mail: {
      send: (tenant, to, { text, code }) => {
        const key = crypto.randomUUID(); // each code is a message of its own
        return mail.send(tenant, {
          to,
          subject: "Chargeward",
          text,
          key,
          ...(code ? { code } : {}),
        });
      },
    },
    codeRates: isDemo ? demoCodeRates : defaultCodeRates,
    entityId,
    announceRevoked: (tenant, sid) =>
      bus.publish(liveSubject({ tenant, kind: "revoked", id: sid }), {}),
  });
  const notify = await openNotify(base, client, { identity, mail, post });
  const payment = openPayment(base, client);
  const locks = openLocks(base, client);
  const device = deviceHandler(bus, clock);
  const { CHARGEWARD_PARKING_URL: url, CHARGEWARD_PARKING_KEY: key } = config;
  const { log, metrics } = base;
  const parking = url !== undefined && key !== undefined ? { url, key, clock, log, metrics } : null;
  const ports: Record<string, PortHandler> = {
    parking: parkingPort(parking),
    device: (call) => device(call.body, call.trace),
    notify: (call) => notify.port(call),
    way: (call) => notify.way(call),
    lock: (call) => locks.port(call),
    payment: async (call) =>
      await payment?.port(call) ?? { ok: false, refusal: { code: "provider.unknown", facts: {} } },
  };
  return { identity, notify, payment, locks, post, ports };
}

const openLocks = (base: Base, client: Client): LockMakers => {
  const { config, directory, clock, log, metrics } = base;
  const partners = lockPartners(config);
  const publicUrl = publicUrlOf(base);
  return createLockMakers({ client, directory, clock, log, metrics, partners, publicUrl });
};

async function openNotify(
  base: Base,
  client: Client,
  { identity, mail, post }: { identity: Identity; mail: MailPort; post: Outside["post"] },
): Promise<Notify> {
  const { config, directory, clock, log, metrics } = base;
  const keys = config.CHARGEWARD_PUSH_KEYS;
  const push = keys && pushWay({
    keys,
    contact: config.CHARGEWARD_PUSH_CONTACT,
    hosts: config.CHARGEWARD_PUSH_HOSTS,
  });
  return await createNotify({
    client,
    directory,
    clock,
    log,
    metrics,
    reachOf: async (tenant, userId): Promise<Reach | null> =>
      await identity.reach.of(tenant, userId),
    forgetDevice: (tenant, userId, deviceId) =>
      identity.reach.forgetDevice(tenant, userId, deviceId),
    ways: { sms: smsWay(post.sms), mail: mailWay(mail), ...(push ? { push } : {}) },
    ...(base.drills ? { without: (userId) => base.drills!.without(userId) } : {}),
  });
}

function openPayment(base: Base, client: Client): Payment | null {
  const { config, directory, clock, log, metrics } = base;
  const { wechat, alipay } = payConfig(config);
  if (!wechat && !alipay) return null;
  return createPayment({
    client,
    directory,
    clock,
    log,
    metrics,
    wechat,
    alipay,
    sandboxUrl: config.CHARGEWARD_PROVIDER_URL,
    publicUrl: publicUrlOf(base),
    ...(base.drills ? { without: (paymentId) => base.drills!.without(paymentId) } : {}),
  });
}
