// The HTTP gateway as one hono app: routes, documentation, health, metrics, pages. Mounted by main.ts.
import { getConnInfo } from "@hono/node-server/conninfo";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { sayRefused } from "../say-refused.ts";
import type { HttpDeps } from "./deps.ts";
import { type Grant, grants } from "./grants.ts";
import { createLimits } from "./limits.ts";
import { no } from "./answer.ts";
import { describe, serveDocs } from "./openapi.ts";
import { outward } from "./outward.ts";
import { servePages } from "./pages.ts";
import { traceIdOf } from "../../wire/trace.ts";
import { pipelineOf, traceOf } from "./pipeline.ts";
import { nameOf, type Route } from "./route.ts";
import { allRoutes } from "./routes/mod.ts";
import { securityHeaders } from "./security.ts";

/** A route that nobody decided about may not be served. */
export class RouteWithoutGrant extends Error {
  override readonly name = "RouteWithoutGrant";
}

export function createHttp(deps: HttpDeps): OpenAPIHono {
  const app = new OpenAPIHono();
  const limits = createLimits(deps.rates);
  app.use(securityHeaders(deps.publicUrl.startsWith("https:")));
  const refused = sayRefused(deps);
  for (const route of allRoutes(deps, limits)) mount(app, { ...deps, refused }, limits, route);
  serveHealth(app, deps);
  serveDocs(app);
  const missing = (c: Context): Response => {
    const to = outwardOf(deps, c);
    refused({ where: "no route", code: "request.not-found", by: "nobody", trace: to.traceId });
    return outward(no("request.not-found"), to);
  };
  for (const path of ["/v1/*", "/sandbox/*"]) app.all(path, missing);
  servePages(app, deps.pages);
  app.notFound(missing);
  app.onError((error, c) => {
    deps.log.error({ path: c.req.path, error: String(error) }, "request broke");
    return outward({ fault: { code: "unavailable" } }, outwardOf(deps, c));
  });
  return app;
}

function mount(
  app: OpenAPIHono,
  deps: HttpDeps & { refused: ReturnType<typeof sayRefused> },
  limits: ReturnType<typeof createLimits>,
  route: Route,
): void {
  const name = nameOf(route);
  const grant: Grant | undefined = grants[name];
  if (!grant) throw new RouteWithoutGrant(`route cannot be served: no grant for '${name}'`);
  const serve = pipelineOf({ ...deps, limits, identify: deps.identity.identify }, route, grant);
  describe(app, route, grant);
  const path = route.path.replace(/\{(\w+)\}/g, ":$1");
  app.on(
    route.method,
    path,
    (c) => serve({ request: c.req.raw, params: c.req.param(), address: addressOf(c) }),
  );
}

/** Of the socket: forwarded addresses are anybody's to invent. */
function addressOf(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? "unknown";
  } catch {
    return "unknown";
  }
}

const outwardOf = ({ newTrace }: HttpDeps, c: Context) => ({
  traceId: traceIdOf(traceOf(c.req.raw, newTrace)),
  language: c.req.header("accept-language"),
});

function serveHealth(app: OpenAPIHono, { notReady, registry }: HttpDeps): void {
  app.get("/healthz", (c) => c.json({ ok: true }));
  app.get("/readyz", (c) => {
    const why = notReady();
    return c.json({ ready: why.length === 0, why }, why.length === 0 ? 200 : 503);
  });
  app.get(
    "/metrics",
    async (c) => c.body(await registry.metrics(), 200, { "Content-Type": registry.contentType }),
  );
}
