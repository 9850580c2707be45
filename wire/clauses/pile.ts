// Clauses of dimension 2, 设备.
import type { Clauses } from "./clause.ts";

const internal = {
  "fault.severity": {
    row: "2.2",
    zh: "故障码按目录分级",
    en: "Fault codes have a severity from the catalogue",
  },
  "fault.alert-ops": {
    row: "2.2",
    zh: "告警到运维",
    en: "Alert to ops",
  },
  "fault.notice-user": {
    row: "2.2",
    zh: "告知正在充电的车主",
    en: "Notice to the driver who is charging",
  },
  "fault.pile-shown": {
    row: "2.2",
    zh: "桩显示故障中，不可用，附联系客服与附近可用桩",
    en: "The pile is shown 故障中，不可用 with 联系客服 and alternatives nearby",
  },
  "fault.safe-stop": {
    row: "2.2",
    zh: "桩未自行停充时，平台要求安全停充",
    en: "A safe stop is demanded if the pile did not stop by itself",
  },
  "fault.cleared-only-so": {
    row: "2.2",
    zh: "只由桩自身恢复或运维清除",
    en: "Cleared only by the pile's own recovery or by ops",
  },
} as const satisfies Clauses;

const plug = {
  "plug.known-unplugged": {
    row: "2.3",
    zh: "已知未插枪：不建单，立即提示检查充电枪",
    en: "Known unplugged: no order, 请检查充电枪是否插紧/对准 at once",
  },
  "plug.waits": {
    row: "2.3",
    zh: "桩答未插枪：订单保持启动中并提示，限时 60 秒",
    en: "The pile says not plugged: the order stays 启动中 with the prompt and a 60 s timer",
  },
  "plug.goes-on": {
    row: "2.3",
    zh: "插好后自动继续",
    en: "Goes on by itself when plugged",
  },
  "plug.no-failure": {
    row: "2.3",
    zh: "不计为启动失败",
    en: "No failure counted",
  },
} as const satisfies Clauses;

const commands = {
  "start.same-command-id": {
    row: "2.4",
    zh: "重试使用同一设备指令号",
    en: "Retries under one device command id",
  },
  "start.ask-before-resend": {
    row: "2.4",
    zh: "结果未知时先查询状态，再决定是否重发",
    en: "Unknown is asked (status) before it is sent again",
  },
  "start.stop-until-proven": {
    row: "2.4",
    zh: "启动失败后持续下发停充，直到桩证明无会话，再释放冻结",
    en:
      "After a failed start stop is sent until the pile proves that nothing runs; then the hold goes",
  },
  "start.failure-told": {
    row: "2.4",
    zh: "最后一次失败：告知车主并告警",
    en: "After the last try: told and alerted",
  },
  "start.late-start-caught": {
    row: "2.4",
    zh: "迟到的启动被发现并停止，电量记入无主账户",
    en: "A late start is caught and stopped, its energy is nobody's bill",
  },
  "stop.until-proven": {
    row: "2.4",
    zh: "停充重试到桩确认或电表证明已停",
    en: "A stop is retried until the pile confirms or is proven stopped by its meter",
  },
  "stop.critical-for-ops": {
    row: "2.4",
    zh: "停不下来时运维看到严重告警",
    en: "Ops sees a stop that does not work as critical",
  },
} as const satisfies Clauses;

const gaps = {
  "gap.freshness": {
    row: "2.5",
    zh: "每个充电中的桩都有数据新鲜度，断流即告警",
    en: "Freshness per charging pile; a gap alerts",
  },
  "gap.estimated-by-rule": {
    row: "2.5",
    zh: "缺口内账单按既定规则有界估算",
    en: "A bill over a gap is estimated by a stated rule, bounded",
  },
  "gap.marked": {
    row: "2.5",
    zh: "估算账单标明上下限",
    en: "Marked as estimated with its bounds",
  },
  "gap.corrected": {
    row: "2.5",
    zh: "真实读数到达后更正，多收的退回",
    en: "Corrected when the true reading arrives, the difference refunded",
  },
  "gap.upward-waived": {
    row: "2.5",
    zh: "向上更正超过限额则免收",
    en: "An upward correction is waived above a limit",
  },
} as const satisfies Clauses;

const locks = {
  "lock.own-timeline": {
    row: "2.6",
    zh: "地锁/道闸有自己的状态与时间线",
    en: "A ground lock or gate has its own state and timeline",
  },
  "lock.fault-closes": {
    row: "2.6",
    zh: "地锁/道闸故障使桩不可用，并显示原因",
    en: "Its fault makes the pile unavailable, with the reason shown",
  },
  "lock.manual-unlock": {
    row: "2.6",
    zh: "人工解锁：现场打开后自动恢复",
    en: "Manual unlock: opened by hand, the pile is open again",
  },
  "lock.ops-unlock": {
    row: "2.6",
    zh: "运维远程解锁，须有理由与确认",
    en: "Ops unlock, with a reason and a confirmation",
  },
  "lock.call-help": {
    row: "2.6",
    zh: "或求助：给出场站电话",
    en: "Or call for help: the station's phone is given",
  },
  "lock.user-guided": {
    row: "2.6",
    zh: "引导正在等待的车主",
    en: "The driver who waits for it is guided",
  },
  "lock.ends-right": {
    row: "2.6",
    zh: "取消订单后未复位的锁按规则升起或降下",
    en: "A lock left up after a cancelled order is lowered or raised as it should be",
  },
  "lock.kept-for-holder": {
    row: "2.6",
    zh: "预约锁定的车位上锁，仅预约人可打开",
    en: "A reserved bay is closed, and opens for its holder alone",
  },
  "lock.reservation-over": {
    row: "2.6",
    zh: "预约结束后锁不再为其锁闭",
    en: "No lock outlives its reservation",
  },
  "lock.reserved-fault": {
    row: "2.6",
    zh: "预约期间锁故障：告知、免费取消并推荐别的桩",
    en: "It fails while reserved: the holder is told, cancels free, another pile is offered",
  },
} as const satisfies Clauses;

const pulled = {
  "pull.order-ends": {
    row: "2.7",
    zh: "拔枪：桩停，订单以异常中断·拔枪结束",
    en: "Gun pulled: the pile stops, the order ends as 异常中断·拔枪",
  },
  "pull.notice": {
    row: "2.7",
    zh: "告知车主",
    en: "The driver is told",
  },
  "pull.billed-by-energy": {
    row: "2.7",
    zh: "按实际电量计费",
    en: "Billed by real energy",
  },
  "pull.no-restart": {
    row: "2.7",
    zh: "60 秒内插回不会重新启动",
    en: "Plugging back within 60 s does not restart",
  },
} as const satisfies Clauses;

const electrical = {
  "electric.safe-stop": {
    row: "2.8",
    zh: "过流、过压、欠压、漏电、过温、急停：安全停充",
    en: "Over-current, over/under-voltage, leakage, over-temperature, emergency stop: safe stop",
  },
  "electric.faulted": {
    row: "2.8",
    zh: "检查之前桩保持故障",
    en: "The pile stays faulted until inspected",
  },
  "electric.alert": {
    row: "2.8",
    zh: "按严重程度告警",
    en: "Alert by severity",
  },
  "electric.reason-to-user": {
    row: "2.8",
    zh: "告知车主原因",
    en: "The reason to the driver",
  },
  "bill.plausibility": {
    row: "2.8",
    zh: "不可信的读数（超额定、倒走、突跳）使账单进入复核而不扣款",
    en: "Implausible telemetry (over rated power, backward, jump) holds the bill for review",
  },
} as const satisfies Clauses;

export const pileClauses = {
  ...internal,
  ...plug,
  ...commands,
  ...gaps,
  ...locks,
  ...pulled,
  ...electrical,
} as const;
