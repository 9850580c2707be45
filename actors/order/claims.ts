// What is claimed about a bill after the charge: adjustments, proposals that wait for others, appeals. It
// is kept beside the status and survives it.
import { assert } from "../kit/assert.ts";
import type { OrderEvent } from "./events.ts";
import type { Claims, Known, OrderState } from "./state.ts";

const NONE: Claims = { n: 0, refundedFen: 0, proposals: {}, appeals: [] };
export const claimsOf = (state: Known): Claims =>
  "claims" in state && state.claims ? state.claims : NONE;

export type ClaimEvent = Extract<
  OrderEvent,
  {
    type:
      | "AdjustmentProposed"
      | "AdjustmentMade"
      | "ProposalDropped"
      | "AppealOpened"
      | "AppealRefused";
  }
>;

export function evolveClaims(state: Known, event: ClaimEvent, at: number): OrderState {
  assert("bill" in state, "a claim about no bill", { status: state.status });
  const claims = claimsOf(state);
  switch (event.type) {
    case "AdjustmentProposed": {
      const proposals = { ...claims.proposals, [event.approvalId]: event.proposal };
      return { ...state, claims: { ...claims, n: claims.n + 1, proposals } };
    }
    case "ProposalDropped":
      return { ...state, claims: without(claims, event.approvalId) };
    case "AdjustmentMade":
      return adjusted(state, event, claims);
    case "AppealOpened": {
      const { appealId, text } = event;
      const appeals = [...claims.appeals, { appealId, text, at, status: "open" as const }];
      return { ...state, claims: { ...claims, appeals } };
    }
    case "AppealRefused": {
      const appeals = decided(claims, "refused", event.reason);
      return { ...state, claims: { ...claims, appeals } };
    }
  }
}

function without(claims: Claims, approvalId: string | undefined): Claims {
  if (approvalId === undefined) return claims;
  const { [approvalId]: _gone, ...proposals } = claims.proposals;
  return { ...claims, proposals };
}

const decided = (claims: Claims, status: "granted" | "refused", reason: string) =>
  claims.appeals.map((one) => one.status === "open" ? { ...one, status, reason } : one);

function adjusted(
  state: Extract<Known, { bill: unknown }>,
  event: Extract<OrderEvent, { type: "AdjustmentMade" }>,
  before: Claims,
): OrderState {
  const { fen, to, approvalId, reason, energyFen = 0, serviceFen = 0 } = event;
  const appeals = decided(before, "granted", reason);
  const n = approvalId === undefined ? before.n + 1 : before.n;
  const back = to === "balance" ? fen : 0;
  const refundedFen = before.refundedFen + back;
  const claims: Claims = { ...without(before, approvalId), n, refundedFen, appeals };
  if (state.status !== "awaiting-payment" && state.status !== "overdue") {
    return { ...state, claims };
  }
  const sum = state.adjusted ?? { fen: 0, energyFen: 0, serviceFen: 0 };
  return {
    ...state,
    claims,
    adjusted: {
      fen: sum.fen + fen,
      energyFen: sum.energyFen + energyFen,
      serviceFen: sum.serviceFen + serviceFen,
    },
  };
}
