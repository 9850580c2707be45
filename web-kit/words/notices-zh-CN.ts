// 通知与事件的词：先说情况，再说下一步。
import { noticeWords } from "../../wire/notice.ts";
import type { CodeWords } from "./codes.ts";

export const noticeSayings: CodeWords["notice"] = {
  ...noticeWords("zh"),
  "help.wanted": ["车主一键求助", "请在求助工单中受理"],
  "bay.patrol": ["有车位需要现场查看", "请在车位页面领取巡查任务"],
  "reservation.slot-gone": ["预约时段已被他人占用，订金已退回", "无需处理；频繁出现时请核对该桩"],
  "notice.undelivered": ["异常结束的通知没有送达", "请致电车主"],
  "lock.broken": ["地锁/道闸不受控，枪已标为不可用", "请在桩页面远程开锁，或派人持钥匙到场"],
  "lock.recovered": ["地锁/道闸已恢复", "枪已恢复可用"],
  "pile.link-lost": ["充电桩失去连接", "正在重连；充电由桩继续，恢复后补传数据"],
  "pile.fault": ["充电桩故障中，不可用", "请选择其他桩，或联系客服"],
  "pile.electrical-fault": ["充电桩电气故障，已停用", "请到场检查，确认安全后由运维恢复"],
  "pile.vehicle-fault": ["车辆侧故障，不计入充电桩", "无需检修；同一车辆反复出现时请提醒车主"],
  "charge.plug-awaited": ["请检查充电枪是否插紧/对准", "60 秒内插好会自动继续，不计为失败"],
  "charge.reading-gap": ["充电中的桩没有读数", "等待补传；结束时按电表或规则估算计费"],
  "charge.restart-after-pull": ["拔枪后充电桩自行恢复充电，已被停止", "需要继续请重新启动"],
  "pile.charging-alone": ["充电桩在没有订单时输出电能", "已发送停止指令，请现场检查"],
  "pile.stop-unproven": ["尚未证实充电桩已停止", "正在重试停止指令，必要时请现场急停"],
  "pile.clock-wrong": ["充电桩时钟不准", "按平台时间计费，请校准桩时钟"],
  "charge.late-start": ["充电桩迟到启动，已被停止", "这部分电量不向车主收费"],
  "charge.meter-implausible": ["电表读数不合理", "账单已转人工复核，暂不扣款"],
  "charge.transaction-unknown": ["充电桩上报了未知的充电记录", "请在时间线中核对"],
  "charge.report-missing": ["充电桩的上报有缺失", "正在补收，到达后更正账单"],
  "charge.energy-unattributed": ["有电量不属于任何订单", "请核对桩与电表"],
  "audit.difference": ["账目审计发现差异", "请财务核对该笔账目后处理"],
};
