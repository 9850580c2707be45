// Settings of any form: a frozen configuration, or every mistake in words that give no secret away.
import fc from "fast-check";
import { expect, test } from "vitest";
import { mutated, printed } from "../test/kit/fuzz.ts";
import { readConfig } from "./config.ts";

const RUNS = 10_000;
const good: Record<string, string> = {
  PORT: "8080",
  HOST: "127.0.0.1",
  NATS_URL: "nats://127.0.0.1:4222",
  MONGODB_URL: "mongodb://127.0.0.1:27017",
  CHARGEWARD_ROLES: "api,gateway",
  CHARGEWARD_NODE: "node-1",
  CHARGEWARD_DEMO: "on",
  CHARGEWARD_TENANT: "main",
  CHARGEWARD_PUBLIC_URL: "https://charge.example",
  CHARGEWARD_SETTINGS: '{"ordersPerUser":2}',
  CHARGEWARD_SYNC: "any",
  CHARGEWARD_LOG: "info",
  CHARGEWARD_TOKEN_SECRET: "a-secret-of-at-least-thirty-two-characters",
  CHARGEWARD_PLATFORM_KEY: "-----BEGIN PRIVATE KEY-----",
  CHARGEWARD_VAULT_KEY: "A".repeat(44),
};
const hostile = fc.oneof(
  mutated(Object.values(good).filter((value) => !value.includes("secret"))),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", " ", "-1", "1e999", "65536", "all,root", "{}", "null", '{"__proto__":{}}'),
);
const names = fc.constantFrom(
  ...Object.keys(good),
  "CHARGEWARD_TOKEN_SECRET_FILE",
  "constructor_FILE",
  "__proto__",
  "CHARGEWARD_PROVIDER_URL",
);

test("good settings are taken", () => {
  const read = readConfig(good);
  expect(read).toMatchObject({ config: { PORT: 8080, CHARGEWARD_ROLES: ["api", "gateway"] } });
  expect("config" in read && Object.isFrozen(read.config)).toBe(true);
});

test("spoilt settings are a configuration or mistakes, each named, no secret told", () => {
  const change = fc.tuple(names, fc.option(hostile, { nil: undefined }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const env = Object.assign(Object.create(null) as Record<string, string>, good);
      for (const [name, value] of changes) {
        if (value === undefined) delete env[name];
        else env[name] = value;
      }
      const read = readConfig(env);
      if ("config" in read) return;
      expect(read.mistakes.length).toBeGreaterThan(0);
      for (const mistake of read.mistakes) {
        expect(mistake).toMatch(/^\w[\w.]*: ./s);
        expect(mistake).not.toContain(good.CHARGEWARD_TOKEN_SECRET);
      }
    }),
    printed(RUNS),
  );
});
