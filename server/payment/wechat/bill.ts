// Reads WeChat Pay's trade bill: its rows, proved by the sums at its end. Never throws.
import { chinaInstant, fenOf } from "../../../wire/foreign/pay/amounts.ts";
import { billColumns, billSumColumns } from "../../../wire/foreign/pay/wechat-v3.ts";
import { named, tableOf } from "../../bill-table.ts";
import type { BillRow } from "../port.ts";

const MARK = /^`/;

/** Null: not such a bill, or one whose sums are not its rows'. */
export function readWechatBill(text: string): BillRow[] | null {
  const lines = tableOf(text);
  const [header, ...rest] = lines ?? [];
  if (!header || header.join() !== billColumns.join()) return null;
  const end = rest.findIndex((line) => line.join() === billSumColumns.join());
  const sums = rest[end + 1];
  if (end < 0 || !sums) return null;
  const rows = rest.slice(0, end).map(rowOf);
  if (rows.some((row) => row === null)) return null;
  const good = rows as BillRow[];
  const said = named(billSumColumns, sums, MARK);
  const of = (kind: BillRow["kind"]) =>
    good.reduce((sum, { kind: is, fen }) => sum + (is === kind ? fen : 0), 0);
  const isProved = said?.["总交易单数"] === String(good.length) &&
    fenOf(said["订单总金额"]) === of("pay") && fenOf(said["申请退款总金额"]) === of("refund");
  return isProved ? good : null;
}

function rowOf(line: string[]): BillRow | null {
  const row = named(billColumns, line, MARK);
  if (!row) return null;
  const at = chinaInstant(row["交易时间"]);
  const feeFen = fenOf(row["手续费"]);
  const isRefund = row["交易状态"] === "REFUND";
  const fen = fenOf(row[isRefund ? "申请退款金额" : "订单金额"]);
  if (at === null || feeFen === null || fen === null || fen < 0) return null;
  return {
    kind: isRefund ? "refund" : "pay",
    paymentId: row["商户订单号"],
    ...(isRefund ? { refundId: row["商户退款单号"] } : {}),
    ref: row[isRefund ? "微信退款单号" : "微信订单号"],
    fen,
    feeFen,
    at,
  };
}
