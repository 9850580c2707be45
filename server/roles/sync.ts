// Does the journal's server acknowledge only what is on its disk? Asked of the server itself.
import * as z from "zod";
import type { Config } from "../config.ts";
import { connectNats } from "../store/mod.ts";
import { seedOf } from "./base.ts";

const ANSWER_MS = 2_000;
const varz = z.looseObject({
  data: z.looseObject({
    jetstream: z.looseObject({
      config: z.looseObject({ sync_always: z.boolean().optional() }).optional(),
    }).optional(),
  }).optional(),
});

/** True or false by the server's own report; null where this process may not ask it. */
export async function journalSyncs(config: Config): Promise<boolean | null> {
  const seed = seedOf(config.NATS_SYS_NKEY);
  if (seed === undefined) return null;
  const connection = await connectNats({ url: config.NATS_URL, name: "sync check", seed });
  try {
    const answer = await connection.request("$SYS.REQ.SERVER.PING.VARZ", "", {
      timeout: ANSWER_MS,
    });
    const report = varz.safeParse(answer.json());
    return report.success ? report.data.data?.jetstream?.config?.sync_always === true : null;
  } catch {
    return null;
  } finally {
    await connection.close();
  }
}
