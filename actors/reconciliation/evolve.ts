// Folds runs and cases; what is settled and old gives way.
import { assert } from "../kit/assert.ts";
import {
  type Case,
  CASES_KEPT,
  type OpenReconciliation,
  type ReconciliationEvent,
  type ReconciliationState,
  RUNS_KEPT,
} from "./state.ts";

export function evolve(
  state: ReconciliationState,
  event: ReconciliationEvent,
  { at }: { at: number },
): ReconciliationState {
  if (event.type === "IncidentRaised") return state;
  if (event.type === "RunFiled") {
    const { type: _type, source, day, ...run } = event;
    const before: OpenReconciliation = state.status === "open"
      ? state
      : { status: "open", source, day, runs: [], cases: [], n: 0 };
    return { ...before, runs: [...before.runs, { at, ...run }].slice(-RUNS_KEPT) };
  }
  assert(state.status === "open", "a case of no reconciliation", { event: event.type });
  switch (event.type) {
    case "CaseOpened": {
      const { type: _type, ...opened } = event;
      const cases = [...state.cases, { ...opened, seen: 1, openedAt: at }];
      return { ...state, n: event.n, cases: bounded(cases) };
    }
    case "CaseSeen":
      return changed(state, event.n, ({ seen }) => ({ seen: seen + 1 }));
    case "CaseEscalated":
      return changed(state, event.n, ({ seen }) => ({ seen: seen + 1, state: "open" }));
    case "CaseSettled": {
      const { reason, by } = event;
      const settled = { state: "settled" as const, settledAt: at, reason };
      return changed(state, event.n, () => ({ ...settled, ...(by === undefined ? {} : { by }) }));
    }
  }
}

const changed = (
  state: OpenReconciliation,
  n: number,
  change: (one: Case) => Partial<Case>,
): OpenReconciliation => ({
  ...state,
  cases: state.cases.map((one) => one.n === n ? { ...one, ...change(one) } : one),
});

function bounded(cases: Case[]): Case[] {
  let excess = cases.length - CASES_KEPT;
  return cases.filter(({ state }) => state !== "settled" || excess-- <= 0);
}
