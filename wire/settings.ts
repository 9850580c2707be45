// The domain's numbers: defaults of the mission, per platform now, per station where that makes sense later.
import * as z from "zod";
import { fenPlus, ms } from "./units.ts";

const of = (value: number) => ms.default(value);
const money = (value: number) => fenPlus.default(value);

/** Settings that come in with every command (`ctx.settings`). */
export const chargingSettings = z.strictObject({
  /** A connector stays kept for an order that is still authorising. */
  keepMs: of(30_000),
  /** User, pile and wallet together must answer within. */
  authorizeMs: of(15_000),
  /** After this silence of a start command the pile's status is asked. */
  startAskMs: of(10_000),
  startTries: z.int().min(1).max(10).default(3),
  /** From 启动中 to 充电中 at most (云快充 1.6: 90 s). */
  startMs: of(90_000),
  /** Time to plug in, inside startMs. */
  plugInMs: of(60_000),
  /** A stop is sent again after this while nothing proves that it stopped. */
  stopRetryMs: of(10_000),
  /** No reading for this long while charging is a gap. */
  readingGapMs: of(60_000),
  /** A stop that a lost pile cannot prove: after this the bill is estimated. */
  lostMs: of(180_000),
  /** An estimated bill that was too low is corrected up to this; the rest is waived. */
  upwardFenMax: money(500),
  /** Readings are journaled at most this far apart, or this many Wh. */
  noteMs: of(60_000),
  noteWh: z.int().min(1).default(500),
  /** Platform maximum of one charge. */
  chargeMsMax: of(43_200_000),
  /** Payment limit, then 逾期. */
  payLimitMs: of(86_400_000),
  /** Reminders of an unpaid bill at these ages: 5 min, 1 h, 12 h, 23 h. */
  payRemindMs: z.array(ms).max(10).default([300_000, 3_600_000, 43_200_000, 82_800_000]),
  /** 先充后补: what may be charged on credit, after so many paid charges, and not so long after 逾期. */
  creditLimitFen: money(5_000),
  creditOrdersMin: z.int().min(0).max(30).default(3),
  creditBarMs: of(90 * 86_400_000),
  /** Adjustments by hand above this need others' approval: so many, within so long. */
  approvalFen: money(20_000),
  approvers: z.int().min(1).max(5).default(2),
  approvalMs: of(86_400_000),
  holdFenMin: money(2_000),
  holdFenMax: money(30_000),
  /** Energy a hold is sized for where battery and target are unknown. */
  holdDefaultWh: z.int().min(1000).default(60_000),
  /** A charge that has used so much of its hold is warned about. */
  holdWarnPct: z.int().min(1).max(100).default(80),
  holdFactorPct: z.int().min(100).max(300).default(110),
  /** Stop is sent at limit - power x this x price: the time a stop may take. */
  stopLeadMs: of(35_000),
  /** An open payment is queried at these ages, then every minute; closed when too old. */
  paymentQueryMs: z.array(ms).default([3_000, 10_000, 30_000, 60_000]),
  paymentOpenMs: of(1_800_000),
  /** Bounds of prices at publishing, in milli-fen per kWh: real ones lie under half of it. */
  tariffEnergyMax: z.int().min(1).default(300_000),
  tariffServiceMax: z.int().min(1).default(200_000),
  /** Bound of a session fee, a parking hour, a minimum, an overstay minute x 10. */
  tariffFeeFenMax: money(2_000),
  /** A median change of price since last month above this share wants a second look. */
  tariffJumpPct: z.int().min(1).max(1000).default(30),
  /** A lock that does not answer is asked after this, one that obeys after that; between tries. */
  lockAskMs: of(10_000),
  lockMoveMs: of(15_000),
  lockPauseMs: of(3_000),
  lockTries: z.int().min(1).max(10).default(3),
  /** One move of a lock at most; then it is a fault. */
  lockMs: of(60_000),
  /** A lock with a fault is asked again after this, then less and less often. */
  lockRecheckMs: of(60_000),
  /** A bay that a driver opened and nobody uses is left to its rest after this. */
  lockIdleMs: of(300_000),
  ordersPerUser: z.int().min(1).max(20).default(1),
  /** A minute of the rule for staying after the charge; the rule itself is the tariff's. */
  overstayMinuteMs: ms.min(1).default(60_000),
  /** Told so many minutes before the fee begins, and then each so many. */
  overstaySoonMinutes: z.int().min(1).max(1440).default(5),
  overstayAgainMinutes: z.int().min(1).max(1440).default(60),
  /** A parking system is there to be told and asked (set with its address, not by hand). */
  parking: z.boolean().default(false),
  /** So long after the gun is out it is asked whether the bay is free. */
  bayAskMs: of(600_000),
  /** From the warning of a driver on, ops may release gun and bay after this. */
  bayWarnMs: of(600_000),
  /** So many overstays within so long: told; then no start for a while. */
  overstaysWarned: z.int().min(1).max(100).default(2),
  overstaysMax: z.int().min(1).max(100).default(3),
  overstayWindowMs: of(30 * 86_400_000),
  overstayBarMs: of(7 * 86_400_000),
  /** Reservations (预约): deposit and fees, frozen in each when it is asked for. */
  reserveDepositFen: money(2_000),
  reserveCancelFen: money(500),
  reserveNoShowFen: money(2_000),
  /** A cancel is free until so long before the end of the window. */
  reserveFreeMs: of(600_000),
  reserveMinutesMin: z.int().min(1).max(240).default(15),
  reserveMinutesMax: z.int().min(1).max(240).default(60),
  /** How long a minute of a window is: a drill has no quarter of an hour. */
  reserveMinuteMs: of(60_000),
  reserveAheadMs: of(7_200_000),
  /** Locked so long before the window, and free as long between two. */
  reserveBufferMs: of(300_000),
  /** A link that is away so long while promised is trouble; a flap makes no cancel free. */
  reserveLinkMs: of(30_000),
  /** A start that failed by the pile's fault: the lock lasts so much longer. */
  reserveRestoreMs: of(900_000),
  reservationsPerUser: z.int().min(1).max(20).default(1),
  /** So many no-shows within so long suspend reserving for so long. */
  noShowsMax: z.int().min(1).max(20).default(3),
  noShowSpanMs: of(30 * 86_400_000),
  reserveBarMs: of(7 * 86_400_000),
  /** Appeals within that span that are granted at once; a person looks at the next. */
  appealsFree: z.int().min(0).max(20).default(2),
  /** A payment that is over is compared with its provider's word after this, and again each time. */
  reconcileMs: ms.min(1_000).default(300_000),
});
export type ChargingSettings = z.infer<typeof chargingSettings>;
