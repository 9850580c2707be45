// What the nodes of a scene wrote, and their journal in brief, is kept where its verdict was bad; a good
// one leaves nothing.
import { basename, join } from "node:path";
import { ROOT } from "../kit/world.ts";
import { recordsOf, type Stored } from "./journal-look.ts";
import type { Scene } from "./scene.ts";

const FOLDER = ".cache/faults";

/** Where they lie, from the root. */
export async function keepLogs({ nodes, world }: Scene, name: string): Promise<string> {
  const folder = join(FOLDER, name.replaceAll(/[^A-Za-z0-9]+/g, "-"));
  await Deno.mkdir(join(ROOT, folder), { recursive: true });
  for (const [n, node] of nodes.entries()) {
    await Deno.copyFile(node.logFile, join(ROOT, folder, `node-${n + 1}.log`));
  }
  for (const { logFile } of [world.nats, world.mongo]) {
    await Deno.copyFile(logFile, join(ROOT, folder, basename(logFile))).catch(() => {});
  }
  const records = await recordsOf(world);
  await Deno.writeTextFile(join(ROOT, folder, "journal.jsonl"), records.map(brief).join(""));
  return folder;
}

function brief({ address, storedAt, record }: Stored): string {
  const { kind, id } = address;
  const { v, at, cause, events, out, timers } = record;
  const line = { kind, id, v, at, storedAt, cause, events, out, timers };
  return `${JSON.stringify(line)}\n`;
}
