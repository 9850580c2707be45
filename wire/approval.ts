// What can be said to an approval (审批): a dangerous act waits for n people other than who asked for it,
// bound to the hash of exactly what will be done, once, within its time (S2).
import * as z from "zod";
import { approvalId } from "./ids.ts";
import { answered } from "./order.ts";
import { instant, iso } from "./units.ts";

export const payloadHash = z.string().regex(/^[0-9a-f]{64}$/);
const person = { opsId: z.string(), name: z.string().max(80) };
const reason = z.string().min(1).max(500);

/** What may be asked of which kind of actor. */
export const approvalAction = z.enum(["adjust-order"]);
export const approvalCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("OpenApproval"), // the actor that will act; reply null
    action: approvalAction,
    targetId: z.string().max(80),
    payload: z.record(z.string(), z.unknown()),
    requestedBy: z.strictObject(person),
    need: z.int().min(1).max(5),
    expiresAt: instant,
  }),
  z.strictObject({
    type: z.literal("DecideApproval"), // ops; reply ApprovalView
    payloadHash,
    approve: z.boolean(),
    reason,
    /** Added by the gateway: who votes, and what the others may do at this moment. */
    name: z.string().max(80),
    standing: z.array(z.strictObject({ opsId: z.string(), roles: z.array(z.string()) })).max(10),
  }),
  answered("ExecuteAnswered"),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type ApprovalCommand = z.infer<typeof approvalCommand>;

export const approvalStatus = z.enum([
  "open",
  "executing",
  "executed",
  "failed",
  "refused",
  "expired",
]);
export const approvalView = z.strictObject({
  id: approvalId,
  v: z.int(),
  status: approvalStatus,
  action: approvalAction,
  targetId: z.string(),
  payload: z.record(z.string(), z.unknown()),
  payloadHash,
  requestedBy: z.strictObject(person),
  need: z.int(),
  votes: z.array(z.strictObject({ ...person, approve: z.boolean(), reason, at: iso })),
  requestedAt: iso,
  expiresAt: iso,
  /** Why it failed, where it did. */
  code: z.string().optional(),
});
export type ApprovalView = z.infer<typeof approvalView>;
export type Person = z.infer<z.ZodObject<typeof person>>;

/** HTTP body of POST /v1/ops/approvals/{id}/decision. */
export const decisionBody = z.strictObject({ payloadHash, approve: z.boolean(), reason });
