// What Alipay tells of a trade, a refund or an agreement: a signed form, answered with one word.
import { HEARD } from "../../../wire/foreign/pay/alipay.ts";
import { chinaTime, yuanOf } from "../../../wire/foreign/pay/amounts.ts";
import type { Pen } from "../letters.ts";
import type { Letter, Pact, Trade } from "../store.ts";
import type { AlipayCrypto } from "./crypto.ts";

export function alipayPen(crypto: AlipayCrypto): Pen {
  return {
    trade: (trade) => ({ event: "trade_status_sync", fields: tradeFields(trade) }),
    refund: (trade, { no }) => {
      const backFen = trade.refunds.reduce((sum, { fen }) => sum + fen, 0);
      const more = { refund_fee: yuanOf(backFen), out_biz_no: no };
      return { event: "trade_status_sync", fields: { ...tradeFields(trade), ...more } };
    },
    pact: (pact) => ({
      event: pact.state === "ACTIVE" ? "dut_user_sign" : "dut_user_unsign",
      fields: pactFields(pact),
    }),
    write(letter) {
      const fields = noticeOf(letter);
      const signed = letter.forged ? crypto.forge(fields) : crypto.sign(fields);
      const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
      return { headers, body: new URLSearchParams(signed).toString() };
    },
    isHeard: (status, text) => status === 200 && text.trim() === HEARD,
  };
}

/** The same however often it is sent. */
function noticeOf({ id, at, told }: Letter): Record<string, string> {
  return {
    notify_id: id.replace(/-again$/, ""),
    notify_time: chinaTime(at),
    notify_type: told.event,
    charset: "utf-8",
    version: "1.0",
    sign_type: "RSA2",
    ...told.fields as Record<string, string>,
  };
}

/** Given back in full is closed, as is never paid. */
export function statusOf({ state, fen, refunds }: Trade) {
  const backFen = refunds.reduce((sum, one) => sum + one.fen, 0);
  if (state === "NOTPAY") return "WAIT_BUYER_PAY";
  return state === "SUCCESS" && backFen < fen ? "TRADE_SUCCESS" : "TRADE_CLOSED";
}
export const numberOf = ({ id, transactionId }: Trade): string => transactionId ?? `2088${id}`;

function tradeFields(trade: Trade): Record<string, string> {
  return {
    app_id: trade.app,
    out_trade_no: trade.id,
    trade_no: numberOf(trade),
    trade_status: statusOf(trade),
    total_amount: yuanOf(trade.fen),
    passback_params: trade.attach,
  };
}
function pactFields({ app, id, contractId = "none00", state, attach }: Pact) {
  return {
    app_id: app,
    external_agreement_no: id,
    agreement_no: contractId,
    status: state === "ACTIVE" ? "NORMAL" : "UNSIGN",
    external_logon_id: attach,
  };
}
