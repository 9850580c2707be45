// The approval (审批): a dangerous act waits here for people other than who asked for it (S2).
import { approvalCommand } from "../../wire/approval.ts";
import { assert } from "../kit/assert.ts";
import { type ActorDefinition, CancelTimer, onEvent, StartTimer, Tell } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { decide } from "./decide.ts";
import { read } from "./read.ts";
import type { ApprovalCommand, ApprovalEvent, ApprovalState, Known } from "./state.ts";

export { hashOf } from "./hash.ts";

function evolve(state: ApprovalState, event: ApprovalEvent, { at }: { at: number }): ApprovalState {
  if (event.type === "ApprovalAsked") {
    const { type: _type, ...asked } = event;
    return { status: "open", ...asked, requestedAt: at, votes: [] };
  }
  assert(state.status !== "absent", "a vote on nothing", { event: event.type });
  const now: Known = state;
  switch (event.type) {
    case "VoteCast": {
      const { type: _type, ...vote } = event;
      return { ...now, votes: [...now.votes, { ...vote, at }] };
    }
    case "VoteVoided":
      return { ...now, votes: now.votes.filter(({ opsId }) => opsId !== event.opsId) };
    case "ApprovalGranted":
      return { ...now, status: "executing" };
    case "ApprovalRefused":
      return { ...now, status: "refused", code: event.by };
    case "ApprovalExpired":
      return { ...now, status: "expired" };
    case "ApprovalExecuted":
      return { ...now, status: "executed" };
    case "ApprovalFailed":
      return { ...now, status: "failed", code: event.code };
  }
}

const EXPIRE = "expire";
const react = onEvent<ApprovalEvent, ApprovalState>({
  ApprovalAsked: ({ expiresAt }) => [StartTimer(EXPIRE, expiresAt)],
  ApprovalGranted: ({ approvers }, state, { self }) => {
    if (state.status === "absent") return [];
    const { targetId, payloadHash, requestedBy } = state;
    return [
      CancelTimer(EXPIRE),
      Tell(
        { kind: "order", id: targetId },
        "ExecuteApproved",
        { approvalId: self.id, payloadHash, requestedBy: requestedBy.opsId, approvers },
        { onReply: "ExecuteAnswered", ref: {} },
      ),
    ];
  },
  ApprovalRefused: (_event, state, ctx) => over(state, ctx.self.id),
  ApprovalExpired: (_event, state, ctx) => over(state, ctx.self.id),
});
/** Who asked may ask again: the order forgets this one. */
const over = (state: ApprovalState, approvalId: string) =>
  state.status === "absent" ? [] : [
    CancelTimer(EXPIRE),
    Tell({ kind: "order", id: state.targetId }, "ApprovalOver", { approvalId }),
  ];

export const approval: ActorDefinition<ApprovalState, ApprovalCommand, ApprovalEvent> = {
  kind: "approval",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(approvalCommand),
  grants: {
    OpenApproval: ["actor"],
    DecideApproval: ["ops"],
    ExecuteAnswered: ["system"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react,
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
};
