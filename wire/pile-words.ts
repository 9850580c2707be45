// Codes of the words for people in a pile's incidents; their texts lie in web-kit/words.
const pileWords = [
  "pile.link-lost",
  "pile.fault",
  "pile.electrical-fault",
  "pile.vehicle-fault",
  "pile.charging-alone",
  "pile.stop-unproven",
  "pile.clock-wrong",
  "reservation.trouble",
  "reservation.restored",
  "charge.restart-after-pull",
  "charge.reading-gap",
  "charge.bill-estimated",
  "charge.late-start",
  "charge.meter-implausible",
  "charge.transaction-unknown",
  "charge.report-missing",
  "charge.energy-unattributed",
] as const;
export type PileWord = (typeof pileWords)[number];
