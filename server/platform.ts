// Puts the process together by its roles: connections, actors, gateways, the public port, projector.
// The only place where gateways meet.
import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";
import { plays } from "./config.ts";
import { deviceHandler } from "./device-call.ts";
import { createHttp, createIdentity, seedDemo } from "./http/mod.ts";
import { defaultCodeRates, defaultRates, demoCodeRates, demoRates } from "./http/mod.ts";
import { createPayment } from "./payment/mod.ts";
import { platformKeyOf } from "./pile-keys.ts";
import type { Client } from "./ports.ts";
import { createBoard } from "./views/mod.ts";
import { createClient, entityId } from "./runtime/mod.ts";
import { type Base, connectBase } from "./roles/base.ts";
import { hostActors, type NodeOverrides, viewOfState } from "./roles/actors.ts";
import { openFront } from "./roles/front.ts";
import { openGateways } from "./roles/gateway.ts";
import { journalSyncs } from "./roles/sync.ts";
import { STREAMS } from "../wire/subjects.ts";
import { unseal } from "./runtime/mod.ts";
import { createProjector, projectReadings } from "./store/mod.ts";
import { writeDemoFile } from "./scratch.ts";

export async function startPlatform(config: Config, overrides: (base: Base) => NodeOverrides = () => ({})) {
  const base = await connectBase(config);
  const { log, clock, metrics, directory, bus } = base;
  const demo = config.CHARGEWARD_DEMO === "on";
  const publicUrl = config.CHARGEWARD_PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`;
  const inboxes = await directory.bucket<{ at: string; code?: string; text: string }[]>("sandbox-inbox");
  const lazy: { client?: Client } = {};
  const client: Client = {
    ask: (a) => lazy.client!.ask(a),
    read: (a) => lazy.client!.read(a),
    signal: (a, b) => lazy.client!.signal(a, b),
  };
  const payment = createPayment({
    client, directory, clock, log, metrics,
    providerUrl: config.CHARGEWARD_PROVIDER_URL!, payKey: config.CHARGEWARD_PAY_KEY!,
    providerPublicKey: config.CHARGEWARD_PROVIDER_PUBLIC_KEY!, publicUrl,
  });
  const device = deviceHandler(bus, clock);
  const node = plays(config, "actors")
    ? hostActors(base, {
      device: (call) => device(call.body),
      payment: (call) => payment.port(call),
      notify: (call) => { log.info({ call }, "notice"); return Promise.resolve({ ok: true as const, body: null }); },
    }, overrides(base))
    : null;
  lazy.client = node ?? createClient({ network: base.network, clock, metrics });
  await node?.start();
  const board = createBoard({ clock, viewOf: viewOfState(base) });
  for (let k = 0; k < STREAMS; k++) {
    await base.journal.tail(k, { from: "newest" }, (e) => {
      board.take(e.place.address, unseal(e.bytes, e.prevSum));
    });
  }
  const identity = await createIdentity({
    client, directory, clock, tokenSecret: config.CHARGEWARD_TOKEN_SECRET,
    vaultKey: config.CHARGEWARD_VAULT_KEY,
    sms: { async send(_t, phone, message) {
      const all = (await inboxes.get(phone))?.value ?? [];
      await inboxes.put(phone, [...all, { at: new Date().toISOString(), ...message }].slice(-20));
    } },
    codeRates: demo ? demoCodeRates : defaultCodeRates,
    entityId, announceRevoked: () => {},
  });
  if (demo) await writeDemoFile(config, await seedDemo({ directory, identity, tenant: config.CHARGEWARD_TENANT, entityId }));
  const page = (n: string) => fileURLToPath(new URL(`../${n}/dist`, import.meta.url));
  const away = () => Promise.reject(new Error("views away"));
  const app = createHttp({
    tenant: config.CHARGEWARD_TENANT, client, directory, clock, log, metrics, registry: base.registry,
    identity, board,
    views: { orders: away, piles: away, incidents: away, walletLines: away, timeline: away, curve: away, lagMs: () => 0 },
    entityId, rates: demo ? demoRates : defaultRates,
    platformKey: platformKeyOf(config.CHARGEWARD_PLATFORM_KEY), vaultKey: config.CHARGEWARD_VAULT_KEY,
    publicUrl, payCallback: (w) => payment.callback(w),
    ...(demo ? { sandbox: { inbox: async (_t: string, phone: string) => (await inboxes.get(phone))?.value ?? [], provider: payment.sandbox } } : {}),
    notReady: () => [], pages: { driver: page("mobile-web"), ops: page("dashboard") },
  });
  const front = openFront(base, (r, e) => app.fetch(r, e as Record<string, unknown>));
  const gateways = await openGateways(base, client);
  front.onUpgrade((a, b, c) => gateways.ocpp.handleUpgrade(a, b, c));
  await front.listen();
  const projector = createProjector({ journal: base.journal, db: base.mongo.db, clock, random: base.random, log, metrics });
  projector.start();
  const readings = projectReadings({ connection: base.nats, db: base.mongo.db, clock, random: base.random, log, metrics });
  log.info({ port: config.PORT, sync: await journalSyncs(config) }, "ready");
  return { async stop() { await front.close(); await gateways.stop(); await node?.stop(); await projector.stop(); await readings(); await base.close(); } };
}
