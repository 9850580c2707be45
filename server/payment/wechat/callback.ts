// What a verified callback of WeChat Pay says: opened, of our merchant, of one payment. Never throws.
import {
  contract,
  type Notification,
  notification,
  refundNotice,
  transaction,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import { paymentId, tenantId } from "../../../wire/ids.ts";
import type { CallbackAnswer, Report, Reported } from "../port.ts";
import { json } from "../transport.ts";
import { open } from "./http.ts";

interface Merchant {
  mchid: string;
  appid: string;
  apiKey: string;
}
interface Said {
  mchid: string;
  number: string;
  tenant: string | undefined;
  said: Reported | null;
}

/** Null: nothing that can be understood. */
export function readNotification(
  body: string,
  merchant: Merchant,
): Report | "other-merchant" | null {
  const parsed = notification.safeParse(json(body));
  if (!parsed.success) return null;
  const plain = open(parsed.data.resource, merchant.apiKey);
  const told = plain === null ? null : saidBy(parsed.data.event_type, json(plain));
  if (!told) return null;
  if (told.mchid !== merchant.mchid) return "other-merchant";
  const payment = paymentId.safeParse(told.number);
  const tenant = tenantId.safeParse(told.tenant);
  if (!payment.success || (told.said !== null && !tenant.success)) return null;
  const { id } = parsed.data;
  return { id, tenant: tenant.data ?? "", paymentId: payment.data, said: told.said };
}

function saidBy(event: Notification["event_type"], resource: unknown): Said | null {
  switch (event) {
    case "TRANSACTION.SUCCESS":
    case "TRANSACTION.PAYERROR":
    case "TRANSACTION.CLOSED":
      return ofTrade(resource);
    case "PAPAY.SIGN":
    case "PAPAY.TERMINATE":
      return ofContract(event, resource);
    case "REFUND.SUCCESS":
    case "REFUND.CLOSED":
    case "REFUND.ABNORMAL": {
      // Refunds are our own operations and asked about: the notice has no tenant to tell it to.
      const read = refundNotice.safeParse(resource).data;
      if (!read) return null;
      return { mchid: read.mchid, number: read.out_trade_no, tenant: undefined, said: null };
    }
  }
}

function ofTrade(resource: unknown): Said | null {
  const read = transaction.safeParse(resource).data;
  if (!read) return null;
  const { mchid, out_trade_no: number, attach: tenant, trade_state, amount } = read;
  const fen = amount?.total ?? 0;
  const providerRef = read.transaction_id ?? "";
  const head = { mchid, number, tenant };
  switch (trade_state) {
    case "SUCCESS":
      if (amount === undefined) return null;
      return { ...head, said: { outcome: "succeeded", fen, providerRef } };
    case "PAYERROR":
      return { ...head, said: { outcome: "failed", fen, providerRef } };
    case "CLOSED":
    case "REVOKED":
      return { ...head, said: { outcome: "closed", fen, providerRef } };
    case "NOTPAY":
    case "USERPAYING":
    case "REFUND":
      return { ...head, said: null };
  }
}

function ofContract(event: "PAPAY.SIGN" | "PAPAY.TERMINATE", resource: unknown): Said | null {
  const read = contract.safeParse(resource).data;
  if (!read) return null;
  const { mchid, out_contract_code: number, out_user_code: tenant, contract_id = "" } = read;
  const head = { mchid, number, tenant };
  if (event === "PAPAY.TERMINATE") {
    return { ...head, said: { outcome: "closed", fen: 0, providerRef: contract_id } };
  }
  if (read.contract_state !== "SIGNED" || contract_id === "") return null;
  const said = { outcome: "succeeded" as const, fen: 0, providerRef: contract_id };
  return { ...head, said: { ...said, contract: contract_id } };
}

export function wechatReply(status: number, why: string): CallbackAnswer {
  const said = status === 200 ? { code: "SUCCESS", message: "" } : { code: "FAIL", message: why };
  return { status, body: JSON.stringify(said), contentType: "application/json" };
}
