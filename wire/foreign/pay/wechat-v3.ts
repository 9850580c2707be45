// The payment provider's signed HTTP in the style of WeChat Pay APIv3 (微信支付 v3): what is signed, which
// fields travel. Amounts in fen. Sandbox: one host for both providers, `/<wechat|alipay>/v3/…`.
import * as z from "zod";

// signatures: SHA256 with RSA over lines that each end in a line feed ------------------------------
export const SCHEME = "WECHATPAY2-SHA256-RSA2048";
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
const nonce = z.string().regex(/^[0-9A-Za-z_-]{8,64}$/);
export const authorization = z.strictObject({
  mchid: word,
  nonce_str: nonce,
  timestamp,
  serial_no: word,
  signature: word,
});
export type Authorization = z.infer<typeof authorization>;

export function authorizationHeader(fields: Authorization): string {
  return `${SCHEME} ${Object.entries(fields).map(([k, v]) => `${k}="${v}"`).join(",")}`;
}
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
  serial: word,
  signature: word,
});
export type ProviderSignature = z.infer<typeof providerSignature>;

// requests ----------------------------------------------------------------------------------------
const tradeNo = z.string().regex(/^[0-9A-Za-z_-]{6,64}$/);
const amount = z.strictObject({ total: z.int().min(1), currency: z.literal("CNY") });
const attach = z.string().max(128);
export const nativeBody = z.strictObject({
  mchid: word,
  description: z.string().max(127),
  out_trade_no: tradeNo,
  notify_url: z.url(),
  /** Handed back in callbacks: the tenant. */
  attach,
  amount,
});
export const debitBody = z.strictObject({ ...nativeBody.shape, contract_id: tradeNo });
export const contractBody = z.strictObject({
  mchid: word,
  out_contract_code: tradeNo,
  notify_url: z.url(),
  attach,
});
export const closeBody = z.strictObject({ mchid: word });
export const refundBody = z.strictObject({
  out_trade_no: tradeNo,
  out_refund_no: tradeNo,
  reason: z.string().max(80),
  amount: z.strictObject({
    refund: z.int().min(1),
    total: z.int().min(1),
    currency: z.literal("CNY"),
  }),
});

// answers: read loosely, a provider may add fields --------------------------------------------------
export const nativeAnswer = z.object({ code_url: z.string().max(500) });
export const contractOpened = z.object({ sign_url: z.string().max(500) });
export const tradeState = z.enum([
  "NOTPAY",
  "USERPAYING",
  "SUCCESS",
  "CLOSED",
  "PAYERROR",
  "REFUND",
]);
export const transaction = z.object({
  out_trade_no: tradeNo,
  transaction_id: z.string().max(64).optional(),
  trade_state: tradeState,
  attach,
  amount: z.object({ total: z.int().min(0), currency: z.string() }).optional(),
  success_time: z.string().optional(),
});
export type Transaction = z.infer<typeof transaction>;
export const contract = z.object({
  out_contract_code: tradeNo,
  contract_id: tradeNo.optional(),
  contract_state: z.enum(["SIGNING", "ACTIVE", "TERMINATED"]),
  attach,
});
export type Contract = z.infer<typeof contract>;
export const refundAnswer = z.object({
  out_refund_no: tradeNo,
  refund_id: z.string().max(64),
  status: z.enum(["SUCCESS", "PROCESSING", "CLOSED", "ABNORMAL"]),
  amount: z.object({ refund: z.int().min(1) }),
});
export const errorAnswer = z.object({ code: z.string().max(64), message: z.string().max(500) });
export type ErrorCode =
  | "PARAM_ERROR"
  | "SIGN_ERROR"
  | "ORDER_NOT_EXIST"
  | "ORDER_CLOSED"
  | "ORDERPAID"
  | "CONTRACT_NOT_EXIST"
  | "NOT_ENOUGH"
  | "SYSTEM_ERROR";

// callbacks ---------------------------------------------------------------------------------------
/** `resource.data` in plain: the sandbox shares no symmetric key; the signature covers all of it. */
export const notification = z.object({
  id: z.string().regex(/^[0-9A-Za-z_-]{8,80}$/),
  create_time: z.string().max(40),
  event_type: z.enum([
    "TRANSACTION.SUCCESS",
    "TRANSACTION.PAYERROR",
    "TRANSACTION.CLOSED",
    "PAPAY.SIGN",
    "PAPAY.TERMINATE",
  ]),
  resource: z.discriminatedUnion("original_type", [
    z.object({ original_type: z.literal("transaction"), data: transaction }),
    z.object({ original_type: z.literal("papay"), data: contract }),
  ]),
});
export type Notification = z.infer<typeof notification>;
/** What the platform answers to a callback. */
export const notificationAnswer = z.object({
  code: z.enum(["SUCCESS", "FAIL"]),
  message: z.string(),
});

// sandbox -----------------------------------------------------------------------------------------
/** Scheme of a `code_url` or `sign_url` that a browser opens at the platform's own `/sandbox`. */
export const SANDBOX_SCHEME = "sandbox:";
