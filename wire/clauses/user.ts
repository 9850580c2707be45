// Clauses of dimension 1, 用户操作.
import type { Clauses } from "./clause.ts";

const tap = {
  "tap.button-locks": {
    row: "1.3",
    zh: "点击后按钮锁定并有反馈",
    en: "The button locks with feedback",
  },
  "tap.key-needed": {
    row: "1.3",
    zh: "每个变更都带幂等键，缺失即拒绝",
    en: "Every mutation carries an idempotency key; without one it is refused",
  },
  "tap.one-order": {
    row: "1.3",
    zh: "50 次并发与重复点击只产生一个订单",
    en: "50 parallel and repeated starts give one order",
  },
  "tap.one-hold": {
    row: "1.3",
    zh: "只冻结一次预授权",
    en: "One hold",
  },
  "tap.one-command": {
    row: "1.3",
    zh: "桩只收到一条启动指令",
    en: "One device command",
  },
  "tap.same-answer": {
    row: "1.3",
    zh: "每次重复都得到相同的应答",
    en: "The same answer to each",
  },
  "tap.other-body-refused": {
    row: "1.3",
    zh: "同一幂等键、不同内容：拒绝",
    en: "The same key with another body is refused",
  },
} as const satisfies Clauses;

const noShow = {
  "noshow.cancelled": {
    row: "1.5",
    zh: "到时未启动：预约自动取消，锁释放",
    en: "Not started in time: cancelled by itself, the lock is free",
  },
  "noshow.fee": {
    row: "1.5",
    zh: "爽约费从订金扣除，其余退回",
    en: "The no-show fee is taken from the deposit, the rest comes back",
  },
  "noshow.notice": {
    row: "1.5",
    zh: "爽约即通知，说明费用",
    en: "A notice tells of it and of the fee",
  },
  "noshow.counted": {
    row: "1.5",
    zh: "爽约计入该用户",
    en: "It is counted on the user",
  },
  "noshow.suspends": {
    row: "1.5",
    zh: "30 天内 3 次爽约：暂停预约 7 天",
    en: "3 no-shows in 30 days suspend reserving for 7 days",
  },
  "noshow.suspension-shown": {
    row: "1.5",
    zh: "暂停及期限告知用户",
    en: "The suspension and its end are shown to the user",
  },
} as const satisfies Clauses;

const balance = {
  "balance.precheck": {
    row: "1.4",
    zh: "余额不足在任何动作之前被拒绝：桩无指令、无冻结",
    en: "Too little is refused before anything moves: no command, no hold",
  },
  "balance.recharge-entry": {
    row: "1.4",
    zh: "拒绝时给出所需金额与充值入口，充值后即可启动",
    en: "The refusal says what is missing; recharged right there, the start works",
  },
  "credit.by-risk-rules": {
    row: "1.4",
    zh: "先充后补只对风控允许的用户开放",
    en: "Credit only for users whom the risk rules allow",
  },
  "credit.limit": {
    row: "1.4",
    zh: "先充后补不超过授信额度",
    en: "Credit ends at its limit",
  },
} as const satisfies Clauses;

const stop = {
  "stop.by-ops": {
    row: "1.7",
    zh: "运维与客服可远程强制停充",
    en: "Ops and customer service force a stop remotely",
  },
  "help.ticket-with-order": {
    row: "1.7",
    zh: "一键求助开工单并附上订单",
    en: "One-tap help opens a ticket with the order attached",
  },
  "help.rings-console": {
    row: "1.7",
    zh: "求助在控制台响铃",
    en: "The call for help rings the console",
  },
  "help.station-phone": {
    row: "1.7",
    zh: "场站电话离线可见，并印在二维码贴纸上",
    en: "The station's phone number is there offline too, and on the QR sticker",
  },
  "limit.energy": {
    row: "1.7",
    zh: "到达电量上限自动停充",
    en: "Stops by itself at the energy limit",
  },
  "limit.time": {
    row: "1.7",
    zh: "到达时长上限自动停充",
    en: "Stops by itself at the time limit",
  },
  "limit.money": {
    row: "1.7",
    zh: "到达金额上限自动停充",
    en: "Stops by itself at the money limit",
  },
  "limit.soc": {
    row: "1.7",
    zh: "到达 SoC 上限自动停充",
    en: "Stops by itself at the SoC limit",
  },
  "limit.platform-max": {
    row: "1.7",
    zh: "到达平台最长时长（12 小时）自动停充",
    en: "Stops by itself at the platform maximum (12 h)",
  },
} as const satisfies Clauses;

const unseen = {
  "notice.socket": {
    row: "1.8",
    zh: "异常结束经实时连接告知车主",
    en: "An abnormal end reaches the driver by socket",
  },
  "notice.push": {
    row: "1.8",
    zh: "异常结束经网页推送告知车主",
    en: "An abnormal end reaches the driver by web push",
  },
  "notice.sms-inbox": {
    row: "1.8",
    zh: "异常结束经短信与消息中心告知车主",
    en: "An abnormal end reaches the driver by SMS and inbox",
  },
  "notice.within-5s": {
    row: "1.8",
    zh: "桩上报后 5 秒内送达",
    en: "Within 5 s of the pile's report",
  },
  "notice.once": {
    row: "1.8",
    zh: "每种渠道只送一次，重复上报也如此",
    en: "Once each, however often the pile reports it",
  },
  "notice.reason-and-next": {
    row: "1.8",
    zh: "说明原因与下一步",
    en: "With the reason and what to do",
  },
} as const satisfies Clauses;

const vehicle = {
  "catalogue.one": {
    row: "1.9",
    zh: "GB/T 27930、OCPP、云快充代码映射到同一目录",
    en: "GB/T 27930, OCPP and 云快充 codes map to one catalogue",
  },
  "catalogue.blame": {
    row: "1.9",
    zh: "判定责任：车辆、桩、用户、电网",
    en: "Who is at fault: vehicle, pile, user, grid",
  },
  "catalogue.words": {
    row: "1.9",
    zh: "给车主的话：车辆BMS异常，请检查车辆，及下一步",
    en: "Words for the driver (车辆BMS异常，请检查车辆) and the next step",
  },
  "catalogue.raw-kept": {
    row: "1.9",
    zh: "原始代码保留且可检索",
    en: "The raw code is kept and searchable",
  },
  "catalogue.pile-not-blamed": {
    row: "1.9",
    zh: "车辆 BMS 异常不计入桩的故障",
    en: "A BMS fault is not held against the pile",
  },
} as const satisfies Clauses;

export const userClauses = {
  ...tap,
  ...noShow,
  ...balance,
  ...stop,
  ...unseen,
  ...vehicle,
} as const;
