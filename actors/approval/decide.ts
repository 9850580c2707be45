// Who may approve what: never who asked, nobody twice, only exactly what was asked, in time, and only
// people who may do so at the moment of the act (S2).
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole } from "../kit/who.ts";
import { hashOf } from "./hash.ts";
import { viewOf } from "./read.ts";
import type {
  ApprovalCommand,
  ApprovalEvent,
  ApprovalState,
  Asked,
  Known,
  Of,
  Vote,
} from "./state.ts";

type Decided = Decision<ApprovalEvent, ApprovalState>;
/** Roles that may approve; admin may everything. */
const APPROVERS: Record<Asked["action"], readonly string[]> = { "adjust-order": ["finance"] };
/** Roles that may ask for it, still at the moment of the act. */
const REQUESTERS: Record<Asked["action"], readonly string[]> = {
  "adjust-order": ["finance", "service"],
};

export function decide(state: ApprovalState, command: ApprovalCommand, ctx: Ctx): Decided {
  if (command.type === "OpenApproval") return open(state, command, ctx);
  if (state.status === "absent") {
    return command.type === "DecideApproval"
      ? refuse("approval.unknown", { approvalId: ctx.self.id })
      : nothing;
  }
  switch (command.type) {
    case "DecideApproval":
      return vote(state, command, ctx);
    case "ExecuteAnswered": {
      if (state.status !== "executing") return nothing;
      const { answer } = command;
      if (answer.ok) return [{ type: "ApprovalExecuted" }];
      return [{ type: "ApprovalFailed", code: answer.refusal.code }];
    }
    case "TimerFired":
      return state.status === "open" ? [{ type: "ApprovalExpired" }] : nothing;
  }
}

function open(state: ApprovalState, command: Of<"OpenApproval">, ctx: Ctx): Decided {
  const { type: _type, ...asked } = command;
  const payloadHash = hashOf(asked.payload);
  const target = ctx.principal.id;
  if (target !== `order/${asked.targetId}`) return refuse("auth.forbidden");
  if (state.status !== "absent") {
    const same = state.target === target && state.payloadHash === payloadHash;
    return same ? nothing : refuse("approval.payload-changed", { payloadHash: state.payloadHash });
  }
  return [{ type: "ApprovalAsked", ...asked, target, payloadHash }];
}

function vote(state: Known, command: Of<"DecideApproval">, ctx: Ctx): Decided {
  const { principal, at, self } = ctx;
  const { payloadHash, approve, reason, name } = command;
  if (!hasRole(principal, ...APPROVERS[state.action])) return refuse("auth.forbidden");
  if (principal.id === state.requestedBy.opsId) return refuse("approval.own");
  const known = state.votes.find(({ opsId }) => opsId === principal.id);
  if (known) return refuse("approval.twice", { approve: known.approve });
  if (state.status !== "open") return refuse("approval.closed", { status: state.status });
  if (at >= state.expiresAt) return refuse("approval.closed", { status: "expired" });
  if (payloadHash !== state.payloadHash) {
    return refuse("approval.payload-changed", { payloadHash: state.payloadHash });
  }
  const cast: ApprovalEvent = { type: "VoteCast", opsId: principal.id, name, approve, reason };
  const events: ApprovalEvent[] = approve
    ? [cast, ...counted(state, command.standing, principal.id)]
    : [cast, { type: "ApprovalRefused", by: principal.id }];
  return replied(
    events,
    (after, v) => after.status === "absent" ? null : viewOf(after, self.id, v),
  );
}

/** The votes that still count at this moment, with the new one; enough of them let it be done. */
function counted(
  state: Known,
  standing: Of<"DecideApproval">["standing"],
  newest: string,
): ApprovalEvent[] {
  const may = (opsId: string, roles: readonly string[]) =>
    hasRole({ kind: "ops", id: opsId, roles: rolesOf(opsId, standing) }, ...roles);
  const earlier = state.votes.filter((one: Vote) => one.approve);
  const lost = earlier.filter(({ opsId }) => !may(opsId, APPROVERS[state.action]));
  const voided = lost.map(({ opsId }): ApprovalEvent => ({ type: "VoteVoided", opsId }));
  const good = earlier.filter((one) => !lost.includes(one)).map(({ opsId }) => opsId);
  const approvers = [...good, newest];
  if (approvers.length < state.need) return voided;
  if (!may(state.requestedBy.opsId, REQUESTERS[state.action])) {
    return [...voided, { type: "ApprovalRefused", by: "requester-lost-rights" }];
  }
  return [...voided, { type: "ApprovalGranted", approvers }];
}
const rolesOf = (opsId: string, standing: Of<"DecideApproval">["standing"]): string[] =>
  standing.find((one) => one.opsId === opsId)?.roles ?? [];
