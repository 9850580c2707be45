// Role `api`: the HTTP app with everything it needs. Other roles answer only for their health.
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { auditRequested } from "../../wire/subjects.ts";
import { DrilledPeople } from "../audit/mod.ts";
import { createHttp, defaultRates, demoRates } from "../http/mod.ts";
import type { NodeWatch } from "../node-watch.ts";
import { mayPushTo } from "../notify/mod.ts";
import { natsPhotos } from "../photos/mod.ts";
import { platformKeyOf } from "../pile-keys.ts";
import { drillDoor } from "../drill-mode.ts";
import type { Client } from "../ports.ts";
import { entityId } from "../runtime/mod.ts";
import type { Board, Views } from "../views/mod.ts";
import { kinds } from "./actors.ts";
import type { Base } from "./base.ts";
import { type Outside, publicUrlOf } from "./outside.ts";
import { openReconciler } from "./reconciliation.ts";

const DAY_MS = 86_400_000;

export interface ApiParts {
  client: Client;
  outside: Outside;
  board: Board;
  views: Views;
  nodes: NodeWatch;
  notReady(): string[];
}

const pagesOf = (name: string) => fileURLToPath(new URL(`../../${name}/dist`, import.meta.url));
const noProvider = { status: 503, body: "{}", contentType: "application/json" };

export function createApi(base: Base, parts: ApiParts) {
  const { client, outside, board, views, nodes, notReady } = parts;
  const { config, directory, clock, log, metrics, registry, tracer, newTrace, bus, mongo } = base;
  const isDemo = config.CHARGEWARD_DEMO === "on";
  const { identity, payment, locks, post } = outside;
  const reconciler = openReconciler(base, client, outside, views);
  return createHttp({
    tenant: config.CHARGEWARD_TENANT,
    client,
    directory,
    clock,
    log,
    metrics,
    tracer,
    newTrace,
    registry,
    identity,
    board,
    views,
    photos: natsPhotos(base.nats, {
      bytesMax: config.CHARGEWARD_PHOTO_BYTES,
      keepMs: config.CHARGEWARD_PHOTO_DAYS * DAY_MS,
    }),
    nodes,
    entityId,
    isKind: (kind) => kinds.has(kind),
    rates: isDemo ? demoRates : defaultRates,
    platformKey: platformKeyOf(config.CHARGEWARD_PLATFORM_KEY),
    vaultKey: config.CHARGEWARD_VAULT_KEY,
    publicUrl: publicUrlOf(base),
    reconcile: async ({ source, day, file, userId }) => {
      if (!reconciler) return { ok: false, why: "unavailable" };
      if (source === "bank") return await reconciler.bank(day, file ?? "");
      return await reconciler.day(source, day, "demand", userId);
    },
    askAudit: () => bus.publish(auditRequested, {}),
    pushKey: config.CHARGEWARD_PUSH_KEYS?.publicKey ?? null,
    mayPushTo: (endpoint) => mayPushTo(endpoint, config.CHARGEWARD_PUSH_HOSTS),
    lockPartners: locks.names,
    lockCallback: locks.callback,
    payCallback: async (wanted) => await payment?.callback(wanted) ?? noProvider,
    ...(isDemo
      ? {
        sandbox: {
          inbox: post.inbox,
          provider: async (...call) => await payment?.sandbox(...call) ?? null,
        },
        drills: drillDoor(base, new DrilledPeople(mongo.db, config.CHARGEWARD_TENANT)),
      }
      : {}),
    notReady,
    pages: { driver: pagesOf("mobile-web"), ops: pagesOf("dashboard") },
  });
}

/** Health and metrics of a process that serves no API. */
export function createHealth({ registry }: Base, notReady: () => string[]): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/readyz", (c) => {
    const why = notReady();
    return c.json({ ready: why.length === 0, why }, why.length === 0 ? 200 : 503);
  });
  app.get(
    "/metrics",
    async (c) => c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType }),
  );
  return app;
}
