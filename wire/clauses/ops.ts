// Clauses of dimension 7, 运营.
import type { Clauses } from "./clause.ts";

const bays = {
  "bay.rules-told": {
    row: "7.3",
    zh: "启动前告知占用规则：宽限、每分钟费用、封顶",
    en: "Rules told before the start: grace, fee per minute, cap",
  },
  "bay.measured": {
    row: "7.3",
    zh: "充电结束后测量占用，直到拔枪",
    en: "Occupancy measured after the end, until the gun is out",
  },
  "bay.notices": {
    row: "7.3",
    zh: "通知：结束时、宽限结束前、开始计费时、之后每小时",
    en: "Notices: at the end, before the grace ends, at the start of the fee, then hourly",
  },
  "bay.patrol": {
    row: "7.3",
    zh: "自动生成巡查任务，完成须附照片",
    en: "Patrol tasks by rule, done with a photo",
  },
  "bay.fee": {
    row: "7.3",
    zh: "超时占用费为单独的应付款，有自己的状态",
    en: "The overstay fee is a due of its own with its own status",
  },
  "bay.never-ours": {
    row: "7.3",
    zh: "桩离线、故障或停用期间不计费",
    en: "Never a fee while the pile is offline, faulted or out of service",
  },
  "bay.appeal": {
    row: "7.3",
    zh: "可申诉，生成工单，免除后退回",
    en: "An appeal is a ticket; what is waived comes back",
  },
  "bay.penalty": {
    row: "7.3",
    zh: "多次超时占用：先警告，再暂停启动，可申诉解除",
    en: "Penalty and blacklist by rule: warned, then no start for some days, lifted on appeal",
  },
  "bay.parking": {
    row: "7.3",
    zh: "停车系统接口：告知结束、宽限与计费，可查车位是否空闲",
    en: "Port for a parking system: told of end, grace and fee, asked whether the bay is free",
  },
} as const satisfies Clauses;

export const opsClauses = { ...bays } as const;
