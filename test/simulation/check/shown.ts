// T1 at the end: once everything is settled, whoever asks is shown the newest state of each actor, at
// whichever node: also at one that was frozen or cut off while others went on.
import type { Client } from "../../../server/runtime/mod.ts";
import type { Time } from "../time.ts";
import type { Records } from "./records.ts";

/** A node may show what it saw within its last second. */
const SHOWN_AFTER_MS = 2_000;

export interface Asking {
  time: Time;
  api: Client;
  records: Records;
  count(name: string): void;
  fail(invariant: string, what: string): void;
}

export async function askAround({ time, api, records, count, fail }: Asking): Promise<void> {
  const stored = [...records.newest()].map(([name, { v }]) => ({ name, v }));
  await time.sleep(SHOWN_AFTER_MS);
  for (const { name, v } of stored) {
    const [tenant, kind, id] = name.split("/") as [string, string, string];
    const to = { tenant, kind, id };
    const reply = await api.read({ to, name: "show", principal: { kind: "ops", id: "ops_wall" } });
    if ("fault" in reply) continue;
    count("read-at-the-end");
    if (reply.v < v) fail("T1", `${name}: shown at version ${reply.v}, stored was ${v}`);
  }
}
