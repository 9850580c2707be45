// What an approval shows to ops and to the platform; drivers see nothing of it.
import type { ApprovalView } from "../../wire/approval.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import type { ApprovalState, Known } from "./state.ts";

export function read(name: string, state: ApprovalState, ctx: Ctx): { body: unknown } | Refused {
  const { kind } = ctx.principal;
  if (state.status === "absent" || (kind !== "ops" && kind !== "system")) {
    return refuse("approval.unknown", { approvalId: ctx.self.id });
  }
  if (name === "show") return { body: viewOf(state, ctx.self.id, ctx.v) };
  return refuse("request.not-found", { read: name });
}

export function viewOf(state: Known, id: string, v: number): ApprovalView {
  const { target: _target, requestedAt, expiresAt, votes, ...shown } = state;
  return {
    id,
    v,
    ...shown,
    votes: votes.map(({ at, ...vote }) => ({ ...vote, at: isoOf(at) })),
    requestedAt: isoOf(requestedAt),
    expiresAt: isoOf(expiresAt),
  };
}
