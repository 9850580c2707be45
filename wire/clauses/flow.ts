// Clauses of flow A, 扫码充电.
import type { Clauses } from "./clause.ts";

const row = "flow-a";
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
} as const satisfies Clauses;
