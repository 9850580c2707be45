// What can be said to a campaign (优惠活动): it grants coupons within its budget, and shows what it gave.
import * as z from "zod";
import { couponTerms } from "./coupon.ts";
import { couponId, userId } from "./ids.ts";
import { answered } from "./order.ts";
import { fenPlus } from "./units.ts";

const terms = couponTerms.omit({ id: true });
const plan = {
  name: z.string().min(1).max(80),
  terms,
  /** Worth of all coupons together, at most (M6). */
  budgetFen: fenPlus.min(1).max(1_000_000_000),
  perUser: z.int().min(1).max(20),
};
/** HTTP body of POST /v1/ops/campaigns. */
export const campaignBody = z.strictObject(plan);
export const grantsBody = z.strictObject({ userIds: z.array(userId).min(1).max(100) });

export const campaignCommand = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("OpenCampaign"), ...plan }), // ops (finance); reply CampaignView
  // ops (finance): one coupon for each; all or none; reply CampaignView
  z.strictObject({ type: z.literal("GrantCoupons"), ...grantsBody.shape }),
  answered("GrantAnswered"),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type CampaignCommand = z.infer<typeof campaignCommand>;

export const campaignView = z.strictObject({
  id: z.string(),
  v: z.int(),
  ...plan,
  /** What one coupon is worth at most. */
  couponFen: fenPlus,
  grantedFen: fenPlus,
  granted: z.int().min(0),
  /** Coupons of the last grant. */
  newest: z.array(z.strictObject({ userId, couponId })),
});
export type CampaignView = z.infer<typeof campaignView>;
