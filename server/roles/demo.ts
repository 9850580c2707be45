// What the demo tells people: who may sign in to the console, in `<data>/demo.json`.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { seedDemo } from "../http/mod.ts";
import { entityId } from "../runtime/mod.ts";
import type { Base } from "./base.ts";
import type { Outside } from "./outside.ts";

const OWNER_ONLY = 0o600; // it holds passwords

export async function writeDemo(base: Base, { identity }: Outside): Promise<void> {
  const { config, directory } = base;
  const tenant = config.CHARGEWARD_TENANT;
  const ops = await seedDemo({ directory, identity, tenant, entityId });
  const file = join(config.CHARGEWARD_DATA, "demo.json");
  const before: unknown = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const whole = { ...(before as Record<string, unknown>), ops };
  const fresh = `${file}.${process.pid}.tmp`;
  writeFileSync(fresh, JSON.stringify(whole, null, 2), { mode: OWNER_ONLY });
  renameSync(fresh, file);
}
