// Clauses of dimension 5, 第三方.
import type { Clauses } from "./clause.ts";

const partnerLock = {
  "third.retry": {
    row: "5.4",
    zh: "控制指令重试：同一指令号，重发前先查询状态",
    en: "A command is retried: under one id, the state asked before it is sent again",
  },
  "third.time-out": {
    row: "5.4",
    zh: "控制超时：到时即判故障并释放指令",
    en: "A command has its time: then it is a fault, and the command is over",
  },
  "third.release": {
    row: "5.4",
    zh: "超时释放：无人归还的锁到时自动复位",
    en: "A lock that nobody gives back goes to its rest by itself",
  },
  "third.logged": {
    row: "5.4",
    zh: "每次指令的下发与结果都有记录",
    en: "Each step of a command is logged: what was sent, and what it came to",
  },
  "third.whom-to-call": {
    row: "5.4",
    zh: "告知车主联系谁：场站电话与客服",
    en: "The driver is told whom to call",
  },
} as const satisfies Clauses;

export const thirdClauses = { ...partnerLock } as const;
