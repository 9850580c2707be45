// What the console asks about money by hand: adjustments, appeals, approvals, coupons, credit, the books.
import type * as z from "zod";
import type { ApprovalView, decisionBody } from "../wire/approval.ts";
import type { AuditView } from "../wire/audit.ts";
import type { campaignBody, CampaignView, grantsBody } from "../wire/campaign.ts";
import type { List, Order } from "../wire/http.ts";
import type * as wire from "../wire/http-ops.ts";
import type { UserView } from "../wire/user.ts";
import type { Api, Request } from "./api.ts";
import type { Tap } from "./taps.ts";

type Of<T extends z.ZodType> = z.infer<T>;
const id = encodeURIComponent;

export const opsMoneyCalls = (api: Api) => ({
  adjust: (orderId: string, body: Of<typeof wire.adjustmentBody>, tap: Tap) =>
    api<Of<typeof wire.adjusted>>("POST", `/ops/orders/${id(orderId)}/adjustments`, {
      tap,
      body,
    }),
  refuseAppeal: (orderId: string, body: Of<typeof wire.appealDecisionBody>, tap: Tap) =>
    api<Order>("POST", `/ops/orders/${id(orderId)}/appeal-refusal`, { tap, body }),
  approvals: (query: Request["query"]) =>
    api<List<ApprovalView>>("GET", "/ops/approvals", { query }),
  decide: (approvalId: string, body: Of<typeof decisionBody>, tap: Tap) =>
    api<ApprovalView>("POST", `/ops/approvals/${id(approvalId)}/decision`, { tap, body }),
  campaigns: (query: Request["query"]) =>
    api<List<CampaignView>>("GET", "/ops/campaigns", { query }),
  openCampaign: (body: Of<typeof campaignBody>, tap: Tap) =>
    api<CampaignView>("POST", "/ops/campaigns", { tap, body }),
  grantCoupons: (campaignId: string, body: Of<typeof grantsBody>, tap: Tap) =>
    api<CampaignView>("POST", `/ops/campaigns/${id(campaignId)}/grants`, { tap, body }),
  setCredit: (userId: string, body: Of<typeof wire.creditBody>, tap: Tap) =>
    api<Pick<UserView, "id" | "v" | "credit" | "debts">>(
      "PUT",
      `/ops/users/${id(userId)}/credit`,
      { tap, body },
    ),
  books: () => api<AuditView>("GET", "/ops/books"),
  audit: () => api<void>("POST", "/ops/books/audit", { body: {} }),
});
