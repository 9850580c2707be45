// What the driver's pages say of the lock of a bay (地锁, 道闸).

export const lockZh = {
  "lock.ground-lock": "地锁",
  "lock.gate": "道闸",
  "lock.up": "车位已上锁，启动充电后自动打开",
  "lock.kept": "车位已为预约车主上锁",
  "lock.help": "锁打不开？一键求助",
  "lock.upLead": "需要先驶入并插枪？可以现在打开，几分钟内未启动会自动复位。",
  "lock.lower": "打开车位",
  "lock.moving": "正在打开，请稍候，不要驶入",
  "lock.lowered": "车位已打开，请驶入并插枪",
  "lock.broken": "该车位的{form}故障，暂不可用",
  "lock.byHand": "请勿强行驶入。可按锁体上的说明用应急钥匙手动打开，打开后桩自动恢复。",
  "lock.byOps": "或联系客服，由运维远程开锁。",
  "lock.byPhone": "紧急时请拨打场站电话 {phone}。",
} as const;

export const lockEn: Record<keyof typeof lockZh, string> = {
  "lock.ground-lock": "ground lock",
  "lock.gate": "gate",
  "lock.up": "The bay is locked: it opens by itself once you start",
  "lock.kept": "This bay is closed for the driver who reserved it",
  "lock.help": "Does it not open? Call for help",
  "lock.upLead":
    "Want to drive in and plug in first? Open it now; it closes again if nobody starts.",
  "lock.lower": "Open the bay",
  "lock.moving": "It is opening: please wait, do not drive in yet",
  "lock.lowered": "The bay is open: drive in and plug in",
  "lock.broken": "The {form} of this bay is broken: it cannot be used",
  "lock.byHand":
    "Do not force it. It can be opened by hand with its emergency key; then the pile is back by itself.",
  "lock.byOps": "Or ask support: operations can open it from afar.",
  "lock.byPhone": "If it is urgent, call the station: {phone}.",
};
