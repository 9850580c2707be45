// What a run's differences come to: a case each, tried by itself where that can help, else a person's;
// what agrees later is settled. Money is moved by the payments alone.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { CaseKind, Difference } from "../../wire/reconcile.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { viewOf } from "./read.ts";
import {
  type Case,
  CASES_OPEN_MAX,
  type ReconciliationCommand,
  type ReconciliationEvent,
  type ReconciliationState,
} from "./state.ts";

type Of<T extends ReconciliationCommand["type"]> = Extract<ReconciliationCommand, { type: T }>;
type Decided = Decision<ReconciliationEvent, ReconciliationState>;

/** Met again in so many runs, a case that is tried goes to a person. */
const RUNS_BEFORE_PERSON = 3;
/** Where the payment's own question to the provider can bring both together. */
const TRIED: readonly CaseKind[] = ["missing-here", "refund-missing-here"];

export function decide(
  state: ReconciliationState,
  command: ReconciliationCommand,
  ctx: Ctx,
): Decided {
  switch (command.type) {
    case "FileRun":
      return fileRun(state, command, ctx);
    case "SettleCase":
      return settleCase(state, command, ctx);
    case "CheckAnswered":
      return nothing; // what it comes to is seen by the next run
  }
}

function fileRun(state: ReconciliationState, command: Of<"FileRun">, ctx: Ctx): Decided {
  const { type: _type, differences, settled, ...run } = command;
  const known = state.status === "open" ? state.cases : [];
  const openNow = known.filter(({ state }) => state !== "settled");
  const events: ReconciliationEvent[] = [
    { type: "RunFiled", ...run, differences: differences.length },
  ];
  let n = state.status === "open" ? state.n : 0;
  let room = CASES_OPEN_MAX - openNow.length;
  const isMute = ctx.without.has("pay.case-each");
  let homeless = 0;
  for (const one of differences) {
    const before = known.findLast(({ key }) => key === one.key);
    if (before && before.state !== "settled") events.push(...metAgain(before, ctx));
    else if (isLookedInto(before, one) || isMute) continue;
    else if (room-- > 0) events.push(...opened(++n, one, ctx));
    else homeless++;
  }
  const full = homeless > 0 ? tooMany(command.source, homeless) : null;
  if (full && !openNow.some(({ key }) => key === full.key)) {
    events.push(...opened(++n, full, ctx));
  }
  const gone = openNow.filter(({ key }) => settled.includes(key) && key !== full?.key);
  for (const one of gone) {
    events.push({ type: "CaseSettled", n: one.n, reason: "agrees" });
    events.push(incident(one, "agrees", "recovered", ctx));
  }
  return replied(
    events,
    (after, v) => after.status === "open" ? viewOf(after, ctx.self.id, v) : null,
  );
}

/** A person's word stands for what they saw; what once agreed and differs again is new. */
const isLookedInto = (before: Case | undefined, { theirFen, ourFen }: Difference): boolean =>
  before?.by !== undefined && before.theirFen === theirFen && before.ourFen === ourFen;

/** What finds no room for a case of its own: one says so for all. */
const tooMany = (source: string, differences: number): Difference => ({
  key: `no-room/${source}`,
  kind: "too-many",
  facts: { differences },
});

function opened(n: number, one: Difference, ctx: Ctx): ReconciliationEvent[] {
  if (one.kind.startsWith("missing") && ctx.without.has("pay.missing-retried")) {
    return [{ type: "CaseOpened", ...one, n, state: "open" }]; // lies there, nobody is told
  }
  const isTried = TRIED.includes(one.kind) && one.paymentId !== undefined;
  return [
    { type: "CaseOpened", ...one, n, state: isTried ? "retrying" : "open" },
    isTried
      ? incident(one, "provider-asked", "retrying", ctx)
      : incident(one, "put-before-person", "needs-person", ctx),
  ];
}

function metAgain(one: Case, ctx: Ctx): ReconciliationEvent[] {
  if (one.state === "open") return [];
  if (one.seen + 1 < RUNS_BEFORE_PERSON) return [{ type: "CaseSeen", n: one.n }];
  return [
    { type: "CaseEscalated", n: one.n },
    incident(one, "put-before-person", "needs-person", ctx),
  ];
}

/** A person looked into it; their name and words stay with it. */
function settleCase(
  state: ReconciliationState,
  { n, reason }: Of<"SettleCase">,
  ctx: Ctx,
): Decided {
  const one = state.status === "open" ? state.cases.find((each) => each.n === n) : undefined;
  if (!one) return refuse("case.unknown", { n });
  const events: ReconciliationEvent[] = one.state === "settled"
    ? []
    : [{ type: "CaseSettled", n, reason, by: ctx.principal.id }];
  return replied(
    events,
    (after, v) => after.status === "open" ? viewOf(after, ctx.self.id, v) : null,
  );
}

function incident(
  { kind, paymentId, theirFen, ourFen, facts }: Difference,
  action: string,
  outcome: IncidentRaised["outcome"],
  { self }: Ctx,
): IncidentRaised {
  return {
    type: "IncidentRaised",
    row: "4.1",
    cause: `reconciliation-${kind}`,
    actor: `${self.kind}/${self.id}`,
    words: "payment.checked",
    action,
    outcome,
    facts: {
      ...facts,
      paymentId: paymentId ?? null,
      theirFen: theirFen ?? null,
      ourFen: ourFen ?? null,
    },
  };
}
