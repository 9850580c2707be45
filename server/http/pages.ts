// The built pages: driver app at /, console at /ops/; unknown paths below them are theirs to route.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";

const YEAR_S = 31_536_000;
const MISSING = "This page is not built: run npm start, which builds it\n";
/** Names of built files hold a hash of their content. */
const isHashed = (path: string) => /\/assets\//.test(path);

/** Serves a folder; what is no file there is its index page, but only for a browser that navigates. */
function folder(root: string, prefix: string): MiddlewareHandler[] {
  const cut = (path: string) => path.slice(prefix.length) || "/";
  const caching: MiddlewareHandler = async (c, next) => {
    await next();
    const hashed = isHashed(c.req.path) && c.res.status === 200;
    c.header("Cache-Control", hashed ? `public, max-age=${YEAR_S}, immutable` : "no-cache");
  };
  const files = serveStatic({ root, rewriteRequestPath: cut });
  const index = serveStatic({ root, path: "index.html" });
  const onlyNavigation: MiddlewareHandler = (c, next) => {
    const name = c.req.path.split("/").at(-1) ?? "";
    return name.includes(".") ? next() : index(c, next);
  };
  return [caching, files, onlyNavigation];
}

export function servePages(app: OpenAPIHono, pages: { driver: string; ops: string }): void {
  app.get("/ops", (c) => c.redirect("/ops/", 308));
  if (existsSync(join(pages.ops, "index.html"))) app.use("/ops/*", ...folder(pages.ops, "/ops"));
  else app.get("/ops/*", (c) => c.text(MISSING, 404));
  if (existsSync(join(pages.driver, "index.html"))) app.use("/*", ...folder(pages.driver, ""));
  else app.get("/", (c) => c.text(MISSING, 404));
}
