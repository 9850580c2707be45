import { createServer } from "node:http";
import { request } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { beforeAll, expect, test } from "vitest";
import { type HttpWorld, httpWorld } from "../../test/kit/http-world.ts";
import { tempDir } from "../../test/kit/temp.ts";
import { grants } from "./grants.ts";
import { createLimits, demoRates } from "./limits.ts";
import { nameOf } from "./route.ts";
import { allRoutes } from "./routes/mod.ts";

const sandbox = {
  inbox: () => Promise.resolve([]),
  provider: () => Promise.resolve({ status: 200, text: "{}", contentType: "application/json" }),
};
let world: HttpWorld;
beforeAll(async () => {
  world = await httpWorld({ sandbox });
});

test("every route has a grant, and every grant a route", () => {
  const served = allRoutes(world.deps, createLimits(demoRates)).map(nameOf);
  expect(served.toSorted()).toEqual(Object.keys(grants).toSorted());
});

test("nobody gets into what is not open, and drivers not into the console", async () => {
  const { headers } = await world.driver();
  for (const route of allRoutes(world.deps, createLimits(demoRates))) {
    const path = route.path.replace(/\{\w+\}/g, "x");
    const grant = grants[nameOf(route)]!;
    if (grant.open) continue;
    const stranger = await world.call(route.method, path);
    expect([nameOf(route), stranger.status]).toEqual([nameOf(route), 401]);
    if (grant.driver) continue;
    const driver = await world.call(route.method, path, { headers });
    expect([nameOf(route), driver.status]).toEqual([nameOf(route), 403]);
  }
});

test("each role reaches exactly what the table says", async () => {
  for (const role of ["viewer", "service", "operator", "finance"] as const) {
    const headers = await world.console(role);
    for (const route of allRoutes(world.deps, createLimits(demoRates))) {
      const grant = grants[nameOf(route)]!;
      if (grant.open || nameOf(route) === "DELETE /v1/ops/auth/session") continue;
      const answer = await world.call(route.method, route.path.replace(/\{\w+\}/g, "x"), {
        headers,
      });
      const isForbidden = answer.status === 403;
      expect([role, nameOf(route), isForbidden]).toEqual([
        role,
        nameOf(route),
        !grant.ops.includes(role),
      ]);
    }
  }
}, 60_000);

test("mutations of the console need the CSRF token", async () => {
  const { cookie } = await world.console();
  for (const route of allRoutes(world.deps, createLimits(demoRates))) {
    const grant = grants[nameOf(route)]!;
    if (grant.open || grant.ops.length === 0 || route.method === "GET") continue;
    for (const csrf of [undefined, "wrong"]) {
      const answer = await world.call(route.method, route.path.replace(/\{\w+\}/g, "x"), {
        headers: { cookie: cookie!, ...(csrf ? { "x-csrf": csrf } : {}) },
      });
      expect([nameOf(route), (await answer.json()).code]).toEqual([nameOf(route), "auth.csrf"]);
    }
  }
}, 60_000);

test("every mutation but those exempt wants a ULID, of today", async () => {
  const { headers } = await world.driver();
  const call = (key?: string) =>
    world.call("POST", "/v1/orders", {
      headers: { ...headers, ...(key === undefined ? {} : { "idempotency-key": key }) },
      body: {},
    });
  const codes: string[] = [];
  for (const key of [undefined, "", "not-a-ulid", "81ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
    codes.push((await (await call(key)).json()).code);
  }
  expect(codes).toEqual(["key.missing", "key.missing", "key.malformed", "key.malformed"]);
});

test("a refusal has one shape, with the trace of the caller", async () => {
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const answer = await world.call("GET", "/v1/me/active", {
    headers: {
      traceparent: `00-${trace}-b7ad6b7169203331-01`,
      "accept-language": "zh-CN,en;q=0.5",
    },
  });
  expect(answer.headers.get("x-trace-id")).toBe(trace);
  expect(await answer.json()).toEqual({
    code: "auth.required",
    message: "请先登录",
    facts: {},
    retry: "never",
    traceId: trace,
  });
});

test("unknown keys, wrong types, doubled queries and unreadable bodies name their place", async () => {
  const { headers } = await world.driver();
  const put = async (text: string) => {
    const key = { ...headers, "idempotency-key": world.key() };
    const answer = await world.call("POST", "/v1/wallet/recharges", { headers: key, text });
    const { code, facts } = await answer.json();
    return [answer.status, code, facts.issues?.[0]?.path];
  };
  const bad = [400, "request.malformed"];
  expect(await put(`{"fen": 100, "by": "wechat", "admin": true}`)).toEqual([...bad, "body"]);
  expect(await put(`{"fen": "100", "by": "wechat"}`)).toEqual([...bad, "body.fen"]);
  expect(await put(`{"fen": 9007199254740993, "by": "wechat"}`)).toEqual([...bad, "body.fen"]);
  expect(await put(`{"fen": -1, "by": "wechat"}`)).toEqual([...bad, "body.fen"]);
  expect(await put(`{"fen": 1.5, "by": "wechat"}`)).toEqual([...bad, "body.fen"]);
  expect(await put(`{"fen": {"$gt": 0}, "by": "wechat"}`)).toEqual([...bad, "body.fen"]);
  expect(await put(`{"fen": 100, "by": "wechat", "__proto__": {"x": 1}}`)).toEqual([
    ...bad,
    "body",
  ]);
  expect(await put(`{"fen": 1`)).toEqual([...bad, "body"]);
  expect(await put(`{"fen": 1, "by": "\\ud800"}`)).toEqual([...bad, "body"]);
  expect(await put("[]")).toEqual([...bad, "body"]);
  const twice = await world.call("GET", "/v1/stations?free=1&free=0");
  expect((await twice.json()).facts.issues).toEqual([{ path: "query.free", problem: "twice" }]);
  const unknown = await world.call("GET", "/v1/stations?where=here");
  expect(unknown.status).toBe(400);
});

test("too much for one address or person is refused, a stop never", async () => {
  const tight = { points: 3, seconds: 60 };
  const small = await httpWorld({ rates: { ...demoRates, perPerson: tight } });
  const { headers } = await small.driver();
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) {
    statuses.push((await small.call("GET", "/v1/wallet", { headers })).status);
  }
  expect(statuses).toEqual([404, 404, 404, 429, 429]);
  small.client.onAsk("order.StopCharge", () => ({ body: { id: "ord_0001", status: "stopping" } }));
  for (let i = 0; i < 10; i++) {
    const key = { ...headers, "idempotency-key": small.key() };
    const answer = await small.call("POST", "/v1/orders/ord_0001/stop", { headers: key });
    expect(answer.status).toBe(202);
  }
});

test("every answer carries the headers that fence a page in", async () => {
  for (const path of ["/healthz", "/v1/stations", "/docs", "/nowhere"]) {
    const { headers } = await world.call("GET", path);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval';/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test("the description covers every route and is OpenAPI 3.1", async () => {
  const description = await (await world.call("GET", "/openapi.json")).json();
  expect(description.openapi).toBe("3.1.0");
  const described = Object.entries<Record<string, unknown>>(description.paths)
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    );
  expect(described.toSorted()).toEqual(Object.keys(grants).toSorted());
  const page = await (await world.call("GET", "/docs")).text();
  for (const [, file] of page.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
    expect([file, (await world.call("GET", file!)).status]).toEqual([file, 200]);
  }
});

test("health, readiness and metrics", async () => {
  expect((await world.call("GET", "/healthz")).status).toBe(200);
  expect((await world.call("GET", "/readyz")).status).toBe(200);
  expect(await (await world.call("GET", "/metrics")).text()).toContain("up 1");
  const tired = await httpWorld({ notReady: () => ["journal does not sync"] });
  const answer = await tired.call("GET", "/readyz");
  expect([answer.status, (await answer.json()).why]).toEqual([503, ["journal does not sync"]]);
});

test("pages: files, their index for any path below, nothing for a missing file", async () => {
  await using dir = await tempDir("pages-");
  for (const [name, text] of [["driver", "driver app"], ["ops", "console"]]) {
    await Deno.mkdir(`${dir.path}/${name}/assets`, { recursive: true });
    await Deno.writeTextFile(`${dir.path}/${name}/index.html`, text!);
    await Deno.writeTextFile(`${dir.path}/${name}/assets/a-1f2e.js`, "export {};");
  }
  const pages = { driver: `${dir.path}/driver`, ops: `${dir.path}/ops` };
  const paged = await httpWorld({ pages });
  const text = async (path: string) => await (await paged.call("GET", path)).text();
  expect(await text("/")).toBe("driver app");
  expect(await text("/p/12345678")).toBe("driver app");
  expect(await text("/orders/ord_0001")).toBe("driver app");
  expect(await text("/ops/")).toBe("console");
  expect(await text("/ops/piles/P1")).toBe("console");
  const asset = await paged.call("GET", "/assets/a-1f2e.js");
  expect(asset.headers.get("cache-control")).toContain("immutable");
  expect((await paged.call("GET", "/")).headers.get("cache-control")).toBe("no-cache");
  expect((await paged.call("GET", "/assets/gone.js")).status).toBe(404);
  expect((await paged.call("GET", "/v1/nothing")).status).toBe(404);
  expect((await paged.call("GET", "/..%2f..%2fetc/passwd")).status).not.toBe(500);
  expect(await text("/%2e%2e/%2e%2e/etc/passwd")).not.toContain("root:");
});

test("a body of 10 MB is refused at its length, and in pieces as it grows", async () => {
  const listener = getRequestListener(world.app.fetch, { overrideGlobalObjects: false });
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const body = "x".repeat(10 * 1024 * 1024);
  const path = "/v1/client-errors";
  const send = (announced: boolean) =>
    new Promise<number>((done, fail) => {
      const headers = announced ? { "content-length": body.length } : {};
      const call = request({ port, host: "127.0.0.1", method: "POST", path, headers }, (answer) => {
        answer.resume();
        done(answer.statusCode ?? 0);
        call.destroy();
      });
      call.on(
        "error",
        (error) => (error as { code?: string }).code === "EPIPE" ? null : fail(error),
      );
      call.write(body.slice(0, 100_000));
      if (announced) call.end(body.slice(100_000));
    });
  expect(await send(true)).toBe(413);
  expect(await send(false)).toBe(413);
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
});
