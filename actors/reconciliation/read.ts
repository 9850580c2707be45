// A reconciliation as the console sees it.
import type { CaseRow, ReconciliationView } from "../../wire/reconcile.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import type { Case, OpenReconciliation, ReconciliationState } from "./state.ts";

export function read(
  name: string,
  state: ReconciliationState,
  ctx: Ctx,
): { body: unknown } | Refused {
  if (state.status === "absent") return refuse("case.unknown");
  if (name !== "show") return refuse("request.not-found", { read: name });
  const { kind } = ctx.principal;
  if (kind !== "ops" && kind !== "system") return refuse("case.unknown");
  return { body: viewOf(state, ctx.self.id, ctx.v) };
}

export function viewOf(state: OpenReconciliation, id: string, v: number): ReconciliationView {
  const { source, day, runs, cases } = state;
  return {
    id,
    v,
    source,
    day,
    runs: runs.map(({ at, ...run }) => ({ at: isoOf(at), ...run })),
    cases: cases.map((one) => caseOf(one, state, id)),
    open: cases.filter(({ state }) => state !== "settled").length,
  };
}

function caseOf(one: Case, { source, day }: OpenReconciliation, id: string): CaseRow {
  const { n, kind, state, paymentId, theirFen, ourFen, facts, openedAt, settledAt } = one;
  return {
    id: `${id}.${n}`,
    source,
    day,
    kind,
    state,
    ...(paymentId === undefined ? {} : { paymentId }),
    ...(theirFen === undefined ? {} : { theirFen }),
    ...(ourFen === undefined ? {} : { ourFen }),
    facts: { ...facts, key: one.key },
    openedAt: isoOf(openedAt),
    ...(settledAt === undefined ? {} : { settledAt: isoOf(settledAt) }),
    ...(one.reason === undefined ? {} : { reason: one.reason }),
    ...(one.by === undefined ? {} : { by: one.by }),
  };
}
