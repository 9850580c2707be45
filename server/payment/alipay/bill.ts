// Reads Alipay's bill: a zip with a GBK table between lines of words. Never throws.
import { unzipSync } from "fflate";
import { billColumns } from "../../../wire/foreign/pay/alipay.ts";
import { chinaInstant, fenOf } from "../../../wire/foreign/pay/amounts.ts";
import { named, tableOf } from "../../bill-table.ts";
import type { BillRow } from "../port.ts";
import { BILL_BYTES_MAX } from "../transport.ts";

const MARK = /^[\t`]+|[\t]+$/g;

/** Null: not such a bill. */
export function readAlipayBill(zip: Uint8Array): BillRow[] | null {
  const bytes = detailsIn(zip);
  if (!bytes) return null;
  const text = new TextDecoder("gbk").decode(bytes);
  const lines = tableOf(text)?.filter((line) => !line[0]!.startsWith("#"));
  const [header, ...rest] = lines ?? [];
  if (!header || header.map((name) => name.trim()).join() !== billColumns.join()) return null;
  const count = /#交易合计：(\d+)笔/.exec(text)?.[1];
  const rows = rest.map(rowOf);
  if (rows.some((row) => row === null) || count !== String(rows.length)) return null;
  return rows as BillRow[];
}

function detailsIn(zip: Uint8Array): Uint8Array | null {
  try {
    const files = unzipSync(zip, {
      // The summary is not read; and a small zip must not become a large memory.
      filter: ({ name, originalSize }) =>
        name.endsWith("_details.csv") && originalSize <= BILL_BYTES_MAX,
    });
    return Object.values(files)[0] ?? null;
  } catch {
    return null;
  }
}

function rowOf(line: string[]): BillRow | null {
  const row = named(billColumns, line, MARK);
  if (!row) return null;
  const at = chinaInstant(row["完成时间"]);
  const fen = fenOf(row["订单金额（元）"]);
  const chargedFen = fenOf(row["服务费（元）"]);
  const isRefund = row["业务类型"] === "退款";
  if (at === null || fen === null || chargedFen === null || (fen < 0) !== isRefund) return null;
  const requestNo = row["退款批次号/请求号"];
  return {
    kind: isRefund ? "refund" : "pay",
    paymentId: row["商户订单号"],
    ...(isRefund ? { refundId: requestNo } : {}),
    ref: isRefund ? requestNo : row["支付宝交易号"],
    fen: Math.abs(fen),
    feeFen: chargedFen === 0 ? 0 : -chargedFen,
    at,
  };
}
