// WeChat Pay's trade bill of one day: a row for each payment and each refund, then the sums.
import { chinaTime, yuanOf } from "../../../wire/foreign/pay/amounts.ts";
import { billColumns, billSumColumns } from "../../../wire/foreign/pay/wechat-v3.ts";
import { feeOf, type Moved, movedOn, sumOf } from "../moved.ts";
import type { Trade } from "../store.ts";

type Column = (typeof billColumns)[number];

/** Null: nothing moved on that day, or no such day. */
export function wechatBill(trades: readonly Trade[], day: string): string | null {
  const moved = movedOn(trades, "wechat", day);
  if (moved.length === 0) return null;
  const line = (values: readonly string[]) => values.map((value) => `\`${value}`).join(",");
  const rows = moved.map((one) => {
    const row = rowOf(one);
    return line(billColumns.map((column) => row[column] ?? ""));
  });
  const [paid, refunded, fees] = [sumOf(moved, "pay"), sumOf(moved, "refund"), feeOf(moved)];
  const sums = [paid, refunded, 0, fees, paid, refunded].map(yuanOf);
  const all = [
    billColumns.join(","),
    ...rows,
    billSumColumns.join(","),
    line([String(moved.length), ...sums]),
  ];
  return `\ufeff${all.join("\r\n")}\r\n`;
}

function rowOf(moved: Moved): Partial<Record<Column, string>> {
  const { trade, kind, fen, at, feeFen } = moved;
  const isRefund = kind === "refund";
  return {
    "交易时间": chinaTime(at),
    "公众账号ID": trade.app,
    "商户号": trade.mchid,
    "特约商户号": "0",
    "微信订单号": trade.transactionId ?? "",
    "商户订单号": trade.id,
    "用户标识": "sandbox",
    "交易类型": trade.contractId === undefined ? "NATIVE" : "PAP",
    "交易状态": isRefund ? "REFUND" : "SUCCESS",
    "付款银行": "OTHERS",
    "货币种类": "CNY",
    "应结订单金额": yuanOf(isRefund ? 0 : fen),
    "代金券金额": "0.00",
    "微信退款单号": isRefund ? moved.ref : "0",
    "商户退款单号": isRefund ? moved.no : "0",
    "退款金额": yuanOf(isRefund ? fen : 0),
    "充值券退款金额": "0.00",
    "退款类型": isRefund ? "ORIGINAL" : "",
    "退款状态": isRefund ? "SUCCESS" : "",
    "商品名称": "Chargeward",
    "商户数据包": trade.attach,
    "手续费": yuanOf(feeFen),
    "费率": "0.60%",
    "订单金额": yuanOf(isRefund ? 0 : fen),
    "申请退款金额": yuanOf(isRefund ? fen : 0),
  };
}
