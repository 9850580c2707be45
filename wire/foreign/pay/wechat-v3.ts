// WeChat Pay APIv3 (微信支付 v3) as it travels: what is signed, which fields, which states. Amounts in fen.
// Paths and fields are those of pay.weixin.qq.com/docs/merchant: Native pay, refunds, bills, 委托代扣.
import * as z from "zod";

// signatures: SHA256 with RSA over lines that each end in a line feed ------------------------------
const SCHEME = "WECHATPAY2-SHA256-RSA2048";
/** How far a signed moment may be off. */
export const SIGNED_MS_OFF_MAX = 5 * 60_000;

/** What a request's signature covers; `target` is path and query. */
export const requestText = (
  method: string,
  target: string,
  timestamp: string,
  nonce: string,
  body: string,
): string => `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`;
/** What the signature of an answer or a callback covers. */
export const answerText = (timestamp: string, nonce: string, body: string): string =>
  `${timestamp}\n${nonce}\n${body}\n`;

const word = z.string().min(1).max(400);
const timestamp = z.string().regex(/^[0-9]{10}$/);
const nonce = z.string().regex(/^[0-9A-Za-z_-]{6,64}$/);
const authorization = z.strictObject({
  mchid: word,
  nonce_str: nonce,
  timestamp,
  serial_no: word,
  signature: word,
});
export type Authorization = z.infer<typeof authorization>;

export function parseAuthorization(header: string): Authorization | null {
  const [scheme, rest] = [header.slice(0, SCHEME.length), header.slice(SCHEME.length)];
  if (scheme !== SCHEME || !rest.startsWith(" ")) return null;
  const fields = new Map<string, string>();
  for (const part of rest.trim().split(",")) {
    const match = /^([a-z_]{1,20})="([^"]{1,400})"$/.exec(part.trim());
    if (!match || fields.has(match[1]!)) return null;
    fields.set(match[1]!, match[2]!);
  }
  return authorization.safeParse(Object.fromEntries(fields)).data ?? null;
}
/** Headers by which the provider signs answers and callbacks. */
export const signatureHeaders = {
  timestamp: "wechatpay-timestamp",
  nonce: "wechatpay-nonce",
  serial: "wechatpay-serial",
  signature: "wechatpay-signature",
} as const;
export const providerSignature = z.strictObject({
  timestamp,
  nonce,
  serial: z.string().regex(/^[0-9A-Za-z_-]{8,64}$/),
  signature: word,
});

// what is encrypted: certificates and the resource of a callback, AES-256-GCM under the APIv3 key ----
export const ALGORITHM = "AEAD_AES_256_GCM";
export const sealed = z.object({
  algorithm: z.literal(ALGORITHM),
  ciphertext: z.string().min(24).max(100_000), // the tag alone has 24 characters
  associated_data: z.string().max(64).default(""),
  nonce: z.string().min(8).max(32),
});
export type Sealed = z.infer<typeof sealed>;
export const certificates = z.object({
  data: z.array(z.object({ serial_no: word, encrypt_certificate: sealed })).max(20),
});

// requests ----------------------------------------------------------------------------------------
const tradeNo = z.string().regex(/^[0-9A-Za-z_*|-]{6,64}$/);
const amount = z.object({ total: z.int().min(1), currency: z.literal("CNY").default("CNY") });
const attach = z.string().max(128);
const ordered = {
  appid: word,
  description: z.string().max(127),
  out_trade_no: tradeNo,
  /** Handed back in callbacks and bills: the tenant. */
  attach: attach.default(""),
  amount,
};
export const nativeBody = z.object({ ...ordered, mchid: word, notify_url: z.url() });
export const jsapiBody = z.object({
  ...nativeBody.shape,
  payer: z.object({ openid: z.string().min(1).max(128) }),
});
/** 受理扣款: a debit without the user's hand. */
export const debitBody = z.object({
  ...ordered,
  transaction_notify_url: z.url(),
  contract_id: tradeNo,
});
/** 预签约: the way to the user's consent. */
export const preSignBody = z.object({
  appid: word,
  plan_id: z.int(),
  out_contract_code: tradeNo,
  contract_display_account: z.string().min(1).max(32),
  contract_notify_url: z.url(),
  /** Handed back: the tenant. */
  out_user_code: attach.default(""),
});
export const closeBody = z.object({ mchid: word });
export const refundBody = z.object({
  out_trade_no: tradeNo,
  out_refund_no: tradeNo,
  reason: z.string().max(80).optional(),
  notify_url: z.url().optional(),
  amount: z.object({
    refund: z.int().min(1),
    total: z.int().min(1),
    currency: z.literal("CNY"),
  }),
});

// answers: read loosely, a provider may add fields --------------------------------------------------
export const nativeAnswer = z.object({ code_url: z.string().max(500) });
export const preSignAnswer = z.object({ redirect_url: z.string().max(500) });
const tradeState = z.enum([
  "NOTPAY",
  "USERPAYING",
  "SUCCESS",
  "CLOSED",
  "REVOKED",
  "PAYERROR",
  "REFUND",
]);
const paidAmount = z.object({ total: z.int().min(0), currency: z.string().optional() });
export const transaction = z.object({
  appid: word,
  mchid: word,
  out_trade_no: tradeNo,
  transaction_id: z.string().max(64).optional(),
  trade_state: tradeState,
  attach: attach.optional(),
  amount: paidAmount.optional(),
  success_time: z.string().max(40).optional(),
});
export type Transaction = z.infer<typeof transaction>;
export const contract = z.object({
  appid: word,
  mchid: word,
  out_contract_code: tradeNo,
  contract_id: tradeNo.optional(),
  contract_state: z.enum(["SIGNING", "SIGNED", "TERMINATED"]),
  out_user_code: attach.optional(),
});
export type Contract = z.infer<typeof contract>;
export const refundAnswer = z.object({
  out_trade_no: tradeNo,
  out_refund_no: tradeNo,
  refund_id: z.string().max(64),
  status: z.enum(["SUCCESS", "PROCESSING", "CLOSED", "ABNORMAL"]),
  amount: z.object({ refund: z.int().min(1), total: z.int().min(1) }),
});
export type RefundAnswer = z.infer<typeof refundAnswer>;
export const errorAnswer = z.object({ code: z.string().max(64), message: z.string().max(500) });
export type ErrorCode =
  | "PARAM_ERROR"
  | "SIGN_ERROR"
  | "ORDER_NOT_EXIST"
  | "ORDER_CLOSED"
  | "ORDERPAID"
  | "CONTRACT_NOT_EXIST"
  | "RESOURCE_NOT_EXISTS"
  | "NO_STATEMENT_EXIST"
  | "NOT_ENOUGH"
  | "SYSTEM_ERROR";
export const billAnswer = z.object({
  hash_type: z.literal("SHA1"),
  hash_value: z.string().max(64),
  download_url: z.string().max(500),
});

// callbacks ---------------------------------------------------------------------------------------
export const notification = z.object({
  id: z.string().regex(/^[0-9A-Za-z_-]{8,80}$/),
  create_time: z.string().max(40),
  event_type: z.enum([
    "TRANSACTION.SUCCESS",
    "TRANSACTION.PAYERROR",
    "TRANSACTION.CLOSED",
    "PAPAY.SIGN",
    "PAPAY.TERMINATE",
    "REFUND.SUCCESS",
    "REFUND.CLOSED",
    "REFUND.ABNORMAL",
  ]),
  resource_type: z.literal("encrypt-resource"),
  resource: sealed,
});
export type Notification = z.infer<typeof notification>;
/** Opened resource of REFUND.*: the states have other names there. */
export const refundNotice = z.object({
  mchid: word,
  out_trade_no: tradeNo,
  out_refund_no: tradeNo,
  refund_id: z.string().max(64),
  refund_status: z.enum(["SUCCESS", "CLOSED", "ABNORMAL"]),
  amount: z.object({ refund: z.int().min(1), total: z.int().min(1) }),
});
/** What the platform answers to a callback. */
export const notificationAnswer = z.object({
  code: z.enum(["SUCCESS", "FAIL"]),
  message: z.string(),
});

// the day's trade bill (交易账单, tar_type none): a table, then its sums; each value behind a ` --------
export const billColumns = [
  "交易时间",
  "公众账号ID",
  "商户号",
  "特约商户号",
  "设备号",
  "微信订单号",
  "商户订单号",
  "用户标识",
  "交易类型",
  "交易状态",
  "付款银行",
  "货币种类",
  "应结订单金额",
  "代金券金额",
  "微信退款单号",
  "商户退款单号",
  "退款金额",
  "充值券退款金额",
  "退款类型",
  "退款状态",
  "商品名称",
  "商户数据包",
  "手续费",
  "费率",
  "订单金额",
  "申请退款金额",
  "费率备注",
] as const;
export const billSumColumns = [
  "总交易单数",
  "应结订单总金额",
  "退款总金额",
  "充值券退款总金额",
  "手续费总金额",
  "订单总金额",
  "申请退款总金额",
] as const;
