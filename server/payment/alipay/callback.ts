// What a verified notice of Alipay says: of our application, of one payment. Never throws.
import { agreementNotice, HEARD, tradeNotice } from "../../../wire/foreign/pay/alipay.ts";
import { fenOf } from "../../../wire/foreign/pay/amounts.ts";
import { paymentId, tenantId } from "../../../wire/ids.ts";
import type { CallbackAnswer, Report, Reported } from "../port.ts";

export type Fields = Readonly<Record<string, string>>;
/** One value for each name; null: a name twice, which no notice has and parsers read differently. */
export function fieldsOf(body: string): Fields | null {
  const pairs = [...new URLSearchParams(body)];
  return new Set(pairs.map(([name]) => name)).size === pairs.length
    ? Object.fromEntries(pairs)
    : null;
}

/** Null: nothing that can be understood. */
export function readNotice(fields: Fields, appId: string): Report | "other-merchant" | null {
  const read = ofTrade(fields) ?? ofAgreement(fields);
  if (!read) return null;
  if (read.app !== appId) return "other-merchant";
  const payment = paymentId.safeParse(read.number);
  const tenant = tenantId.safeParse(read.tenant);
  if (!payment.success || !tenant.success) return null;
  return { id: read.id, tenant: tenant.data, paymentId: payment.data, said: read.said };
}

interface Read {
  app: string;
  id: string;
  number: string;
  tenant: string | undefined;
  said: Reported | null;
}

function ofTrade(fields: Fields): Read | null {
  const read = tradeNotice.safeParse(fields).data;
  const fen = read ? fenOf(read.total_amount) : null;
  if (!read || fen === null) return null;
  const { notify_id: id, app_id: app, out_trade_no: number, passback_params: tenant } = read;
  const head = { app, id, number, tenant };
  const providerRef = read.trade_no;
  // A refund is our own operation, and asked about.
  if (read.refund_fee !== undefined) return { ...head, said: null };
  switch (read.trade_status) {
    case "TRADE_SUCCESS":
    case "TRADE_FINISHED":
      return { ...head, said: { outcome: "succeeded", fen, providerRef } };
    case "TRADE_CLOSED":
      return { ...head, said: { outcome: "closed", fen, providerRef } };
    case "WAIT_BUYER_PAY":
      return { ...head, said: null };
  }
}

function ofAgreement(fields: Fields): Read | null {
  const read = agreementNotice.safeParse(fields).data;
  if (!read) return null;
  const { notify_id: id, app_id: app, external_agreement_no: number } = read;
  const head = { app, id, number, tenant: read.external_logon_id };
  const ref = { fen: 0, providerRef: read.agreement_no };
  if (read.status === "UNSIGN") return { ...head, said: { outcome: "closed", ...ref } };
  return { ...head, said: { outcome: "succeeded", ...ref, contract: read.agreement_no } };
}

export const alipayReply = (status: number): CallbackAnswer => ({
  status,
  body: status === 200 ? HEARD : "fail",
  contentType: "text/plain",
});
