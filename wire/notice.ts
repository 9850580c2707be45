// Every notice to a driver: by which ways it goes beside inbox and socket, and its words. One table,
// read by the inbox (ways), by SMS, push and mail (words), and by the pages (words).
import { type FaultId, isFault } from "./faults/mod.ts";
import type { OrderNotice } from "./order.ts";
import type { ReservationNotice } from "./reservation.ts";

/** Ways that reach a driver who does not look; inbox and socket have every notice. */
export const ways = ["push", "sms", "mail"] as const;
export type Way = typeof ways[number];
export type Language = "zh" | "en";
/** What happened, and what to do next. */
export type NoticeWords = readonly [say: string, next: string];

/** Notices of a help ticket. */
export type HelpNotice = "help.taken" | "help.closed";
/** Of the lock of a bay, to the driver who waits for it. */
export type LockNotice = "lock.fault";
export type NoticeCode = OrderNotice | HelpNotice | LockNotice | ReservationNotice;

interface Row {
  ways: readonly Way[];
  /** The charge ended otherwise than its driver wanted: all ways at once, a person where none works. */
  abnormal: boolean;
  zh: NoticeWords;
  en: NoticeWords;
}
const abnormal = (zh: NoticeWords, en: NoticeWords): Row => (
  { ways: ["push", "sms"], abnormal: true, zh, en }
);
const by = (ways: readonly Way[], zh: NoticeWords, en: NoticeWords): Row => (
  { ways, abnormal: false, zh, en }
);

export const notices: Readonly<Record<NoticeCode, Row>> = {
  "charge.gun-pulled": abnormal(
    ["充电枪被拔出，充电已结束", "账单按实际电量计算；需要继续请重新启动"],
    ["The gun was pulled: the charge ended", "Billed by the energy taken; start again to go on"],
  ),
  "charge.fault": abnormal(
    ["充电异常中断", "请拔枪后换一个桩，或联系客服"],
    ["The charge was interrupted by a fault", "Unplug and take another pile, or call support"],
  ),
  "charge.vehicle-fault": abnormal(
    ["车辆BMS异常，请检查车辆", "充电已停止，账单按实际电量计算"],
    ["The vehicle reported a battery fault: check the vehicle", "Billed by the energy taken"],
  ),
  "charge.ops-stopped": abnormal(
    ["充电已由运维停止", "账单按实际电量计算；如有疑问请联系客服"],
    ["Operations stopped the charge", "Billed by the energy taken; call support if in doubt"],
  ),
  "charge.limit-reached": by(
    ["push"],
    ["已达到充电上限，充电已停止", "请拔枪并归位，在订单中确认支付"],
    ["The limit is reached: the charge stopped", "Unplug, hang up the gun, and pay in the order"],
  ),
  "charge.start-failed": by(
    ["push"],
    ["启动失败", "没有产生费用，请重试或联系客服"],
    ["The charge did not start", "Nothing was charged; try again or call support"],
  ),
  "charge.bill-held": by(
    ["push"],
    ["账单正在复核", "复核完成后会通知您，暂不扣款"],
    ["The bill is under review", "You will be told; nothing is charged until then"],
  ),
  "charge.bill-estimated": by(
    ["push"],
    ["充电桩失联，账单为估算", "收到电表真实读数后自动更正，多收的退回余额"],
    [
      "The pile is out of reach: the bill is an estimate",
      "The true meter will correct it; what was too much comes back to your balance",
    ],
  ),
  "charge.bill-corrected": by(
    ["push"],
    ["账单已按电表更正", "多收的已退回余额，少收的超出 5 元部分免收"],
    [
      "The bill was corrected by the meter",
      "Too much is back on your balance; of too little at most CNY 5 is taken",
    ],
  ),
  "charge.payment-failed": by(
    ["push", "sms"],
    ["支付没有成功", "请在订单中重新支付"],
    ["The payment did not go through", "Pay again in the order"],
  ),
  "charge.overdue": by(
    ["push", "sms", "mail"],
    ["订单已逾期", "支付后即可继续使用充电服务"],
    ["The order is overdue", "Pay it to charge again"],
  ),
  "charge.hold-low": by(
    ["push", "sms"],
    ["预授权即将用完", "请追加预授权继续充电，否则将在用完前自动停止"],
    [
      "The money on hold is nearly used",
      "Hold more to charge on; else it stops before the hold is exceeded",
    ],
  ),
  "charge.payment-reminder": by(
    ["push", "sms"],
    ["您有一笔充电尚未支付", "请尽快支付，逾期后将不能启动新的充电"],
    ["A charge is not paid yet", "Please pay it soon: once overdue, no new charge can start"],
  ),
  "bay.ended": by(
    ["push"],
    ["充电已结束，请拔枪并驶离车位", "免费停留时间过后按分钟收取超时占用费"],
    [
      "The charge is over: please unplug and leave the bay",
      "After the free time an overstay fee is due by the minute",
    ],
  ),
  "bay.fee-soon": by(
    ["push", "sms"],
    ["免费停留即将结束", "请尽快拔枪驶离，之后按分钟收取超时占用费"],
    ["The free time ends soon", "Please unplug and leave; then a fee is due by the minute"],
  ),
  "bay.fee-runs": by(
    ["push", "sms"],
    ["超时占用费正在计收", "拔枪即停止计费；充电桩离线或故障期间不计费"],
    [
      "The overstay fee is running",
      "It stops when you unplug; nothing is due while the pile is offline or faulted",
    ],
  ),
  "bay.fee-capped": by(
    ["push"],
    ["车位仍被占用，超时占用费已封顶", "请尽快拔枪驶离；继续占用可能被清出并限制启动"],
    [
      "The bay is still taken; the overstay fee has reached its cap",
      "Please leave: the bay may be cleared, and starting again may be suspended",
    ],
  ),
  "bay.fee-due": by(
    ["push"],
    ["超时占用费已结算", "请在订单页支付；如有异议可申诉"],
    ["An overstay fee is due", "Pay it in the order; you may appeal there"],
  ),
  "bay.fee-overdue": by(
    ["push", "sms"],
    ["超时占用费已逾期", "支付后即可继续使用充电服务"],
    ["The overstay fee is overdue", "Pay it to charge again"],
  ),
  "bay.fee-decided": by(
    ["push"],
    ["超时占用费申诉已处理", "结果与理由见订单页"],
    ["Your overstay fee was looked at", "The order shows the result and why"],
  ),
  "bay.release-warned": by(
    ["push", "sms"],
    [
      "车位将被清出：枪将解锁，桩可能停用",
      "请立即拔枪驶离；未支付的费用仍需支付，车辆与枪的看护由您负责",
    ],
    [
      "The bay will be cleared: the gun unlocked, the pile perhaps shut",
      "Unplug and leave now; what is due stays due, and the car and the gun are in your care",
    ],
  ),
  "bay.overstays-warned": by(
    ["push"],
    ["您近期多次超时占用车位", "再次超时占用将暂停启动充电；如有异议请联系客服"],
    ["You have kept bays too long several times", "Once more and you cannot start for some days"],
  ),
  "bay.starts-barred": by(
    ["push", "sms"],
    ["因多次超时占用，暂停启动充电", "期满自动恢复；如有异议可申诉"],
    ["Too many bays kept too long: no start for now", "It ends by itself; you may appeal"],
  ),
  "bay.released": by(
    ["push", "sms"],
    ["运维已解锁充电枪并释放车位", "请尽快驶离；未支付的费用仍需支付"],
    ["Operations unlocked the gun and released the bay", "Please leave; what is due stays due"],
  ),
  "charge.credit-used": by(
    ["push", "sms"],
    ["本次充电已先充后补，金额记为欠费", "下次充值时自动扣除，补足后即可再次充电"],
    [
      "You charged on credit: the amount is owed now",
      "It is taken from your next recharge; then you can charge again",
    ],
  ),
  "charge.adjusted": by(
    ["push"],
    ["账单已由客服调整", "退款已退回钱包，或已从待支付金额中扣减"],
    ["Your bill was adjusted", "It was given back to your wallet, or taken off what is due"],
  ),
  "charge.appealed": by(
    ["push"],
    ["车主对账单提出申诉", "请核对账单后处理"],
    ["A driver appeals against a bill", "Look at the bill and decide"],
  ),
  "charge.appeal-refused": by(
    ["push"],
    ["账单申诉未通过", "请在订单页查看理由；如有疑问请联系客服"],
    ["Your appeal was not granted", "The order shows why; our service answers questions"],
  ),
  "payment.checked": by(
    ["push"],
    ["正在核对一笔支付", "无需操作，核对后入账或退回"],
    ["A payment is being checked", "Nothing to do: it will be booked or returned"],
  ),
  "payment.refunded": by(
    ["push", "mail"],
    ["迟到的支付已退回", "款项将原路返回"],
    ["A late payment was returned", "The money goes back the way it came"],
  ),
  "lock.fault": by(
    ["push", "sms"],
    ["地锁/道闸未能打开", "请勿强行驶入：按现场提示手动开锁、在应用内求助或拨打场站电话"],
    [
      "The ground lock or gate did not open",
      "Do not force it: open it by hand as the sign says, ask for help in the app, or call the station",
    ],
  ),
  "reservation.confirmed": by(
    ["push"],
    ["预约成功，充电桩已为您保留", "请在预约时段内到场，在预约页点击开始充电"],
    ["Reserved: the pile is kept for you", "Come within the window and start from the reservation"],
  ),
  "reservation.cancelled": by(
    ["push"],
    ["预约已取消", "退款已回到钱包余额，明细见预约页"],
    ["The reservation is cancelled", "What is returned is on your balance; the page shows it"],
  ),
  "reservation.trouble": by(
    ["push", "sms"],
    ["您预约的桩暂时无法使用", "可免费取消并全额退还订金，预约页有其他可用的桩"],
    [
      "The pile that you reserved cannot be used now",
      "Cancel free of charge, all of the deposit comes back; the page offers another pile",
    ],
  ),
  "reservation.restored": by(
    ["push"],
    ["启动失败，该桩继续为您保留", "请在保留时间内重试，或换一个桩"],
    [
      "The charge did not start: the pile is kept for you",
      "Try again in time, or take another pile",
    ],
  ),
  "reservation.no-show": by(
    ["push", "sms"],
    ["预约超时未到，已自动取消", "已从订金中扣除爽约费，其余已退回余额"],
    [
      "You did not come in time: the reservation is cancelled",
      "The no-show fee is taken from the deposit, the rest is returned",
    ],
  ),
  "reservation.suspended": by(
    ["push", "sms"],
    ["爽约次数过多，预约功能已暂停", "暂停期满后可再次预约，仍可直接到桩充电"],
    [
      "Too many no-shows: reserving is suspended",
      "You may reserve again afterwards; charging without it goes on",
    ],
  ),
  "reservation.appealed": by(
    ["push"],
    ["申诉已受理，预约已取消", "订金已退回钱包余额"],
    ["Your appeal is taken, the reservation is cancelled", "The deposit is back on your balance"],
  ),
  "reservation.appeal-refused": by(
    ["push"],
    ["预约申诉未通过", "费用按取消规则收取，原因见预约页"],
    ["Your appeal was not granted", "It cost what a cancel would have; the page says why"],
  ),
  "help.taken": by(
    ["push"],
    ["客服已受理您的求助", "请保持电话畅通，客服会联系您"],
    ["Support has taken your request", "Please stay reachable: they will call you"],
  ),
  "help.closed": by(
    ["push"],
    ["求助已处理完毕", "如仍有问题，请再次点击一键求助"],
    ["Your request for help is closed", "If it is not solved, ask for help again"],
  ),
};

/** Good news, or as was asked for: nothing to be alarmed about, and nothing that has to be done. */
const CALM: ReadonlySet<string> = new Set<NoticeCode>([
  "reservation.confirmed",
  "reservation.cancelled",
  "reservation.appealed",
  "charge.adjusted",
  "charge.bill-corrected",
  "payment.refunded",
  "help.taken",
  "help.closed",
]);
export const isCalm = (code: string): boolean => CALM.has(code);

export const isNoticeCode = (code: string): code is NoticeCode => Object.hasOwn(notices, code);

/** Ends that the catalogue knows more about than the notice's own words say. */
const BY_FAULT: ReadonlySet<string> = new Set<NoticeCode>(["charge.fault", "charge.vehicle-fault"]);
/** The fault whose words a notice has; null: its own. */
export function faultOfNotice(code: string, { fault }: Record<string, unknown>): FaultId | null {
  return BY_FAULT.has(code) && typeof fault === "string" && isFault(fault) ? fault : null;
}

/** Words of all notices in one language, for a page's word list. */
export function noticeWords(language: Language): Record<NoticeCode, NoticeWords> {
  const words = Object.entries(notices).map(([code, row]) => [code, row[language]]);
  return Object.fromEntries(words) as Record<NoticeCode, NoticeWords>;
}
