// Alipay's methods: each with what it does to the desk, as the documentation has it. Every answer is
// HTTP 200; what it came to is in its codes.
import * as z from "zod";
import {
  agreementContent,
  billContent,
  debitContent,
  form,
  OK,
  precreateContent,
  refundContent,
  refundQueryContent,
  signContent,
  type SubCode,
  tradeContent,
} from "../../../wire/foreign/pay/alipay.ts";
import { fenOf, SANDBOX_SCHEME, yuanOf } from "../../../wire/foreign/pay/amounts.ts";
import {
  closeTrade,
  debitTrade,
  type Desk,
  endPact,
  type Merchant,
  openTrade,
  pactOf,
  refundTrade,
  signPact,
  tradeOf,
  type Wanted,
} from "../desk.ts";
import type { About } from "../mischief.ts";
import { movedOn } from "../moved.ts";
import type { Trade } from "../store.ts";
import { numberOf, statusOf } from "./pen.ts";

type Form = z.infer<typeof form>;
type Body = Record<string, string>;
interface Call {
  desk: Desk;
  merchant: Merchant;
  form: Form;
  content: unknown;
}

const good = (more: Body = {}): Body => ({ code: OK, msg: "Success", ...more });
const error = (sub_code: SubCode, sub_msg: string): Body => ({
  code: "40004",
  msg: "Business Failed",
  sub_code,
  sub_msg,
});
const noTrade = error("ACQ.TRADE_NOT_EXIST", "no such trade");
export const badSign = {
  ...error("isv.invalid-signature", "signature does not fit"),
  code: "40002",
};
export const failed = { ...error("isp.unknow-error", "try again"), code: "20000" };

const METHODS: Record<string, { asks: boolean; run(call: Call): Body }> = {
  "alipay.trade.precreate": { asks: false, run: precreate },
  "alipay.trade.pay": { asks: false, run: debit },
  "alipay.trade.query": { asks: true, run: query },
  "alipay.trade.close": { asks: false, run: close },
  "alipay.trade.refund": { asks: false, run: refund },
  "alipay.trade.fastpay.refund.query": { asks: true, run: queryRefund },
  "alipay.user.agreement.page.sign": { asks: false, run: signPage },
  "alipay.user.agreement.query": { asks: true, run: queryAgreement },
  "alipay.user.agreement.unsign": { asks: false, run: unsign },
  "alipay.data.dataservice.bill.downloadurl.query": { asks: true, run: billUrl },
};

/** Null: no such method, or a form that is none. */
export function alipayCall(
  desk: Desk,
  fields: Record<string, string>,
): { method: string; asks: boolean; about: About; act: () => Body } | null {
  const parsed = form.safeParse(fields);
  const row = parsed.success ? METHODS[parsed.data.method] : undefined;
  if (!parsed.success || !row) return null;
  const merchant: Merchant = { by: "alipay", app: parsed.data.app_id, mchid: "" };
  const call = { desk, merchant, form: parsed.data, content: json(parsed.data.biz_content) };
  const { method } = parsed.data;
  return { method, asks: row.asks, about: aboutOf(call.content), act: () => row.run(call) };
}
const said = z.object({ out_trade_no: z.string(), total_amount: z.string().optional() });
function aboutOf(content: unknown): About {
  const { out_trade_no: id, total_amount } = said.safeParse(content).data ?? {};
  return { id, fen: total_amount === undefined ? undefined : fenOf(total_amount) ?? undefined };
}
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function shaped<T extends z.ZodType>(
  shape: T,
  { content }: Call,
  then: (content: z.output<T>) => Body,
): Body {
  const parsed = shape.safeParse(content);
  if (parsed.success) return then(parsed.data);
  return error("isv.invalid-parameter", parsed.error.issues[0]?.message ?? "biz_content");
}

type Precreate = z.infer<typeof precreateContent>;
const wantedOf = ({ form }: Call, content: Precreate): Wanted => ({
  id: content.out_trade_no,
  fen: fenOf(content.total_amount) ?? 0,
  attach: content.passback_params ?? "",
  notifyUrl: form.notify_url ?? "",
});
const overOf = (trade: Trade): Body =>
  trade.state === "SUCCESS"
    ? error("ACQ.TRADE_HAS_SUCCESS", "paid already")
    : error("ACQ.TRADE_HAS_CLOSE", "closed");
const inconsistent = error("ACQ.CONTEXT_INCONSISTENT", "another trade has this number");

function precreate(call: Call): Body {
  return shaped(precreateContent, call, (content) => {
    const trade = openTrade(call.desk, call.merchant, wantedOf(call, content));
    if (!trade) return inconsistent;
    if (trade.state !== "NOTPAY") return overOf(trade);
    const { id } = trade;
    return good({ out_trade_no: id, qr_code: `${SANDBOX_SCHEME}/sandbox/pay/${id}` });
  });
}

function debit(call: Call): Body {
  return shaped(debitContent, call, (content) => {
    const contractId = content.agreement_params.agreement_no;
    const trade = debitTrade(call.desk, call.merchant, { ...wantedOf(call, content), contractId });
    if (trade === "no-contract") return error("ACQ.AGREEMENT_NOT_EXIST", "no such agreement");
    if (trade === "other") return inconsistent;
    if (trade.state !== "SUCCESS") return overOf(trade);
    const total_amount = yuanOf(trade.fen);
    return good({ out_trade_no: trade.id, trade_no: numberOf(trade), total_amount });
  });
}

/** A code that nobody has scanned is no trade yet. */
const found = (call: Call, id: string): Trade | null => {
  const trade = tradeOf(call.desk, call.merchant, id);
  return trade?.scanned ? trade : null;
};
function query(call: Call): Body {
  return shaped(tradeContent, call, ({ out_trade_no }) => {
    const trade = found(call, out_trade_no);
    if (!trade) return noTrade;
    return good({
      out_trade_no,
      trade_no: numberOf(trade),
      trade_status: statusOf(trade),
      total_amount: yuanOf(trade.fen),
    });
  });
}
function close(call: Call): Body {
  return shaped(tradeContent, call, ({ out_trade_no }) => {
    const trade = found(call, out_trade_no);
    if (!trade) return noTrade;
    if (trade.state !== "NOTPAY") {
      return error("ACQ.REASON_TRADE_STATUS_INVALID", `is ${statusOf(trade)}`);
    }
    closeTrade(call.desk, trade);
    return good({ out_trade_no, trade_no: numberOf(trade) });
  });
}

function refund(call: Call): Body {
  return shaped(refundContent, call, ({ out_trade_no, out_request_no, refund_amount }) => {
    const trade = found(call, out_trade_no);
    if (!trade) return noTrade;
    const isNew = !trade.refunds.some(({ no }) => no === out_request_no);
    const made = refundTrade(call.desk, trade, out_request_no, fenOf(refund_amount) ?? 0);
    if (!made) return error("ACQ.SELLER_BALANCE_NOT_ENOUGH", "more than was paid");
    const after = found(call, out_trade_no)!;
    return good({
      out_trade_no,
      trade_no: numberOf(after),
      refund_fee: yuanOf(after.refunds.reduce((sum, { fen }) => sum + fen, 0)),
      fund_change: isNew ? "Y" : "N",
    });
  });
}
function queryRefund(call: Call): Body {
  return shaped(refundQueryContent, call, ({ out_trade_no, out_request_no }) => {
    const trade = found(call, out_trade_no);
    if (!trade) return noTrade;
    const made = trade.refunds.find(({ no }) => no === out_request_no);
    if (!made) return good(); // so it says that there is none
    const refund_amount = yuanOf(made.fen);
    return good({ out_trade_no, out_request_no, refund_amount, refund_status: "REFUND_SUCCESS" });
  });
}

/** The page that the user's browser opens: from then on the agreement waits for consent. */
function signPage(call: Call): Body {
  return shaped(signContent, call, ({ external_agreement_no: id, external_logon_id }) => {
    const notifyUrl = call.form.notify_url ?? "";
    const attach = external_logon_id ?? "";
    const pact = signPact(call.desk, call.merchant, { id, attach, notifyUrl });
    return pact ? good({ external_agreement_no: id }) : inconsistent;
  });
}
const noAgreement = error("USER_AGREEMENT_NOT_EXIST", "no such agreement");
function queryAgreement(call: Call): Body {
  return shaped(agreementContent, call, ({ external_agreement_no: id }) => {
    const pact = pactOf(call.desk, call.merchant, id);
    if (!pact) return noAgreement;
    const status = ({ SIGNING: "TEMP", ACTIVE: "NORMAL", TERMINATED: "STOP" } as const)[pact.state];
    const number: Body = pact.contractId === undefined ? {} : { agreement_no: pact.contractId };
    return good({ external_agreement_no: id, status, ...number });
  });
}
function unsign(call: Call): Body {
  return shaped(agreementContent, call, ({ external_agreement_no: id }) => {
    const pact = pactOf(call.desk, call.merchant, id);
    if (!pact) return noAgreement;
    endPact(call.desk, pact);
    return good();
  });
}

/** The link's place as the real service has it; the sandbox serves the path itself. */
export const BILL_PATH = "/downloadBillFile.resource";
function billUrl(call: Call): Body {
  return shaped(billContent, call, ({ bill_date: day }) => {
    if (movedOn(call.desk.store.trades(), "alipay", day).length === 0) {
      return error("isp.bill_not_exist", "no bill of that day");
    }
    const link = new URL(BILL_PATH, "https://dwbillcenter.alipay.com");
    link.searchParams.set("bizDates", day);
    return good({ bill_download_url: link.href });
  });
}
