// A campaign of coupons (优惠活动): its terms, its budget, and how many each user has of it.
import type { CampaignCommand, CampaignView } from "../../wire/campaign.ts";
import type { Fen } from "../../wire/units.ts";

export type { CampaignCommand };
type Plan = Pick<CampaignView, "name" | "terms" | "budgetFen" | "perUser">;
export interface Grant {
  userId: string;
  couponId: string;
}
export type Open = Plan & {
  status: "open";
  grantedFen: Fen;
  /** Counts every coupon ever granted: part of the next one's id. */
  serial: number;
  /** Coupons by user. */
  users: Record<string, number>;
  newest: Grant[];
};
export type CampaignState = { status: "absent" } | Open;

/** Users of one campaign: every record carries them all. */
export const USERS_MAX = 5_000;

export type CampaignEvent =
  | Plan & { type: "CampaignOpened"; by: string }
  | { type: "CouponsGranted"; grants: Grant[]; fen: Fen; by: string }
  /** The wallet did not take it: its worth is free again. */
  | Grant & { type: "GrantRefused"; fen: Fen; code: string };

/** What one coupon can take off at most; null: nothing bounds it. */
export function couponFenOf({ terms: { off } }: Pick<Plan, "terms">): Fen | null {
  return off.kind === "amount" ? off.fen : off.maxFen ?? null;
}
