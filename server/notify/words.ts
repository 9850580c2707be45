// A notice as text for SMS, push and mail: its words from the one table, or from the catalogue where a
// fault is behind it; its figures from its facts.
import { faultWordsEn, faultWordsZh } from "../../wire/faults/mod.ts";
import {
  faultOfNotice,
  isNoticeCode,
  type Language,
  notices,
  type NoticeWords,
} from "../../wire/notice.ts";

export interface NoticeText {
  title: string;
  body: string;
  /** Page of the driver's client that says more. */
  path: string;
}
interface Told {
  code: string;
  facts: Record<string, unknown>;
}

const UNKNOWN: Record<Language, NoticeWords> = {
  zh: ["您有一条新消息", "请打开应用查看"],
  en: ["You have a new message", "Open the app to read it"],
};
const FEN = 100;
const WH = 1000;

function wordsOf({ code, facts }: Told, language: Language): NoticeWords {
  const fault = faultOfNotice(code, facts);
  if (fault !== null) return (language === "zh" ? faultWordsZh : faultWordsEn)[fault];
  return isNoticeCode(code) ? notices[code][language] : UNKNOWN[language];
}

/** Words for a message that tells neither what nor why. */
export function bareText(facts: Told["facts"], language: Language): NoticeText {
  const [title, body] = UNKNOWN[language];
  return { title, body, path: pathOf(facts) };
}

export function noticeText(told: Told, language: Language): NoticeText {
  const { facts } = told;
  const [say, next] = wordsOf(told, language);
  const parts = [...figures(facts, language), next];
  return { title: say, body: parts.join(language === "zh" ? "；" : ". "), path: pathOf(facts) };
}

/** 充电桩 P100，电量 12.3 度，费用 45.60 元 */
function figures(facts: Record<string, unknown>, language: Language): string[] {
  const { pileId, energyWh, totalFen, debtFen, feeFen } = facts;
  const fen = [totalFen, debtFen, feeFen].find((one) => typeof one === "number");
  const yuan = typeof fen === "number" ? (fen / FEN).toFixed(2) : null;
  const kwh = typeof energyWh === "number" ? (energyWh / WH).toFixed(2) : null;
  const zh = language === "zh";
  const said = [
    typeof pileId === "string" ? `${zh ? "充电桩" : "Pile"} ${pileId}` : null,
    kwh === null ? null : zh ? `电量 ${kwh} 度` : `${kwh} kWh`,
    yuan === null ? null : zh ? `费用 ${yuan} 元` : `CNY ${yuan}`,
  ].filter((part) => part !== null);
  return said.length > 0 ? [said.join(zh ? "，" : ", ")] : [];
}

function pathOf({ orderId, reservationId, ticketId }: Record<string, unknown>): string {
  if (typeof orderId === "string") return `/orders/${orderId}`;
  if (typeof reservationId === "string") return `/reservations/${reservationId}`;
  return typeof ticketId === "string" ? "/me/help" : "/me/notices";
}
