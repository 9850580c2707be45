// Clauses of flow A, 扫码充电, and of flow B, 预约充电.
import type { Clauses } from "./clause.ts";

const row = "flow-a";
const rowB = "flow-b";
export const flowClauses = {
  "start.pile-verified": {
    row,
    zh: "启动前核验桩：存在、在线、空闲、未故障；否则说明原因",
    en: "The pile is verified before a start: there, online, free, sound; else the reason is said",
  },
  "start.tariff-seen": {
    row,
    zh: "车主看到的电价版本已变：不启动，重新展示",
    en: "Another tariff than the driver saw: not started, shown again",
  },
  "start.hold-before-command": {
    row,
    zh: "先冻结预授权并落库为启动中，之后桩才收到指令",
    en: "The money is held and 启动中 durable before the pile hears of it",
  },
  "start.one-order-per-connector": {
    row,
    zh: "一把枪同时只属于一个订单",
    en: "One connector belongs to one order at a time",
  },
  "live.ticks": {
    row,
    zh: "充电中：电量、金额、功率、SoC 实时显示在手机上",
    en: "While charging: energy, money, power and SoC live on the phone",
  },
  "ending.kinds-apart": {
    row,
    zh: "结束方式分别记录：车主、限额、车辆、故障或拔枪、运维",
    en: "Endings are kept apart: user, limit, vehicle, fault or gun pulled, ops",
  },
  "ending.never-restarts": {
    row,
    zh: "任何结束都不会再回到启动",
    en: "No ending ever leads back to a start",
  },
  "bill.from-meter": {
    row,
    zh: "账单按电表读数与冻结电价计算",
    en: "The bill is the meter's reading times the frozen prices",
  },
  "pay.by-consent": {
    row,
    zh: "未同意自动扣款时，由车主确认支付",
    en: "Without consent to automatic capture the driver confirms the payment",
  },
  "pay.rest-released": {
    row,
    zh: "先扣预授权，余额立即释放",
    en: "The hold is captured first and the rest released at once",
  },
  "pay.failure-stays": {
    row,
    zh: "支付失败：告知，停留在待支付，可重试",
    en: "A payment fails: it is said, the order stays 待支付 and may be tried again",
  },
  "pay.reminders": {
    row,
    zh: "未支付提醒：5 分钟、1 小时、12 小时、23 小时",
    en: "Unpaid: reminded after 5 min, 1 h, 12 h and 23 h",
  },
  "reserve.rules-shown": {
    row: rowB,
    zh: "点预约前展示规则与费用；规则已变：不预约，重新展示",
    en: "Rules and fees are shown before the tap; changed meanwhile: not reserved, shown again",
  },
  "reserve.free-only": {
    row: rowB,
    zh: "只能预约空闲且可预约的枪",
    en: "Only a free connector that may be reserved",
  },
  "reserve.deposit-first": {
    row: rowB,
    zh: "订金冻结成功后才锁桩；余额不足：什么都不锁",
    en: "The pile is kept only once the deposit is held; refused: nothing is locked",
  },
  "reserve.no-overlap": {
    row: rowB,
    zh: "同一把枪的预约互不重叠（含 5 分钟间隔）",
    en: "Reservations of one connector never overlap, with 5 minutes between",
  },
  "reserve.money-back": {
    row: rowB,
    zh: "时段已被占：订金立即退回",
    en: "The slot was gone: the money is back at once",
  },
  "reserve.locked": {
    row: rowB,
    zh: "时段内桩只为该用户保留，他人不能启动",
    en: "The pile is locked for this user, nobody else can start there",
  },
  "reserve.told": {
    row: rowB,
    zh: "预约成功即通知",
    en: "A notice tells that it is reserved",
  },
  "reserve.cancel-cost": {
    row: rowB,
    zh: "取消前展示费用，按所见费用确认",
    en: "What a cancel costs is shown, and confirmed as shown",
  },
  "reserve.cancel-refund": {
    row: rowB,
    zh: "取消按规则收费，其余退回",
    en: "A cancel takes its fee by the rules, the rest comes back",
  },
  "reserve.verified": {
    row: rowB,
    zh: "到场启动：本人、所约的桩、时段之内",
    en: "A start is verified: same user, reserved pile, inside the window",
  },
  "reserve.one-posting": {
    row: rowB,
    zh: "新预授权与订金退回在同一笔账中",
    en: "The deposit comes back in the posting that places the new hold",
  },
  "reserve.other-pile": {
    row: rowB,
    zh: "扫了别的桩：告知所约的桩，什么都不变",
    en: "Another pile scanned: told which is theirs, nothing changes",
  },
  "reserve.lock-restored": {
    row: rowB,
    zh: "因桩启动失败：剩余时段再加 15 分钟继续保留",
    en: "A start fails by the pile's fault: the lock is back for the window and 15 min",
  },
  "reserve.trouble-told": {
    row: rowB,
    zh: "所约的桩故障、离线或被占：告知并推荐别的桩",
    en: "The pile faults, is offline or occupied: told, with an alternative",
  },
  "reserve.trouble-free": {
    row: rowB,
    zh: "所约的桩不可用：免费取消，订金全退",
    en: "The pile cannot be used: a cancel is free, the deposit comes back",
  },
  "reserve.trouble-never-no-show": {
    row: rowB,
    zh: "所约的桩不可用：绝不算爽约",
    en: "The pile cannot be used: never a no-show",
  },
  "reserve.fulfilled": {
    row: rowB,
    zh: "到场启动产生新的充电订单，预约变为已履约",
    en: "A start makes a new charging order, the reservation is fulfilled",
  },
  "reserve.refused-hold-keeps": {
    row: rowB,
    zh: "预授权被拒：预约保持不变，可再试",
    en: "A refused hold leaves the reservation as it was",
  },
  "reserve.appeal-ticket": {
    row: rowB,
    zh: "申诉生成客服工单，预约取消，桩释放",
    en: "An appeal opens a ticket, the reservation is cancelled, the pile is free",
  },
  "reserve.appeal-deposit": {
    row: rowB,
    zh: "申诉成立：订金退回",
    en: "An appeal brings the deposit back",
  },
  "reserve.appeal-limited": {
    row: rowB,
    zh: "30 天内第三次申诉由人工处理",
    en: "The third appeal in 30 days goes to a person",
  },
} as const satisfies Clauses;
