// The driver's session: kept over reloads, renewed once, ended only when the platform says so.
import { beforeEach, expect, test } from "vitest";
import { type Api, createApi } from "./api.ts";
import { createDriverSession } from "./driver-session.ts";

const tokens = (name: string, leftMs = 900_000) => ({
  token: `token-${name}`,
  refresh: `refresh-${name}`,
  expiresAt: new Date(Date.now() + leftMs).toISOString(),
});
const user = { id: "usr_0001" } as never;

function answering(status: number, body: unknown) {
  const asked: unknown[] = [];
  const api: Api = createApi({
    fetch: (_url, init) => {
      asked.push(JSON.parse(init?.body as string));
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    },
  });
  return { api, asked };
}

beforeEach(() => localStorage.clear());

test("a reload finds the session again", () => {
  createDriverSession().start({ ...tokens("a"), user });
  const again = createDriverSession();
  expect(again.signedIn.value).toBe(true);
  expect(again.requests.headers()).toEqual({ authorization: "Bearer token-a" });
});

test("two renewals at the same time are one request", async () => {
  const { api, asked } = answering(200, tokens("b"));
  const session = createDriverSession(api);
  session.start({ ...tokens("a"), user });
  expect(await Promise.all([session.requests.renew(), session.requests.renew()])).toEqual([
    true,
    true,
  ]);
  expect(asked).toEqual([{ refresh: "refresh-a" }]);
  expect(session.requests.headers()).toEqual({ authorization: "Bearer token-b" });
});

test("another tab's renewal is taken over without a request", async () => {
  const { api, asked } = answering(200, tokens("c"));
  const session = createDriverSession(api);
  session.start({ ...tokens("a"), user });
  createDriverSession().start({ ...tokens("b"), user });
  expect(await session.requests.renew()).toBe(true);
  expect(asked).toEqual([]);
  expect(session.requests.headers()).toEqual({ authorization: "Bearer token-b" });
});

test("a refused refresh signs out, an unreachable platform does not", async () => {
  const no = { code: "auth.expired", message: "", facts: {}, retry: "never", traceId: "t" };
  const out = createDriverSession(answering(401, no).api);
  out.start({ ...tokens("a"), user });
  expect(await out.requests.renew()).toBe(false);
  expect(out.signedIn.value).toBe(false);

  const busy = { ...no, code: "unavailable", retry: "same-key" };
  const away = createDriverSession(answering(503, busy).api);
  away.start({ ...tokens("a"), user });
  expect(await away.requests.renew()).toBe(false);
  expect(away.signedIn.value).toBe(true);
});

test("a token about to end is renewed before the handshake", async () => {
  const { api } = answering(200, tokens("b"));
  const session = createDriverSession(api);
  session.start({ ...tokens("a", 5000), user });
  expect(await session.token(false)).toBe("token-b");
});
