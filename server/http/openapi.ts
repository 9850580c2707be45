// The OpenAPI description of every route, and the page that shows it (self-hosted, no outside script).
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { errorBody } from "../../wire/http.ts";
import type { Grant } from "./grants.ts";
import type { Route } from "./route.ts";

const ERROR = {
  description: "A refusal, a fault or a bug: one shape",
  content: { "application/json": { schema: errorBody } },
};
const keyHeader = z.object({
  "Idempotency-Key": z.string().describe("ULID minted at the tap"),
});

/** Adds one route to the app's description; what it does is registered beside it. */
export function describe(app: OpenAPIHono, route: Route, grant: Grant): void {
  const answers = Object.entries(route.answers).map(([status, shape]) =>
    [status, {
      description: status === "202" ? "Taken on" : "Done",
      ...(shape ? { content: { "application/json": { schema: shape } } } : {}),
    }] as const
  );
  app.openAPIRegistry.registerPath({
    method: route.method.toLowerCase() as "get" | "post" | "put" | "delete",
    path: route.path,
    tags: [route.tag],
    summary: route.summary,
    request: {
      ...(route.params ? { params: route.params as z.ZodObject } : {}),
      ...(route.query ? { query: route.query as z.ZodObject } : {}),
      ...(route.key === "exempt" ? {} : { headers: keyHeader }),
      ...(route.body && route.method !== "GET"
        ? { body: { required: true, content: { "application/json": { schema: route.body } } } }
        : {}),
    },
    responses: { ...Object.fromEntries(answers), default: ERROR },
    ...(grant.open ? {} : { security: securityOf(grant) }),
  });
}

function securityOf(grant: Grant): Record<string, string[]>[] {
  return [
    ...(grant.driver ? [{ bearer: [] }] : []),
    ...(grant.ops.length > 0 ? [{ session: [], csrf: [] }] : []),
  ];
}

const INFO = {
  openapi: "3.1.0",
  info: {
    title: "Chargeward",
    version: "1",
    description:
      "EV charging: stations, charges, money. Amounts in fen, energy in Wh, power in W, " +
      "spans in ms, instants in ISO 8601 UTC.",
  },
} as const;

/** `/openapi.json`, `/docs` and the files of its page. */
export function serveDocs(app: OpenAPIHono): void {
  const { registerComponent } = app.openAPIRegistry;
  registerComponent.call(app.openAPIRegistry, "securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  for (
    const [name, place, field] of [["session", "cookie", "cw_ops"], ["csrf", "header", "X-CSRF"]]
  ) {
    registerComponent.call(app.openAPIRegistry, "securitySchemes", name!, {
      type: "apiKey",
      in: place as "cookie" | "header",
      name: field!,
    });
  }
  let description: unknown;
  app.get("/openapi.json", (c) => {
    description ??= app.getOpenAPI31Document(INFO);
    return c.json(description);
  });
  app.get("/docs", (c) => c.html(PAGE));
  app.get("/docs/start.js", (c) => c.body(START, 200, { "Content-Type": "text/javascript" }));
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  app.use(
    "/docs/*",
    serveStatic({ root: folder, rewriteRequestPath: (path) => path.slice("/docs".length) }),
  );
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chargeward API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", validatorUrl: null });\n`;
