// Requests: the key of a tap over retries, limits of trying, renewal, refusals as values.
import { expect, test } from "vitest";
import { createApi, type Session } from "./api.ts";
import { newTap } from "./taps.ts";

interface Seen {
  url: string;
  key: string | null;
  auth: string | null;
  body: unknown;
}
type Say = () => Response | Promise<Response>;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Say => () =>
  new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
const refuse = (status: number, code: string, retry: string, more = {}): Say =>
  json(status, { code, message: code, facts: {}, retry, traceId: "t1", ...more });
const lost: Say = () => Promise.reject(new TypeError("failed to fetch"));

function world(says: Say[], session?: Session) {
  const seen: Seen[] = [];
  const slept: number[] = [];
  const api = createApi({
    random: () => 0.5,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      seen.push({
        url: input as string,
        key: headers.get("idempotency-key"),
        auth: headers.get("authorization"),
        body: init?.body === undefined ? undefined : JSON.parse(init.body as string),
      });
      return Promise.resolve().then(says[seen.length - 1] ?? says.at(-1)!);
    },
    ...(session === undefined ? {} : { session }),
  });
  return { api, seen, slept };
}

test("a good answer carries body, v of its ETag and the mark of a replay", async () => {
  const { api } = world([json(202, { id: 1 }, { etag: '"7"', "idempotent-replay": "true" })]);
  const answer = await api("POST", "/orders", { body: {}, tap: newTap() });
  expect(answer).toEqual({ ok: true, body: { id: 1 }, status: 202, v: 7, replay: true });
});

test("network loss, 503 and 504 are tried again under the same key and with the same body", async () => {
  const { api, seen, slept } = world([
    lost,
    refuse(503, "unavailable", "same-key"),
    refuse(504, "outcome.unknown", "same-key"),
    json(202, {}),
  ]);
  const tap = newTap();
  const answer = await api("POST", "/orders", { body: { ageMs: tap.ageMs() }, tap });
  expect(answer.ok).toBe(true);
  expect(new Set(seen.map(({ key }) => key))).toEqual(new Set([tap.key]));
  expect(new Set(seen.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(slept).toEqual([300, 600, 1200]);
});

test("it stops trying after four times and says what it last heard", async () => {
  const { api, seen } = world([lost]);
  const answer = await api("POST", "/orders", { body: {}, tap: newTap() });
  expect(seen).toHaveLength(4);
  expect(answer).toMatchObject({ ok: false, refused: { code: "network.lost", retry: "same-key" } });
});

test("without a key a change is never sent twice", async () => {
  const { api, seen } = world([lost, json(200, {})]);
  expect((await api("POST", "/auth/code", { body: {} })).ok).toBe(false);
  expect(seen).toHaveLength(1);
});

test.each([
  [402, "wallet.balance-too-low", "never"],
  [409, "pile.occupied", "never"],
  [409, "pile.offline", "after"],
  [429, "request.rate-limited", "after"],
])("%i %s is told at once, not tried again", async (status, code, retry) => {
  const { api, seen } = world([refuse(status, code, retry)]);
  const answer = await api("POST", "/orders", { body: {}, tap: newTap() });
  expect(seen).toHaveLength(1);
  expect(answer).toMatchObject({ ok: false, refused: { code, retry, status, traceId: "t1" } });
});

test("the pause the platform asks for comes on top", async () => {
  const { api, slept } = world([
    refuse(503, "overloaded", "after", { afterMs: 2000 }),
    json(200, {}),
  ]);
  await api("GET", "/stations");
  expect(slept).toEqual([2300]);
});

test("what is no answer of the platform is garbled; by a 5xx it is tried again", async () => {
  const page: Say = () => new Response("<html>bad gateway</html>", { status: 502 });
  const { api, seen } = world([page, page, page, page]);
  const answer = await api("GET", "/stations");
  expect(seen).toHaveLength(4);
  expect(answer).toMatchObject({ ok: false, refused: { code: "network.garbled", status: 502 } });
});

test("many requests with an expired token renew it once and go on under their own keys", async () => {
  let token = "old";
  let renewals = 0;
  const session: Session = {
    headers: () => ({ authorization: `Bearer ${token}` }),
    renew: () => {
      renewals++;
      token = "new";
      return Promise.resolve(true);
    },
  };
  const seen: Seen[] = [];
  const api = createApi({
    session,
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      const auth = headers.get("authorization");
      seen.push({
        url: input as string,
        key: headers.get("idempotency-key"),
        auth,
        body: undefined,
      });
      const say = auth === "Bearer new"
        ? json(200, { ok: 1 })
        : refuse(401, "auth.expired", "never");
      return Promise.resolve(say());
    },
  });
  const taps = [newTap(), newTap(), newTap()];
  const answers = await Promise.all(taps.map((tap) => api("POST", "/orders", { tap, body: {} })));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(renewals).toBe(1);
  for (const { key } of taps) expect(seen.filter((one) => one.key === key)).toHaveLength(2);
});

test("a wrong code is no expired session: nothing is renewed", async () => {
  let renewals = 0;
  const session: Session = { headers: () => ({}), renew: () => Promise.resolve(++renewals > 0) };
  const { api } = world([refuse(401, "auth.code-wrong", "never")], session);
  await api("POST", "/auth/sessions", { body: {} });
  expect(renewals).toBe(0);
});

test("query values that are not given are left out", async () => {
  const { api, seen } = world([json(200, {})]);
  await api("GET", "/stations", { query: { near: undefined, size: 20, free: true } });
  expect(seen[0]?.url).toBe("/v1/stations?size=20&free=true");
});
