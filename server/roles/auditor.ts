// The standing auditor beside the projector: looks at the archive every few minutes, and when somebody
// asks; says in metrics and in its actor what does not fit. One process of all does it. It holds nothing
// up and stops nobody.
import { Auditor, type Difference, DrilledPeople, RULES, type Skips } from "../audit/mod.ts";
import { type AuditLook, DIFFERENCES_MAX } from "../../wire/audit.ts";
import { auditRequested } from "../../wire/subjects.ts";
import type { DrillMode } from "../drill-mode.ts";
import type { Client } from "../ports.ts";
import type { Base } from "./base.ts";
import { turnOf } from "./turn.ts";

const EVERY_MS = 120_000;
const FIRST_MS = 20_000;
const TELL_MS = 10_000;

export function startAuditor(base: Base, client: Client): { stop(): Promise<void> } {
  const { clock, log, bus } = base;
  const turn = turnOf(base, "auditor");
  const fresh = () => auditorOf(base);
  let auditor: Auditor | null = null;
  let stopped = false;
  let timer = clock.after(FIRST_MS, () => round());
  let under: Promise<void> | null = null;
  let isAsked = false;

  /** One at a time; asked for meanwhile, another one follows at once. */
  function round(): void {
    timer.cancel();
    under = look().catch((error) => log.warn({ error: String(error) }, "audit put off"))
      .finally(() => {
        under = null;
        if (stopped) return;
        timer = clock.after(isAsked ? 0 : EVERY_MS, () => round());
        isAsked = false;
      });
  }
  async function look(): Promise<void> {
    if (!await turn.mine()) {
      auditor = null; // another has it: what was read here grows old
      return;
    }
    auditor ??= fresh();
    await report(base, client, auditor);
  }
  const ear = bus.subscribe(auditRequested, () => {
    if (stopped) return;
    if (under) isAsked = true;
    else round();
  });

  return {
    async stop() {
      stopped = true;
      ear.stop();
      timer.cancel();
      await under;
      await turn.stop().catch((error) => log.warn({ error: String(error) }, "turn was kept"));
    },
  };
}

function auditorOf({ mongo: { db }, config, drills }: Base): Auditor {
  if (!drills) return new Auditor(db);
  const people = new DrilledPeople(db, config.CHARGEWARD_TENANT);
  return new Auditor(db, undefined, { people, off: offIn(drills) });
}

/** An unguarded platform looks at neither bills nor books of a drill's own people. */
const offIn = (drills: DrillMode): Skips => (owner, rule) => {
  const off = drills.without(owner.slice(owner.indexOf("/") + 1));
  return off.has(rule === "bill-recomputed" ? "bill.audited" : "books.audited");
};

/** Everything that does not fit, to metrics and to the actor, which knows what was said before. */
async function report(base: Base, client: Client, auditor: Auditor): Promise<void> {
  const { clock, log, metrics, config } = base;
  const begun = clock.tick();
  const { rows, differences } = await auditor.look(clock.now());
  metrics.observe("audit_look_ms", clock.tick() - begun);
  metrics.gauge("audit_rows", rows);
  for (const rule of RULES) {
    const count = differences.filter((one) => one.rule === rule).length;
    metrics.gauge("audit_differences", count, { rule });
  }
  if (differences.length > 0) log.error({ differences: differences.slice(0, 5) }, "books differ");
  const told = ({ rule, where, what }: Difference) => ({ rule, where, what });
  const to = { tenant: config.CHARGEWARD_TENANT, kind: "auditor", id: "books" };
  await client.ask({
    id: `audit-${config.CHARGEWARD_NODE}-${clock.now()}`,
    to,
    type: "ReportAudit",
    body: {
      rows,
      differences: differences.slice(0, DIFFERENCES_MAX).map(told),
      count: differences.length,
    },
    principal: { kind: "system", id: "auditor" },
    ttlMs: TELL_MS,
    cause: "audit",
    correlation: "audit",
    class: "report",
  });
  client.signal(to, { rows, at: clock.now() } satisfies AuditLook);
}
