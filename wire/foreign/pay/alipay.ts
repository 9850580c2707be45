// Alipay (支付宝) OpenAPI as it travels: signed forms to the gateway, signed answers, signed notifications.
// Fields are those of opendocs.alipay.com: 当面付 precreate, query, close, refund, 周期扣款 agreements, bills.
import * as z from "zod";

/** What a signature covers: all non-empty fields but `sign` (and `sign_type` in notifications), sorted. */
export function signedText(fields: Readonly<Record<string, string>>, without: string[]): string {
  return Object.keys(fields).filter((name) => !without.includes(name) && fields[name] !== "")
    .sort().map((name) => `${name}=${fields[name]}`).join("&");
}

const word = z.string().min(1).max(400);
const tradeNo = z.string().regex(/^[0-9A-Za-z_-]{6,64}$/);
const yuan = z.string().regex(/^[0-9]{1,10}(\.[0-9]{1,2})?$/);

// requests ----------------------------------------------------------------------------------------
/** Fields of every form. */
export const form = z.object({
  app_id: word,
  method: word,
  charset: z.literal("utf-8"),
  sign_type: z.literal("RSA2"),
  sign: z.string().min(1).max(1000),
  timestamp: z.string().max(40),
  version: z.literal("1.0"),
  notify_url: z.url().optional(),
  biz_content: z.string().max(10_000).default("{}"),
});
export const precreateContent = z.object({
  out_trade_no: tradeNo,
  total_amount: yuan,
  subject: z.string().max(256),
  /** Handed back in notifications: the tenant. */
  passback_params: z.string().max(512).optional(),
});
/** A debit without the user's hand. */
export const debitContent = z.object({
  ...precreateContent.shape,
  agreement_params: z.object({ agreement_no: tradeNo }),
});
export const tradeContent = z.object({ out_trade_no: tradeNo });
export const refundContent = z.object({
  out_trade_no: tradeNo,
  out_request_no: tradeNo,
  refund_amount: yuan,
  refund_reason: z.string().max(256).optional(),
});
export const refundQueryContent = z.object({ out_trade_no: tradeNo, out_request_no: tradeNo });
export const signContent = z.object({
  external_agreement_no: tradeNo,
  personal_product_code: word,
  sign_scene: word,
  /** Handed back in the notification: the tenant. */
  external_logon_id: z.string().max(100).optional(),
});
export const agreementContent = z.object({ external_agreement_no: tradeNo });
export const billContent = z.object({ bill_type: z.literal("trade"), bill_date: z.iso.date() });

// answers -----------------------------------------------------------------------------------------
export const OK = "10000";
/** Taken on, its outcome comes later. */
export const PROCESSING = "10003";
/** The service itself failed: nothing is known. */
export const UNAVAILABLE = "20000";
export const head = z.object({
  code: z.string().max(10),
  msg: z.string().max(200).optional(),
  sub_code: z.string().max(100).optional(),
  sub_msg: z.string().max(500).optional(),
});
export type SubCode =
  | "ACQ.TRADE_NOT_EXIST"
  | "ACQ.TRADE_HAS_SUCCESS"
  | "ACQ.TRADE_HAS_CLOSE"
  | "ACQ.CONTEXT_INCONSISTENT"
  | "ACQ.REASON_TRADE_STATUS_INVALID"
  | "ACQ.SELLER_BALANCE_NOT_ENOUGH"
  | "ACQ.AGREEMENT_NOT_EXIST"
  | "USER_AGREEMENT_NOT_EXIST"
  | "isv.invalid-signature"
  | "isv.invalid-parameter"
  | "isp.bill_not_exist"
  | "isp.unknow-error"; // spelt so by Alipay
const tradeStatus = z.enum(["WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_SUCCESS", "TRADE_FINISHED"]);
export const precreateAnswer = z.object({ out_trade_no: tradeNo, qr_code: z.string().max(500) });
export const tradeAnswer = z.object({
  out_trade_no: tradeNo,
  trade_no: z.string().max(64),
  trade_status: tradeStatus,
  total_amount: yuan,
});
/** A debit that succeeded at once has no status: the code says it. */
export const debitAnswer = z.object({
  out_trade_no: tradeNo,
  trade_no: z.string().max(64),
  total_amount: yuan.optional(),
});
/** `refund_fee`: all that was given back of the trade so far. */
export const refundedAnswer = z.object({
  out_trade_no: tradeNo,
  trade_no: z.string().max(64),
  refund_fee: yuan,
  fund_change: z.enum(["Y", "N"]),
});
/** Empty beside the head: no such refund. */
export const refundFound = z.object({
  out_request_no: tradeNo,
  refund_amount: yuan,
  refund_status: z.literal("REFUND_SUCCESS"),
});
export const agreementAnswer = z.object({
  external_agreement_no: tradeNo,
  agreement_no: tradeNo.optional(),
  status: z.enum(["TEMP", "NORMAL", "STOP"]),
});
export const billLink = z.object({ bill_download_url: z.string().max(1000) });

// notifications -----------------------------------------------------------------------------------
const notice = {
  notify_id: z.string().regex(/^[0-9A-Za-z_-]{8,128}$/),
  notify_time: z.string().max(40),
  app_id: word,
  sign_type: z.literal("RSA2"),
};
export const tradeNotice = z.object({
  ...notice,
  notify_type: z.literal("trade_status_sync"),
  out_trade_no: tradeNo,
  trade_no: z.string().max(64),
  trade_status: tradeStatus,
  total_amount: yuan,
  /** There where a refund is what is told. */
  refund_fee: yuan.optional(),
  out_biz_no: z.string().max(64).optional(),
  passback_params: z.string().max(512).optional(),
});
export const agreementNotice = z.object({
  ...notice,
  notify_type: z.enum(["dut_user_sign", "dut_user_unsign"]),
  external_agreement_no: tradeNo,
  agreement_no: tradeNo,
  status: z.enum(["NORMAL", "UNSIGN"]),
  external_logon_id: z.string().max(100).optional(),
});
/** What the platform answers: this word alone ends the repeats. */
export const HEARD = "success";

// the day's bill (业务明细): a zip of GBK tables; lines with # are words -------------------------------
export const billColumns = [
  "支付宝交易号",
  "商户订单号",
  "业务类型",
  "商品名称",
  "创建时间",
  "完成时间",
  "门店编号",
  "门店名称",
  "操作员",
  "终端号",
  "对方账户",
  "订单金额（元）",
  "商家实收（元）",
  "支付宝红包（元）",
  "集分宝（元）",
  "支付宝优惠（元）",
  "商家优惠（元）",
  "券核销金额（元）",
  "券名称",
  "商家红包消费金额（元）",
  "卡消费金额（元）",
  "退款批次号/请求号",
  "服务费（元）",
  "分润（元）",
  "备注",
] as const;
