// A drill: one row of risk brought about on a running platform, step by step, and what became of it.
// Commands and stored events of its actor, what the board shows, what a run changes for its own people.
import * as z from "zod";
import { iso, ms } from "./units.ts";
import { safeguard } from "./safeguards.ts";

/** Rows of the board, with the source's words. */
export const drillRows = {
  "flow-a": { zh: "扫码充电", en: "Scan and charge" },
  "flow-b": { zh: "预约充电", en: "Reserve and charge" },
  "1.3": { zh: "用户误操作/多次点击", en: "Double tap" },
  "1.4": { zh: "账户余额不足", en: "Balance too low" },
  "1.5": { zh: "未按时抵达预约桩", en: "No-show" },
  "1.7": { zh: "用户手动停止失败", en: "Cannot stop" },
  "1.8": { zh: "充电中途离开，未留意异常中断", en: "Abnormal end unseen" },
  "1.9": { zh: "车辆 BMS 异常", en: "Vehicle BMS fault" },
  "2.2": { zh: "充电桩内部故障", en: "Internal faults" },
  "2.3": { zh: "充电枪不识别/未插紧", en: "Gun not plugged or locked" },
  "2.4": { zh: "启动/停止指令下发失败", en: "Start or stop command fails" },
  "2.5": { zh: "数据上报延迟/中断", en: "Telemetry late or gone" },
  "2.6": { zh: "地锁/道闸故障", en: "Ground lock or gate fault" },
  "2.7": { zh: "充电枪被拔出", en: "Gun pulled" },
  "2.8": { zh: "过载/过压/欠压等电气异常", en: "Electrical faults" },
  "4.1": { zh: "扣费失败/重复扣费", en: "Failed or double debit" },
  "4.2": { zh: "订单未支付导致车位被占", en: "Unpaid and blocking" },
  "4.3": { zh: "计费错误", en: "Wrong bill" },
  "4.4": { zh: "预扣款不足", en: "Hold too small" },
  "4.5": { zh: "优惠券/账户余额计算错误", en: "Coupons and balance" },
  "5.4": { zh: "第三方地锁/道闸控制失败", en: "Partner lock or gate fails" },
  "7.3": { zh: "充电站被恶意占用/乱停乱放", en: "Occupied bays" },
} as const;
export type DrillRow = keyof typeof drillRows;
const rows = Object.keys(drillRows) as [DrillRow, ...DrillRow[]];
export const drillRow = z.enum(rows);

export const drillId = z.string().regex(/^drl_[0-9A-Za-z-]{4,60}$/);
const words = z.strictObject({ zh: z.string().max(300), en: z.string().max(300) });
/** One thing that was done or looked at; `said`: what was seen, or why it is not so. */
export const drillStep = z.strictObject({
  kind: z.enum(["setup", "fault", "clause", "user", "ops", "money", "log", "incident", "proof"]),
  words,
  ok: z.boolean(),
  said: z.string().max(500),
  safeguard: safeguard.optional(),
  ms,
});
export type DrillStep = z.infer<typeof drillStep>;
/** A record of this run that a person can open. */
export const evidence = z.strictObject({
  kind: z.enum([
    "order",
    "reservation",
    "pile",
    "wallet",
    "user",
    "payment",
    "reconciliation",
    "auditor",
    "lock",
    "incident",
  ]),
  /** Of the actor; of an incident its own. */
  id: z.string().max(160),
  v: z.int().min(1),
  words: z.string().max(120),
});
export type Evidence = z.infer<typeof evidence>;

const STEPS_MAX = 200;
export const drillCommand = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("RequestDrill"),
    row: drillRow,
    /** Switched off during the run. */
    without: z.array(safeguard).max(20),
  }),
  z.strictObject({ type: z.literal("NoteSteps"), steps: z.array(drillStep).min(1).max(50) }),
  z.strictObject({
    type: z.literal("EndDrill"),
    passed: z.boolean(),
    evidence: z.array(evidence).max(60),
  }),
  z.strictObject({ type: z.literal("TimerFired"), name: z.string() }),
]);
export type DrillCommand = z.infer<typeof drillCommand>;
export { STEPS_MAX as DRILL_STEPS_MAX };

export const drillStatus = z.enum(["requested", "running", "passed", "failed", "lost"]);
export const drillView = z.strictObject({
  id: drillId,
  v: z.int(),
  row: drillRow,
  without: z.array(safeguard),
  by: z.string(),
  status: drillStatus,
  requestedAt: iso,
  startedAt: iso.nullable(),
  endedAt: iso.nullable(),
  steps: z.array(drillStep),
  evidence: z.array(evidence),
});
export type DrillView = z.infer<typeof drillView>;

// over HTTP (demo only) ---------------------------------------------------------------------------
export const drillRunBody = z.strictObject({ without: z.array(safeguard).max(20).optional() });
export const drillRunAnswer = z.strictObject({ runId: drillId, room: z.string() });
export const drillStepsBody = drillCommand.options[1].omit({ type: true });
export const drillEndBody = drillCommand.options[2].omit({ type: true });
const lastRun = drillView.pick({ id: true, status: true, without: true, requestedAt: true }).extend(
  {
    endedAt: iso.nullable(),
  },
);
export type LastRun = z.infer<typeof lastRun>;
export const drillList = z.strictObject({
  items: z.array(z.strictObject({
    row: drillRow,
    /** False: nobody has written it yet. */
    words,
    clauses: z.array(z.strictObject({ safeguard, words })),
    last: lastRun.nullable(),
  })),
  asOf: iso,
});
export type DrillList = z.infer<typeof drillList>;
export const nextDrill = z.strictObject({ run: drillView.nullable() });

/** What a run changes, for its own piles and people alone and not for longer than `forMs`. */
export const drillMode = z.strictObject({
  runId: drillId,
  /** Ids of piles and users of the run. */
  ids: z.array(z.string().max(80)).max(200),
  without: z.array(safeguard).max(20),
  /** Times shortened, as settings; never a rule. */
  settings: z.record(z.string().max(40), z.union([ms, z.array(ms).max(20)])),
  forMs: z.int().min(0).max(600_000),
});
export type DrillModeBody = z.infer<typeof drillMode>;
