// What WeChat Pay tells of a trade, a refund or a contract, and how it writes it: sealed and signed.
import {
  type Contract,
  type Notification,
  notificationAnswer,
  type RefundAnswer,
  type Transaction,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import type { Pen } from "../letters.ts";
import type { Letter, Pact, Refunded, Trade } from "../store.ts";
import type { WechatCrypto } from "./crypto.ts";

export function wechatPen(crypto: WechatCrypto): Pen {
  return {
    trade: (trade) => ({
      event: `TRANSACTION.${trade.state === "NOTPAY" ? "CLOSED" : trade.state}`,
      fields: { ...transactionOf(trade) },
    }),
    refund: (trade, one) => {
      const { status, ...rest } = refundOf(trade, one);
      return {
        event: "REFUND.SUCCESS",
        fields: { mchid: trade.mchid, ...rest, refund_status: status },
      };
    },
    pact: (pact) => ({
      event: pact.state === "ACTIVE" ? "PAPAY.SIGN" : "PAPAY.TERMINATE",
      fields: { ...contractOf(pact) },
    }),
    write(letter) {
      const body = JSON.stringify(notificationOf(letter, crypto));
      const signed = letter.forged ? crypto.forge(body) : crypto.sign(body);
      return { headers: { "content-type": "application/json", ...signed }, body };
    },
    isHeard(status, text) {
      if (status === 204 || (status === 200 && text === "")) return true;
      const said = status === 200 ? notificationAnswer.safeParse(JSON.parse(text)) : null;
      return said?.data?.code === "SUCCESS";
    },
  };
}

/** The same letter has the same number however often it is sent: the doubled one too. */
function notificationOf({ id, at, told }: Letter, { seal }: WechatCrypto): Notification {
  const kind = told.event.split(".")[0]!.toLowerCase();
  return {
    id: id.replace(/-again$/, ""),
    create_time: new Date(at).toISOString(),
    event_type: told.event as Notification["event_type"],
    resource_type: "encrypt-resource",
    resource: seal(JSON.stringify(told.fields), kind),
  };
}

export function transactionOf(trade: Trade): Transaction {
  const { id, app: appid, mchid, state, attach, fen, transactionId, paidAt, refunds } = trade;
  return {
    appid,
    mchid,
    out_trade_no: id,
    ...(transactionId === undefined ? {} : { transaction_id: transactionId }),
    trade_state: state === "SUCCESS" && refunds.length > 0 ? "REFUND" : state,
    attach,
    amount: { total: fen, currency: "CNY" },
    ...(paidAt === undefined ? {} : { success_time: new Date(paidAt).toISOString() }),
  };
}
export function contractOf({ id, app: appid, mchid, contractId, state, attach }: Pact): Contract {
  return {
    appid,
    mchid,
    out_contract_code: id,
    ...(contractId === undefined ? {} : { contract_id: contractId }),
    contract_state: state === "ACTIVE" ? "SIGNED" : state,
    out_user_code: attach,
  };
}
export const refundOf = (trade: Trade, { no, id, fen }: Refunded): RefundAnswer => ({
  out_trade_no: trade.id,
  out_refund_no: no,
  refund_id: id,
  status: "SUCCESS",
  amount: { refund: fen, total: trade.fen },
});
