import { fromSeed } from "@nats-io/nkeys";
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { newPileKeys, platformKeyOf, secretFits, storePileKeys } from "./pile-keys.ts";
import { realClock } from "./observe.ts";
import { memoryDirectory } from "./store/memory-directory.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("an OCPP pile's secret is kept as a hash only", () => {
  const keys = newPileKeys("ocpp1.6");
  expect(keys.secret).toMatch(/^[0-9a-f]{40}$/);
  expect(JSON.stringify(keys.auth)).not.toContain(keys.secret);
  expect(secretFits(keys.auth, bytes(keys.secret))).toBe(true);
  expect(secretFits(keys.auth, bytes(`${keys.secret} `))).toBe(false);
  expect(secretFits(keys.auth, bytes(""))).toBe(false);
  expect(secretFits({ lane: "native", nkey: "U" }, bytes(keys.secret))).toBe(false);
});

test("a native pile's secret is a seed, whatever was given", () => {
  const made = newPileKeys("native");
  const own = newPileKeys("native", made.secret);
  const word = newPileKeys("native", "sixteen-letters!");
  expect(own).toEqual(made);
  expect(word).toEqual(newPileKeys("native", "sixteen-letters!"));
  for (const keys of [made, word]) {
    expect(fromSeed(bytes(keys.secret)).getPublicKey()).toBe(keys.publicKey);
    expect(keys.auth).toEqual({ lane: "native", nkey: keys.publicKey });
  }
});

test("rotated keys leave nothing of the old ones", async () => {
  const directory = memoryDirectory(realClock);
  const pile = { tenant: "main", pileId: "P1" };
  const [old, fresh] = [newPileKeys("native"), newPileKeys("native")];
  await storePileKeys(directory, pile, old);
  await storePileKeys(directory, pile, fresh);
  const owners = await directory.bucket("nkeys");
  expect(await owners.entries()).toEqual([{ key: fresh.publicKey, value: pile }]);
});

test("the platform's public key is 32 raw bytes", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  const raw = Buffer.from(platformKeyOf(pem), "base64");
  expect(raw).toHaveLength(32);
  expect(Buffer.from(publicKey.export({ type: "spki", format: "der" })).subarray(-32)).toEqual(raw);
});
