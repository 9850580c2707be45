import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Config } from "./config.ts";
export function writeDemoFile(config: Config, ops: unknown) {
  const f = `${config.CHARGEWARD_DATA}/demo.json`;
  const old = existsSync(f) ? JSON.parse(readFileSync(f, "utf8")) : {};
  writeFileSync(f + ".tmp", JSON.stringify({ ...old, ops }, null, 2));
  renameSync(f + ".tmp", f);
}
