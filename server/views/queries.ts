// What can be asked of the read models; whoever asks knows neither MongoDB nor where rows come from.
import type { ApprovalView } from "../../wire/approval.ts";
import type { CampaignView } from "../../wire/campaign.ts";
import type {
  CaseRow,
  IncidentRow,
  OrderRow,
  PileListRow,
  ReservationRow,
  TimelineItem,
  WalletLine,
} from "./rows.ts";
import type { PaymentView } from "../../wire/money.ts";
import type { NoticeItem } from "../../wire/inbox.ts";
import type { PatrolView } from "../../wire/patrol.ts";
import type { TicketView } from "../../wire/ticket.ts";
import type { Bill, Segment } from "../../wire/tariff.ts";

export interface Page<T> {
  items: T[];
  next: string | null;
}
export interface Paging {
  cursor?: string | undefined;
  size?: number | undefined;
}
export interface CurvePoint {
  t: string;
  powerW?: number;
  registerWh?: number;
  socPct?: number;
}
export interface Charge {
  pileId: string;
  connector: number;
  fromAt: number;
  toAt: number;
}
/** A charge that is over, as its end was recorded. */
export interface PastCharge {
  orderId: string;
  endedAt: number;
  segments: Segment[];
  startRegisterWh: number;
  registerWh: number;
  bill: Bill;
}
/** Every query fails with ViewsAway where the database cannot answer in time. */
export interface Views {
  orders(
    tenant: string,
    wanted: {
      userId?: string;
      status?: string | undefined;
      staying?: string | undefined;
      stations?: string[];
    } & Paging,
  ): Promise<Page<OrderRow>>;
  piles(
    tenant: string,
    wanted: { stations?: string[]; status?: string | undefined } & Paging,
  ): Promise<Page<PileListRow>>;
  incidents(
    tenant: string,
    wanted: {
      row?: string | undefined;
      outcome?: string | undefined;
      code?: string | undefined;
      stations?: string[];
    } & Paging,
  ): Promise<Page<IncidentRow>>;
  approvals(
    tenant: string,
    wanted: { status?: string | undefined } & Paging,
  ): Promise<Page<ApprovalView>>;
  /** Newest first: their ids are minted in time. */
  campaigns(tenant: string, wanted: Paging): Promise<Page<CampaignView>>;
  /** Differences that reconciliations found. */
  cases(tenant: string, wanted: { state?: string | undefined } & Paging): Promise<Page<CaseRow>>;
  payments(tenant: string, ids: readonly string[]): Promise<PaymentView[]>;
  /** Last changed in this span, oldest first; with the moment. */
  paymentsChanged(
    tenant: string,
    wanted: { by: string; fromAt: number; toAt: number },
  ): Promise<{ at: number; view: PaymentView }[]>;
  walletLines(tenant: string, userId: string, wanted: Paging): Promise<Page<WalletLine>>;
  notices(tenant: string, userId: string, wanted: Paging): Promise<Page<NoticeItem>>;
  tickets(
    tenant: string,
    wanted: { userId?: string; status?: string | undefined; stations?: string[] } & Paging,
  ): Promise<Page<TicketView>>;
  patrols(
    tenant: string,
    wanted: { status?: string | undefined; stations?: string[] } & Paging,
  ): Promise<Page<PatrolView>>;
  /** Latest window first. */
  reservations(
    tenant: string,
    wanted: {
      userId?: string;
      pileId?: string;
      stations?: string[];
      status?: string | undefined;
    } & Paging,
  ): Promise<Page<ReservationRow>>;
  timeline(
    tenant: string,
    kind: string,
    id: string,
    wanted: Paging,
  ): Promise<Page<TimelineItem>>;
  /** Readings of one charge: those of its connector while it ran. */
  curve(tenant: string, charge: Charge): Promise<CurvePoint[]>;
  /** A station's newest charges that have a bill, out of the archive. */
  pastCharges(tenant: string, stationId: string, count: number): Promise<PastCharge[]>;
  /** How far the projector is behind the journal. */
  lagMs(): number;
}
