import { expect, test } from "vitest";
import { httpWorld } from "../../../test/kit/http-world.ts";
import { decodeJwt, SignJWT } from "jose";
import { waitMs } from "./ops-fails.ts";
import { totpOf } from "./ops-users.ts";
import { seedDemo } from "../demo.ts";

const codeOf = async (answer: Response) => (await answer.json()).code as string;

test("a driver signs in with the code, and the first time is registered", async () => {
  const world = await httpWorld();
  const { userId, headers } = await world.driver();
  expect(userId).toMatch(/^usr_/);
  expect(world.client.asks.map(({ type }) => type)).toEqual(["RegisterUser"]);
  const again = await world.driver("+8613800000001");
  expect(again.userId).toBe(userId);
  expect(world.client.asks).toHaveLength(1);
  expect((await world.call("GET", "/v1/me/active", { headers })).status).toBe(200);
});

test("the phone lies nowhere in plain", async () => {
  const world = await httpWorld();
  const { userId } = await world.driver("13812345678");
  for (const name of ["phones", "vault", "sms-codes", "sms-counts", "sessions"]) {
    const entries = await (await world.deps.directory.bucket(name)).entries();
    expect(entries.length).toBeGreaterThan(0);
    expect(JSON.stringify(entries)).not.toContain("13812345678");
  }
  expect(JSON.stringify(world.client.asks)).not.toContain("13812345678");
  expect(await world.identity.vault.get("main", userId)).toEqual({ phone: "+8613812345678" });
  await world.identity.vault.erase("main", userId);
  expect(await world.identity.vault.get("main", userId)).toBeNull();
});

test("a wrong code is refused, five tries in all, also in parallel", async () => {
  const world = await httpWorld();
  const phone = "13800000002";
  await world.call("POST", "/v1/auth/code", { body: { phone } });
  const right = world.sent[0]!.code;
  const wrong = right === "000000" ? "111111" : "000000";
  const tries = Array.from(
    { length: 8 },
    () => world.call("POST", "/v1/auth/sessions", { body: { phone, code: wrong, device: "x" } }),
  );
  for (const answer of await Promise.all(tries)) expect(answer.status).toBe(401);
  const body = { phone, code: right, device: "x" };
  expect(await codeOf(await world.call("POST", "/v1/auth/sessions", { body })))
    .toBe("auth.code-wrong");
});

test("a code works once and for five minutes", async () => {
  const world = await httpWorld();
  const phone = "13800000003";
  await world.driver(phone);
  const used = { phone, code: world.sent.at(-1)!.code, device: "x" };
  expect((await world.call("POST", "/v1/auth/sessions", { body: used })).status).toBe(401);
  await world.call("POST", "/v1/auth/code", { body: { phone } });
  const late = { phone, code: world.sent.at(-1)!.code, device: "x" };
  world.clock.at += 5 * 60_000 + 1;
  expect((await world.call("POST", "/v1/auth/sessions", { body: late })).status).toBe(401);
});

test("codes are sent only so often to one phone, and the answer tells nothing", async () => {
  const world = await httpWorld();
  const body = { phone: "13800000004" };
  for (let i = 0; i < 5; i++) {
    const answer = await world.call("POST", "/v1/auth/code", { body });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
  }
  const over = await world.call("POST", "/v1/auth/code", { body });
  expect(over.status).toBe(429);
  expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("a refresh token works once; an old one ends the session", async () => {
  const world = await httpWorld();
  const { refresh, headers } = await world.driver();
  const first = await world.call("POST", "/v1/auth/refresh", { body: { refresh } });
  expect(first.status).toBe(200);
  const renewed = await first.json();
  const stolen = await world.call("POST", "/v1/auth/refresh", { body: { refresh } });
  expect(await codeOf(stolen)).toBe("auth.expired");
  const { refresh: next } = renewed;
  expect((await world.call("POST", "/v1/auth/refresh", { body: { refresh: next } })).status)
    .toBe(401);
  expect((await world.call("GET", "/v1/me/active", { headers })).status).toBe(401);
  expect(world.revoked).toHaveLength(1);
});

test("a refresh whose answer was lost is asked for again under its key, by nobody else", async () => {
  const world = await httpWorld();
  const { refresh } = await world.driver();
  const ask = async (key?: string, token = refresh) =>
    await world.call("POST", "/v1/auth/refresh", {
      body: { refresh: token },
      headers: key === undefined ? {} : { "idempotency-key": key },
    });
  const key = world.key();
  const [first, twin] = await Promise.all([ask(key), ask(key)]);
  const { refresh: next } = await first.json();
  expect((await twin.json()).refresh).toBe(next);
  const again = await ask(key);
  expect([again.status, again.headers.get("idempotent-replay")]).toEqual([200, "true"]);
  expect((await again.json()).refresh).toBe(next);
  const kept = await (await world.deps.directory.bucket("sessions")).entries();
  expect(JSON.stringify(kept)).not.toContain(next.split(".").at(-1));
  world.clock.at += 60_001;
  expect((await ask(key)).status).toBe(401); // too late: it may be a copy
  expect((await ask(undefined, next)).status).toBe(401);
});

test("an old refresh token under another key, or none, ends the session", async () => {
  for (const thief of [undefined, "01ARZ3NDEKTSV4RRFFQ69G5FAV"]) {
    const world = await httpWorld();
    const { refresh } = await world.driver();
    const ask = (token: string, key?: string) =>
      world.call("POST", "/v1/auth/refresh", {
        body: { refresh: token },
        headers: key === undefined ? {} : { "idempotency-key": key },
      });
    const { refresh: next } = await (await ask(refresh, world.key())).json();
    expect((await ask(refresh, thief)).status).toBe(401);
    expect((await ask(next)).status).toBe(401);
  }
});

test("after sign-out neither token works", async () => {
  const world = await httpWorld();
  const { refresh, headers } = await world.driver();
  expect((await world.call("DELETE", "/v1/auth/sessions/this", { headers })).status).toBe(204);
  expect((await world.call("GET", "/v1/me/active", { headers })).status).toBe(401);
  expect((await world.call("POST", "/v1/auth/refresh", { body: { refresh } })).status).toBe(401);
});

test("foreign, expired, unsigned and renamed tokens are refused", async () => {
  const world = await httpWorld();
  const { headers } = await world.driver();
  const token = headers.authorization!.slice("Bearer ".length);
  const [head, payload, signature] = token.split(".");
  const claims = decodeJwt(token);
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const foreign = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "driver+jwt" })
    .sign(new TextEncoder().encode("another-secret-of-at-least-32-characters"));
  const live = await world.identity.ops.liveToken({
    kind: "ops",
    tenant: "main",
    user: { id: "ops_x", name: "admin", roles: ["admin"], scope: null },
    sid: "s",
    csrf: "c",
    expiresAt: 0,
  });
  const bad = [
    `${encode({ alg: "none", typ: "driver+jwt" })}.${payload}.`,
    `${head}.${encode({ ...claims, sub: "usr_somebody" })}.${signature}`,
    foreign,
    live.token,
    "x.y.z",
  ];
  for (const forged of bad) {
    const answer = await world.call("GET", "/v1/me/active", {
      headers: { authorization: `Bearer ${forged}` },
    });
    expect(await codeOf(answer)).toBe("auth.required");
  }
  world.clock.at += 16 * 60_000;
  expect(await codeOf(await world.call("GET", "/v1/me/active", { headers }))).toBe("auth.expired");
});

test("ops sign in with password and TOTP; the session is a cookie with a CSRF token", async () => {
  const world = await httpWorld();
  const headers = await world.console();
  const { cookie } = headers;
  const session = await world.call("GET", "/v1/ops/auth/session", { headers: { cookie: cookie! } });
  expect((await session.json()).user).toMatchObject({ name: "admin", roles: ["admin"] });
  const noCsrf = await world.call("POST", "/v1/ops/live-token", { headers: { cookie: cookie! } });
  expect(await codeOf(noCsrf)).toBe("auth.csrf");
  expect((await world.call("POST", "/v1/ops/live-token", { headers })).status).toBe(200);
  expect((await world.call("DELETE", "/v1/ops/auth/session", { headers })).status).toBe(204);
  expect((await world.call("GET", "/v1/ops/auth/session", { headers })).status).toBe(401);
});

test("a TOTP code works once, and a ticket alone opens nothing", async () => {
  const world = await httpWorld();
  await world.console();
  await expect(world.console()).rejects.toThrow();
  world.clock.at += 31_000;
  await world.console();
});

test("an idle console session ends after 30 minutes", async () => {
  const world = await httpWorld();
  const headers = await world.console();
  world.clock.at += 29 * 60_000;
  expect((await world.call("GET", "/v1/ops/auth/session", { headers })).status).toBe(200);
  world.clock.at += 31 * 60_000;
  const late = await world.call("GET", "/v1/ops/auth/session", { headers });
  expect(await codeOf(late)).toBe("auth.expired");
});

test("wrong passwords of known and unknown names are refused alike, then delayed", async () => {
  const world = await httpWorld();
  await world.console();
  const tryOne = async (name: string) => {
    const body = { name, password: "wrong" };
    return await codeOf(await world.call("POST", "/v1/ops/auth/password", { body }));
  };
  expect(await tryOne("admin")).toBe("auth.password-wrong");
  expect(await tryOne("nobody")).toBe("auth.password-wrong");
  const fails = await world.deps.directory.bucket<{ count: number; untilAt: number }>("ops-fails");
  expect((await fails.get("nobody"))!.value.count).toBe(1);
  await fails.put("nobody", { count: 9, untilAt: 0 });
  expect(await tryOne("nobody")).toBe("auth.password-wrong");
  expect(await tryOne("Nobody ")).toBe("auth.locked");
  expect([9, 10, 13, 40, 100].map(waitMs)).toEqual([0, 1_000, 8_000, 900_000, 86_400_000]);
});

test("the demo's accounts are made once, and are good for the console", async () => {
  const world = await httpWorld();
  const [first] = await seedDemo(world.deps, ["finance"]);
  expect(await seedDemo(world.deps, ["finance"])).toEqual([first]);
  const { name, password, totpSecret } = first!;
  const { ticket } = await (await world.call("POST", "/v1/ops/auth/password", {
    body: { name, password },
  })).json();
  const code = totpOf(totpSecret).generate({ timestamp: world.clock.now() });
  const answer = await world.call("POST", "/v1/ops/auth/mfa", { body: { ticket, code } });
  expect((await answer.json()).user).toMatchObject({ name: "finance", roles: ["finance"] });
  expect(answer.headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Strict/);
});
