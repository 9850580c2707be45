// Alipay's bill of one day: a zip with a table in GBK, words before and after it on lines with #.
import { strToU8, zipSync } from "fflate";
import { billColumns } from "../../../wire/foreign/pay/alipay.ts";
import { chinaTime, yuanOf } from "../../../wire/foreign/pay/amounts.ts";
import { type Moved, movedOn } from "../moved.ts";
import type { Trade } from "../store.ts";

type Column = (typeof billColumns)[number];

export function alipayBill(trades: readonly Trade[], day: string): Uint8Array {
  const moved = movedOn(trades, "alipay", day);
  const lines = [
    "#支付宝业务明细查询",
    `#起始日期：[${day} 00:00:00]   终止日期：[${day} 23:59:59]`,
    "#-----------------------------------------业务明细列表----------------------------------------",
    billColumns.join(","),
    ...moved.map((one) => {
      const row = rowOf(one);
      return billColumns.map((column) => `${row[column] ?? ""}\t`).join(",");
    }),
    "#-----------------------------------------业务明细列表结束------------------------------------",
    `#交易合计：${moved.length}笔`,
  ];
  const table = gbk(`${lines.join("\r\n")}\r\n`);
  return zipSync({ [`${day}_details.csv`]: table, "readme.txt": strToU8("sandbox") }, {
    mtime: "2026-01-01", // the same bill is the same bytes
  });
}

function rowOf({ trade, kind, fen, at, no, feeFen }: Moved): Partial<Record<Column, string>> {
  const isRefund = kind === "refund";
  const amount = yuanOf(isRefund ? -fen : fen);
  return {
    "支付宝交易号": trade.transactionId ?? "",
    "商户订单号": trade.id,
    "业务类型": isRefund ? "退款" : "交易",
    "商品名称": "Chargeward",
    "创建时间": chinaTime(trade.createdAt),
    "完成时间": chinaTime(at),
    "对方账户": "sandbox",
    "订单金额（元）": amount,
    "商家实收（元）": amount,
    "退款批次号/请求号": isRefund ? no : "",
    "服务费（元）": yuanOf(-feeFen),
    "备注": trade.attach,
  };
}

let codes: Map<string, [number, number]> | null = null;
/** The platform can only read GBK: its table is turned round. */
function gbk(text: string): Uint8Array {
  codes ??= tableOfGbk();
  const bytes: number[] = [];
  for (const char of text) {
    const pair = codes.get(char);
    if (char < "\x80") bytes.push(char.charCodeAt(0));
    else bytes.push(...pair ?? [0x3f]); // ?
  }
  return new Uint8Array(bytes);
}
function tableOfGbk(): Map<string, [number, number]> {
  const decoder = new TextDecoder("gbk");
  const table = new Map<string, [number, number]>();
  for (let high = 0x81; high <= 0xfe; high++) {
    for (let low = 0x40; low <= 0xfe; low++) {
      if (low !== 0x7f) table.set(decoder.decode(new Uint8Array([high, low])), [high, low]);
    }
  }
  return table;
}
