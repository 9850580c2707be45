// What actors may call beside piles, and who people are: payment, notices, SMS, identity.
import { createIdentity, defaultCodeRates, demoCodeRates, type Identity } from "../http/mod.ts";
import { createNotify, type Notify, sandboxSms } from "../notify/mod.ts";
import { createPayment, type Payment } from "../payment/mod.ts";
import { payConfig } from "../config.ts";
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
  sms: Awaited<ReturnType<typeof sandboxSms>>;
  /** Handlers of the actors' calls. */
  ports: Record<string, PortHandler>;
}

export const publicUrlOf = ({ config }: Base): string =>
  config.CHARGEWARD_PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`;

export async function openOutside(base: Base, client: Client): Promise<Outside> {
  const { config, directory, clock, log, metrics, bus } = base;
  const isDemo = config.CHARGEWARD_DEMO === "on";
  const sms = await sandboxSms({ directory, clock });
  const identity = await createIdentity({
    client,
    directory,
    clock,
    tokenSecret: config.CHARGEWARD_TOKEN_SECRET,
    vaultKey: config.CHARGEWARD_VAULT_KEY,
    sms,
    codeRates: isDemo ? demoCodeRates : defaultCodeRates,
    entityId,
    announceRevoked: (tenant, sid) =>
      bus.publish(liveSubject({ tenant, kind: "revoked", id: sid }), {}),
  });
  const phoneOf = async (tenant: string, userId: string) => {
    const { phone } = await identity.vault.get(tenant, userId) ?? {};
    return typeof phone === "string" ? phone : null;
  };
  const notify = await createNotify({ directory, bus, clock, log, metrics, sms, phoneOf });
  const payment = openPayment(base, client);
  const device = deviceHandler(bus, clock);
  const ports: Record<string, PortHandler> = {
    device: (call) => device(call.body, call.trace),
    notify: (call) => notify.port(call),
    payment: async (call) =>
      await payment?.port(call) ?? { ok: false, refusal: { code: "provider.unknown", facts: {} } },
  };
  return { identity, notify, payment, sms, ports };
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
  });
}
