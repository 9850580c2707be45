// What an approval (审批) is: one act, its hash, who asked, who voted, until when.
import type { ApprovalCommand, Person } from "../../wire/approval.ts";
import type { Instant } from "../../wire/units.ts";

export type { ApprovalCommand };
export type Of<T extends ApprovalCommand["type"]> = Extract<ApprovalCommand, { type: T }>;
export type Vote = Person & { approve: boolean; reason: string; at: Instant };
export interface Asked {
  action: Of<"OpenApproval">["action"];
  /** Actor that asked, and that will act: `order/<id>`. */
  target: string;
  targetId: string;
  payload: Record<string, unknown>;
  payloadHash: string;
  requestedBy: Person;
  need: number;
  expiresAt: Instant;
}
export type Known = Asked & {
  status: "open" | "executing" | "executed" | "failed" | "refused" | "expired";
  requestedAt: Instant;
  votes: Vote[];
  code?: string;
};
export type ApprovalState = { status: "absent" } | Known;

export type ApprovalEvent =
  | Asked & { type: "ApprovalAsked" }
  | Omit<Vote, "at"> & { type: "VoteCast" }
  /** They have lost the right since: their vote counts no more. */
  | { type: "VoteVoided"; opsId: string }
  | { type: "ApprovalGranted"; approvers: string[] }
  | { type: "ApprovalRefused"; by: string }
  | { type: "ApprovalExpired" }
  | { type: "ApprovalExecuted" }
  | { type: "ApprovalFailed"; code: string };
