// The platform that a drill runs on where one lives already (its demo.json says how to get in), and a
// run's way onto the board of the platform.
import { join } from "node:path";
import * as z from "zod";
import type { Ops, OpsAccount } from "../../sim/mod.ts";
import { newKey, SimFault } from "../../sim/mod.ts";
import type { DrillRow, DrillStep } from "../../wire/drill.ts";
import type { Safeguard } from "../../wire/safeguards.ts";
import type { Outcome } from "./run.ts";
import type { Platform } from "./stage.ts";

const demo = z.looseObject({
  ops: z.array(z.looseObject({
    name: z.string(),
    password: z.string(),
    totpSecret: z.string(),
    roles: z.array(z.string()),
  })),
  addresses: z.looseObject({ NATS_URL: z.string(), provider: z.string() }).optional(),
});

/** A platform in demo mode whose data folder is at hand. */
export async function lifeOf(url: string, dataDir: string): Promise<Platform> {
  const file = join(dataDir, "demo.json");
  const text = await Deno.readTextFile(file).catch((cause: unknown) => {
    throw new SimFault(`no demo at '${dataDir}': give its data folder with --data`, "never", cause);
  });
  const { ops, addresses } = demo.parse(JSON.parse(text));
  const accountOf = (role: string): OpsAccount | undefined =>
    ops.find(({ roles }) => roles.includes(role));
  const [account, service, finance] = ["admin", "service", "finance"].map(accountOf);
  if (!account || !service || !finance || !addresses) {
    throw new SimFault(`'${file}' names no way in`, "never");
  }
  const { NATS_URL: natsUrl, provider: pushUrl } = addresses;
  return { url, natsUrl, pushUrl, account, service, finance };
}

export interface Report {
  readonly runId: string;
  step(step: DrillStep): Promise<void>;
  end(outcome: Outcome): Promise<void>;
}

/** Puts a run on the board. */
export async function reportTo(
  ops: Ops,
  row: DrillRow,
  without: readonly Safeguard[],
): Promise<Report> {
  const { body: { runId } } = await ops.api.ask<{ runId: string }>(
    "POST",
    `/v1/ops/drills/${row}/runs`,
    { body: { without }, headers: { "X-Drill-Runner": "1" }, key: newKey() },
  );
  return reportOf(ops, runId);
}

/** Reports a run that stands on the board. */
export function reportOf(ops: Ops, runId: string): Report {
  const path = `/v1/ops/drills/runs/${runId}`;
  return {
    runId,
    step: async (step) => void await ops.api.post(`${path}/steps`, { steps: [step] }),
    async end({ passed, evidence }) {
      await ops.api.post(`${path}/end`, { passed, evidence });
    },
  };
}
