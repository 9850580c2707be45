// The standing auditor as a drill sees it: asked to look now, its word as alert and on the books' page.
import type { AuditView } from "../../wire/audit.ts";
import { must, pause, until } from "./see.ts";
import type { Stage } from "./stage.ts";

const AGAIN_MS = 700;
const look = (stage: Stage) => stage.ops.api.post("/v1/ops/books/audit", {});
export const books = (stage: Stage) => stage.ops.api.get<AuditView>("/v1/ops/books");

/** It finds a difference by that rule at that actor, and ops hear of it. */
export async function audited(stage: Stage, rule: string, actor: string): Promise<string> {
  const alert = await until(`alert ${rule} of ${actor}`, async () => {
    const rung = stage.console.alerts.find(({ facts }) =>
      facts.cause === rule && String(facts.where).includes(actor)
    );
    if (rung) return rung;
    await look(stage);
    await pause(AGAIN_MS);
    return null;
  });
  const { rows, differences } = await books(stage);
  const line = differences.find((one) => one.rule === rule && one.where.includes(actor));
  must(line !== undefined, "the page of the books does not name it");
  must((rows ?? 0) > 0, "the page does not say how much was read");
  return `${alert.severity}: ${line.what}, of ${rows} records read`;
}

/** It has looked after that moment. */
export async function auditedSince(stage: Stage, at: number): Promise<AuditView> {
  return await until("the auditor has looked", async () => {
    await look(stage);
    await pause(AGAIN_MS);
    const seen = await books(stage);
    return Date.parse(seen.lookedAt ?? "") > at && seen;
  });
}
