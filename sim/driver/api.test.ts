import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { idempotencyKey } from "../../wire/order.ts";
import { SimFault } from "../fault.ts";
import { Api, Refused } from "./api.ts";

type Reply = { status: number; body?: unknown } | "drop";
let server: Server;
let api: Api;
let replies: Reply[];
let heard: { method?: string; url?: string; key?: string; auth?: string }[];

beforeEach(async () => {
  [replies, heard] = [[], []];
  server = createServer((request: IncomingMessage, response) => {
    const { method, url, headers } = request;
    const key = headers["idempotency-key"];
    heard.push({
      ...(method === undefined ? {} : { method }),
      ...(url === undefined ? {} : { url }),
      ...(typeof key === "string" ? { key } : {}),
      ...(headers.authorization === undefined ? {} : { auth: headers.authorization }),
    });
    const reply = replies.shift() ?? { status: 200, body: {} };
    if (reply === "drop") request.destroy();
    else response.writeHead(reply.status).end(JSON.stringify(reply.body ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address() as { port: number };
  api = new Api(`http://127.0.0.1:${address.port}`);
});
afterEach(async () => {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections(); // a client's idle one would keep it open
  await closed;
});

const no = (status: number, code: string): Reply => ({
  status,
  body: { code, message: "no", facts: { needFen: 5 }, retry: "never", traceId: "t" },
});

test("an outcome that is not known is asked again under the same key", async () => {
  replies = ["drop", no(504, "outcome.unknown"), { status: 202, body: { id: "ord_0001" } }];
  expect(await api.post("/v1/orders", {})).toEqual({ id: "ord_0001" });
  const keys = heard.map(({ key }) => key);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(idempotencyKey.safeParse(keys[0]).success).toBe(true);
});

test("a no of the domain is told at once, with its facts", async () => {
  replies = [no(402, "wallet.balance-too-low")];
  const refused = await api.post("/v1/orders", {}).catch((error) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({
    status: 402,
    code: "wallet.balance-too-low",
    retry: "never",
    facts: { needFen: 5 },
  });
  expect(heard).toHaveLength(1);
});

test("a session that has run out is renewed once, and what was asked is asked again", async () => {
  replies = [no(401, "auth.expired"), { status: 200, body: { ok: true } }];
  api.renew = () => {
    api.headers = { Authorization: "Bearer new" };
    return Promise.resolve(true);
  };
  expect(await api.get("/v1/wallet", { a: 1, b: undefined })).toEqual({ ok: true });
  expect(heard.map(({ auth }) => auth)).toEqual([undefined, "Bearer new"]);
  expect(heard[0]).toMatchObject({ method: "GET", url: "/v1/wallet?a=1" });
});

test("a platform that never answers fails with words, not for ever", async () => {
  replies = ["drop", "drop"];
  const fault = await api.ask("GET", "/v1/stations", { tries: 2 }).catch((error) => error);
  expect(fault).toBeInstanceOf(SimFault);
  const message = expect.stringMatching(/^cannot reach \/v1\/stations: /);
  expect(fault).toMatchObject({ retry: "later", message });
});
