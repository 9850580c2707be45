// The standing auditor beside the projector: looks at the archive every few minutes, says in metrics
// and in its actor what does not fit. It holds nothing up and stops nobody.
import { Auditor, RULES } from "../audit/mod.ts";
import { DIFFERENCES_MAX } from "../../wire/audit.ts";
import type { Client } from "../ports.ts";
import type { Base } from "./base.ts";

const EVERY_MS = 120_000;
const FIRST_MS = 20_000;
const TELL_MS = 10_000;

export function startAuditor(base: Base, client: Client): { stop(): Promise<void> } {
  const { mongo: { db }, clock, log, metrics, config } = base;
  const auditor = new Auditor(db);
  let stopped = false;
  let timer = clock.after(FIRST_MS, () => void round());
  let under: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    under = look().catch((error) => log.warn({ error: String(error) }, "audit put off"));
    await under;
    if (!stopped) timer = clock.after(EVERY_MS, () => void round());
  }

  async function look(): Promise<void> {
    const begun = clock.tick();
    const { rows, differences } = await auditor.look(clock.now());
    metrics.observe("audit_look_ms", clock.tick() - begun);
    metrics.gauge("audit_rows", rows);
    for (const rule of RULES) {
      const count = differences.filter((one) => one.rule === rule).length;
      metrics.gauge("audit_differences", count, { rule });
    }
    if (differences.length > 0) log.error({ differences: differences.slice(0, 5) }, "books differ");
    const body = {
      rows,
      differences: differences.slice(0, DIFFERENCES_MAX),
      count: differences.length,
    };
    await client.ask({
      id: `audit-${config.CHARGEWARD_NODE}-${clock.now()}`,
      to: { tenant: config.CHARGEWARD_TENANT, kind: "auditor", id: "books" },
      type: "ReportAudit",
      body,
      principal: { kind: "system", id: "auditor" },
      ttlMs: TELL_MS,
      cause: "audit",
      correlation: "audit",
      class: "report",
    });
  }

  return {
    async stop() {
      stopped = true;
      timer.cancel();
      await under;
    },
  };
}
