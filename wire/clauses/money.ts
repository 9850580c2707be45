// Clauses of dimension 4, 支付与账户.
import type { Clauses } from "./clause.ts";

const debit = {
  "pay.one-at-provider": {
    row: "4.1",
    zh: "对支付方幂等：同一支付只扣一次",
    en: "Idempotent to the provider: one payment is debited once",
  },
  "pay.one-inside": {
    row: "4.1",
    zh: "内部幂等：重复回调只入账一次",
    en: "Idempotent inside: a repeated callback is booked once",
  },
  "pay.unknown-asked": {
    row: "4.1",
    zh: "结果未知则查询，绝不猜测",
    en: "An unknown outcome is asked, never guessed",
  },
  "pay.reconciled": {
    row: "4.1",
    zh: "与支付方、银行文件对账：准实时、每日、按需",
    en: "Reconciled with provider and bank files: near-real-time, daily, on demand",
  },
  "pay.unusual-debits": {
    row: "4.1",
    zh: "异常扣款规则",
    en: "Rules on unusual debits",
  },
  "pay.double-refunded": {
    row: "4.1",
    zh: "重复扣款自动退回",
    en: "A double debit is refunded by itself",
  },
  "pay.missing-retried": {
    row: "4.1",
    zh: "漏扣重试或交人处理",
    en: "A missing one is retried or put before a person",
  },
  "pay.case-each": {
    row: "4.1",
    zh: "每个差异都有工单",
    en: "Every difference has a case",
  },
} as const satisfies Clauses;

const unpaid = {
  "due.overdue": {
    row: "4.2",
    zh: "支付时限 24 小时，之后逾期",
    en: "Payment limit 24 h, then 逾期",
  },
  "due.bay-free": {
    row: "4.2",
    zh: "车位与枪被释放",
    en: "Bay and gun are released",
  },
  "due.blocks": {
    row: "4.2",
    zh: "付清前拒绝新的充电",
    en: "New charges are refused until paid",
  },
  "due.next-recharge": {
    row: "4.2",
    zh: "从下一次充值中扣除",
    en: "Taken from the next recharge",
  },
  "due.force-unlock": {
    row: "4.2",
    zh: "运维强制解锁须有理由、二次确认，且已告知车主",
    en: "Ops may force-unlock with a reason and second confirmation, after the driver was told",
  },
  "due.overstay": {
    row: "4.2",
    zh: "超时占用费：15 分钟宽限后按分钟计，有上限，提前告知",
    en: "Overstay fee after 15 min grace, per minute, capped, announced before it starts",
  },
} as const satisfies Clauses;

const wrong = {
  "bill.frozen-tariff": {
    row: "4.3",
    zh: "账单由冻结电价、电表分段、优惠券与费用计算",
    en: "Bill = function of frozen tariff + meter segments + coupons + fees",
  },
  "bill.lines-stored": {
    row: "4.3",
    zh: "起止读数、时长、费率与每一行都保存",
    en: "Start and end register, duration, rates and each line stored",
  },
  "tariff.validated": {
    row: "4.3",
    zh: "电价规则校验：无缺口、无重叠、有界、与上月比较",
    en: "Tariff rules validated: no gap, no overlap, bounds, sanity against last month",
  },
  "bill.audited": {
    row: "4.3",
    zh: "审计从日志重算账单并报告差异",
    en: "An auditor recomputes bills from the journal and reports differences",
  },
  "bill.appeal": {
    row: "4.3",
    zh: "车主可申诉",
    en: "The driver may appeal",
  },
  "bill.adjusted-by-roles": {
    row: "4.3",
    zh: "人工调整按角色，超限须审批",
    en: "Manual adjustment by roles with approval over a limit",
  },
} as const satisfies Clauses;

const hold = {
  "hold.sized": {
    row: "4.4",
    zh: "预授权按电池、目标与电价计算",
    en: "The hold is sized from battery, target and tariff",
  },
  "hold.warned": {
    row: "4.4",
    zh: "用到 80% 时提醒",
    en: "Warned at 80 % of it",
  },
  "hold.top-up": {
    row: "4.4",
    zh: "可追加预授权并继续",
    en: "May top up and go on",
  },
  "hold.stop-before": {
    row: "4.4",
    zh: "未追加则在超出之前停充",
    en: "Else stopped before it is exceeded",
  },
  "hold.rest-released": {
    row: "4.4",
    zh: "结束后余额立即释放",
    en: "The remainder is released at once after the end",
  },
} as const satisfies Clauses;

const books = {
  "books.lines": {
    row: "4.5",
    zh: "复式账：每次变动都是带原因的一行",
    en: "Double-entry ledger, every movement a line with its cause",
  },
  "coupon.once": {
    row: "4.5",
    zh: "优惠券只用一次",
    en: "A coupon is used once",
  },
  "coupon.returned-once": {
    row: "4.5",
    zh: "优惠券只退回一次",
    en: "A coupon is returned once",
  },
  "books.audited": {
    row: "4.5",
    zh: "常设审计：账目总和为零",
    en: "Standing audit that the books sum to zero",
  },
  "books.statement": {
    row: "4.5",
    zh: "车主可查对账单",
    en: "Statements for the driver",
  },
} as const satisfies Clauses;

export const moneyClauses = { ...debit, ...unpaid, ...wrong, ...hold, ...books } as const;
