import { expect, test } from "vitest";
import { mistakesIn, readConfig } from "./config.ts";

const ENOUGH = {
  NATS_URL: "nats://127.0.0.1:4222",
  MONGODB_URL: "mongodb://127.0.0.1:27017/?directConnection=true",
  CHARGEWARD_TOKEN_SECRET: "t".repeat(32),
  CHARGEWARD_PLATFORM_KEY: "pem",
  CHARGEWARD_VAULT_KEY: "v".repeat(44),
};

test("what is left empty has its default", () => {
  const read = readConfig({ ...ENOUGH, PORT: "", CHARGEWARD_TENANT: "" });
  expect(read).toMatchObject({ config: { PORT: 8080, CHARGEWARD_TENANT: "main" } });
});

test("several servers of one NATS cluster may be named", () => {
  expect(mistakesIn({ NATS_URL: "nats://a:4222, nats://b:4222" })).toEqual([]);
});

test.each([
  ["PORT", "abc", "give a number from 1 to 65535"],
  ["PORT", "70000", "give a number from 1 to 65535"],
  ["NATS_URL", "127.0.0.1:4222", "such as nats://127.0.0.1:4222"],
  ["NATS_URL", "localhost:4222", "such as nats://127.0.0.1:4222"],
  ["NATS_URL", "nats://a:4222,b:4222", "such as nats://127.0.0.1:4222"],
  ["NATS_URL", "nats://[broken", "such as nats://127.0.0.1:4222"],
  ["MONGODB_URL", "127.0.0.1", "such as mongodb://127.0.0.1:27017"],
  ["CHARGEWARD_ROLES", "api,foo", "unknown role: foo: give all, or some of"],
  ["CHARGEWARD_NODE", "a b", "give up to 40 letters, digits and -"],
  ["CHARGEWARD_TENANT", "!!", "give up to 32 of a-z, 0-9 and -, a letter first"],
  ["CHARGEWARD_SETTINGS", "xx", "not JSON: give numbers by name"],
  ["CHARGEWARD_SETTINGS", `{"noSuch":1}`, "noSuch"],
  ["CHARGEWARD_DEMO", "yes", `"on"|"off"`],
  ["CHARGEWARD_VAULT_KEY_FILE", "/no/such/file", "cannot be read: '/no/such/file'"],
])("%s=%s is told with what to give instead", (name, value, says) => {
  const mistakes = mistakesIn({ [name]: value });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toContain(`${name}: `);
  expect(mistakes[0]).toContain(says);
  expect(readConfig({ ...ENOUGH, [name]: value })).toEqual({ mistakes });
});

test("every mistake is told at once, and no value of a secret", () => {
  const read = readConfig({ ...ENOUGH, PORT: "x", CHARGEWARD_TOKEN_SECRET: "hunter2" });
  expect(read).toMatchObject({ mistakes: [/^PORT: /, /^CHARGEWARD_TOKEN_SECRET: /].map(line) });
  expect(JSON.stringify(read)).not.toContain("hunter2");
});

const line = (start: RegExp) => expect.stringMatching(start) as string;
