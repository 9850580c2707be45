import { expect, test } from "vitest";
import { natsConfig } from "./nats-config.ts";
import { NATS_ROLES, natsSeeds, publicKey } from "./nats-keys.ts";

async function config(sync?: string) {
  const folder = await Deno.makeTempDir();
  try {
    const seeds = await natsSeeds(folder);
    const plan = { serverName: "n1", port: 4222, storeDir: "/data", seeds };
    const text = natsConfig(sync === undefined ? plan : { ...plan, sync });
    return { seeds, text, again: await natsSeeds(folder), folder: [...Deno.readDirSync(folder)] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

test("appends are flushed before they are acknowledged, unless a bench says otherwise", async () => {
  expect((await config()).text).toContain("sync_interval: always");
  expect((await config("2m")).text).toContain("sync_interval: 2m");
});

test("the configuration names public keys only, each role's once at least", async () => {
  const { seeds, text } = await config();
  for (const role of NATS_ROLES) {
    expect(text).toContain(publicKey(seeds[role]));
    expect(text).not.toContain(seeds[role]);
  }
});

test("only the platform's own users and telemetry, callout and sys bypass the callout", async () => {
  const { seeds, text } = await config();
  const listed = /auth_users: \[([^\]]*)\]/.exec(text)?.[1]?.split(", ") ?? [];
  const staff = NATS_ROLES.filter((role) => role !== "issuer");
  expect(listed.sort()).toEqual(staff.map((role) => publicKey(seeds[role])).sort());
});

test("seeds are made once, and no temporary file stays", async () => {
  const { seeds, again, folder } = await config();
  expect(again).toEqual(seeds);
  expect(folder.map(({ name }) => name).filter((name) => !name.endsWith(".nk"))).toEqual([]);
});
