// Each decoder of HTTP by itself, with inputs of any form: a value of its shape or a typed refusal,
// never an exception. What the routes then do with it: fuzz.test.ts.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { goodsOf } from "../../test/kit/attack/goods.ts";
import { mutated, printed, revalued } from "../../test/kit/fuzz.ts";
import { type HttpWorld, httpWorld, SECRET, TestClock } from "../../test/kit/http-world.ts";
import { isRefusalCode } from "../../wire/refusals.ts";
import { isNo, type No } from "./answer.ts";
import { parseJson, shapeRequest } from "./body.ts";
import { checkKey } from "./keys.ts";
import { createLimits, demoRates } from "./limits.ts";
import { readCode } from "./qr.ts";
import { nameOf, type Route } from "./route.ts";
import { allRoutes } from "./routes/mod.ts";
import { createTokens } from "./sign-in/tokens.ts";

const RUNS = 10_000;
/** Of these, so many are a route's own body, spoilt. */
const OWN = 1_000;
const about = { pileId: "P1", stationId: "stn_0001", orderId: "ord_0001", paymentId: "pay_0001" };
const goods = goodsOf(about);
const sandbox = {
  inbox: () => Promise.resolve([]),
  provider: () => Promise.resolve({ status: 200, text: "{}", contentType: "application/json" }),
};
let world: HttpWorld;
let routes: Route[];
let inputs: { seed: number; texts: string[]; words: string[] };
beforeAll(async () => {
  world = await httpWorld({ sandbox });
  routes = allRoutes(world.deps, createLimits(demoRates));
  // drawn once for all routes: drawing costs more than decoding
  const { seed } = printed(RUNS);
  const any = fc.oneof(
    fc.json(),
    fc.string({ unit: "binary" }),
    mutated(goods.map(({ body }) => JSON.stringify(body))),
    revalued(goods.map(({ body }) => body)).map((body) => JSON.stringify(body)),
  );
  const word = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    mutated(["ord_0001", "31.2,121.4", "moneyFen:500", "true", "50", "2026-01-01", "paid"]),
    fc.constantFrom("__proto__", "constructor", "9007199254740993", "1e999", "-0", "\ud800"),
  );
  inputs = {
    seed,
    texts: fc.sample(any, { numRuns: RUNS - OWN, seed }),
    words: fc.sample(word, { numRuns: RUNS, seed }),
  };
});

const isTyped = (no: No) => isRefusalCode(no.refusal.code);

/** The route's own body and everybody's, spoilt. */
function textsFor(route: Route): string[] {
  const form = new RegExp(`^${route.path.replace(/\{\w+\}/g, "[^/]+")}$`);
  const own = goods.filter(({ method, path }) => method === route.method && form.test(path));
  const bodies = (own.length > 0 ? own : goods).map(({ body }) => body);
  const spoilt = fc.oneof(
    mutated(bodies.map((body) => JSON.stringify(body))),
    revalued(bodies).map((body) => JSON.stringify(body)),
  );
  return [...inputs.texts, ...fc.sample(spoilt, { numRuns: OWN, seed: inputs.seed })];
}

test("body, path and query of every route: a value of its shape or request.*", () => {
  const names = ["id", "near", "size", "cursor", "status", "minV", "limit", "connector", "code"];
  for (const route of routes) {
    const params = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
    const texts = route.method === "GET" ? inputs.words : textsFor(route);
    let refused = 0;
    texts.forEach((text, i) => {
      const word = inputs.words[i]!;
      const url = new URL("http://a/");
      if (i % 2 === 0 && route.query) url.searchParams.set(names[i % names.length]!, word);
      const given = i % 3 === 0 ? word : "ord_0001";
      const shaped = shapeRequest(
        route,
        url,
        Object.fromEntries(params.map((name) => [name, given])),
        text,
      );
      if (!("refusal" in shaped)) return;
      refused += 1;
      if (!isTyped(shaped)) expect([nameOf(route), text, shaped]).toEqual([]);
    });
    // what takes nothing from outside has nothing to refuse
    const isBare = route.method === "GET" && !route.query && params.length === 0;
    if (!isBare) expect([nameOf(route), refused > 0]).toEqual([nameOf(route), true]);
  }
}, 180_000); // sixty routes, ten thousand inputs each

test("JSON of strangers", () => {
  const texts = fc.oneof(
    mutated(goods.map(({ body }) => JSON.stringify(body))),
    fc.string({ unit: "binary" }),
    fc.integer({ min: 1, max: 30_000 }).map((depth) => `["\\u0041",${"[".repeat(depth)}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parseJson(text);
      expect("value" in parsed || isTyped(parsed)).toBe(true);
    }),
    printed(RUNS),
  );
});

test("Idempotency-Key", () => {
  const key = fc.oneof(mutated(["01ARZ3NDEKTSV4RRFFQ69G5FAV"]), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.constantFrom("needed", "timeless", "exempt"), key, (rule, text) => {
      const checked = checkKey(rule, text, Date.now());
      if ("refusal" in checked) {
        expect(checked.refusal.code).toMatch(/^key\./);
        return;
      }
      expect(checked.key).toMatch(/^([0-7][0-9A-HJKMNP-TV-Z]{25})?$/);
    }),
    printed(RUNS),
  );
});

test("QR codes", () => {
  const ours = "https://charge.example";
  const code = fc.oneof(
    mutated([`${ours}/p/12345678`, "12345678", "hlht://1234567890.123456789/"]),
    fc.string({ unit: "binary" }),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(code, (text) => {
      const read = readCode(text, ours);
      if (typeof read === "string") {
        expect(read).toMatch(/^[0-9]{6,12}$/);
        return;
      }
      expect(read.refusal.code).toMatch(/^qr\.(malformed|foreign)$/);
    }),
    printed(RUNS),
  );
});

test("tokens: only the true one is read", async () => {
  const clock = new TestClock();
  const tokens = createTokens(SECRET, clock);
  const facts = { sub: "usr_0001", tenant: "main", sid: "s" };
  const { token } = await tokens.sign("driver", facts, 60_000);
  const others = await Promise.all(
    (["ops-mfa", "ops-live"] as const).map((use) => tokens.sign(use, facts, 60_000)),
  );
  const any = fc.oneof(
    mutated([token]),
    mutated(others.map((other) => other.token)),
    fc.string({ unit: "binary" }),
  );
  await fc.assert(
    fc.asyncProperty(any, async (text) => {
      const verdict = await tokens.verify("driver", text);
      if (typeof verdict === "string") {
        expect(verdict).toBe("auth.required");
        return;
      }
      expect(verdict).toMatchObject(facts);
    }),
    printed(RUNS),
  );
});

test("cookies, bearers, refresh tokens, sealed words: nobody, or a refusal", async () => {
  const { refresh } = await world.driver();
  const { cookie = "" } = await world.console();
  const header = fc.oneof(
    mutated([cookie, "cw_ops=.", "cw_ops=a.b; cw_ops=c.d", "Bearer a.b.c"]),
    fc.string({ maxLength: 60 }),
  ).filter((text) => /^[\x20-\x7e]*$/.test(text) && !text.includes(cookie));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("cookie", "authorization"), header, async (name, text) => {
      const request = new Request("http://a/", { headers: { [name]: text } });
      const who = await world.identity.identify(request);
      expect(isNo(who) ? isTyped(who) : ["nobody", "ops"].includes(who.kind)).toBe(true);
    }),
    printed(RUNS),
  );
  const first = refresh.split(".")[0]!;
  const spoilt = fc.oneof(mutated([refresh]), fc.string({ unit: "binary", maxLength: 60 }))
    .filter((text) => !text.startsWith(first)); // an old turn of it would end the session
  await fc.assert(
    fc.asyncProperty(spoilt, async (text) => {
      expect(isNo(await world.identity.drivers.refresh(text, ""))).toBe(true);
    }),
    printed(RUNS),
  );
}, 180_000); // sixty routes, ten thousand inputs each
