// The auditor's word (审计): what it found that was not known becomes an incident for a person, once;
// what it finds no more is gone. Unchanged, nothing is recorded.
import { auditLook, auditorCommand, type AuditView } from "../../wire/audit.ts";
import { isoOf } from "../../wire/units.ts";
import { type ActorDefinition, type Ctx, type Decision, nothing, refuse } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import {
  type AuditorCommand,
  type AuditorEvent,
  type AuditorMemory,
  type AuditorState,
  nameOf,
} from "./state.ts";

/** Of one report: a mistake that is everywhere needs no incident everywhere. */
const INCIDENTS_MAX = 10;

function decide(
  state: AuditorState,
  command: AuditorCommand,
  { self }: Ctx,
): Decision<AuditorEvent, AuditorState> {
  if (command.type === "TimerFired") return nothing;
  const { differences: open, count, rows } = command;
  const known = new Set(state.open.map(nameOf));
  const fresh = open.filter((one) => !known.has(nameOf(one)));
  if (fresh.length === 0 && open.length === state.open.length && count === state.count) {
    return nothing;
  }
  const incidents = fresh.slice(0, INCIDENTS_MAX).map(({ rule, where, what }): AuditorEvent => ({
    type: "IncidentRaised",
    row: rule === "bill-recomputed" ? "4.3" : "4.5",
    cause: rule,
    actor: `${self.kind}/${self.id}`,
    words: "audit.difference",
    action: "put-before-person",
    outcome: "needs-person",
    facts: { where, what },
  }));
  return [{ type: "DifferencesChanged", open, count, rows }, ...incidents];
}

export const auditor: ActorDefinition<
  AuditorState,
  AuditorCommand,
  AuditorEvent,
  AuditorMemory | null
> = {
  kind: "auditor",
  sv: 1,
  initial: { open: [], count: 0, changedAt: null },
  parse: parseBy(auditorCommand),
  grants: { ReportAudit: ["system"], TimerFired: ["system"] },
  decide,
  evolve: (state, event, { at }) =>
    event.type === "IncidentRaised"
      ? state
      : { open: event.open, count: event.count, changedAt: at },
  react: () => [],
  signal: (_state, memory, signal) => ({ memory: auditLook.safeParse(signal).data ?? memory }),
  read(name, { open, count, changedAt }, look, _query, { principal, v }) {
    if (name !== "show") return refuse("request.not-found", { read: name });
    if (principal.kind !== "ops" && principal.kind !== "system") return refuse("auth.forbidden");
    const at = changedAt === null ? null : isoOf(changedAt);
    const { rows = null, at: lookedAt = null } = look ?? {};
    const body: AuditView = {
      v,
      rows,
      lookedAt: lookedAt === null ? null : isoOf(lookedAt),
      changedAt: at,
      count,
      differences: open,
    };
    return { body };
  },
};
