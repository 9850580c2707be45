// WeChat Pay's calls: each path with what it does to the desk, as the documentation has it.
import { createHash } from "node:crypto";
import * as z from "zod";
import {
  closeBody,
  debitBody,
  type ErrorCode,
  jsapiBody,
  nativeBody,
  preSignBody,
  refundBody,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import { SANDBOX_SCHEME } from "../../../wire/foreign/pay/amounts.ts";
import {
  closeTrade,
  debitTrade,
  type Desk,
  endPact,
  type Merchant,
  openTrade,
  pactOf,
  refundTrade,
  type Said,
  signPact,
  tradeOf,
  type Wanted,
} from "../desk.ts";
import type { About } from "../mischief.ts";
import { wechatBill } from "./bill.ts";
import type { WechatCrypto } from "./crypto.ts";
import { contractOf, refundOf, transactionOf } from "./pen.ts";

/** The bill's file is text, not JSON. */
export type WechatSaid = Said | { status: 200; file: string };
export interface WechatDesk extends Desk {
  wechat: WechatCrypto;
}
interface Call {
  desk: WechatDesk;
  mchid: string;
  params: string[];
  query: URLSearchParams;
  body: unknown;
}

const error = (status: number, code: ErrorCode, message: string): Said => ({
  status,
  body: { code, message },
});
const good = (body: unknown): Said => ({ status: 200, body });
const none: Said = { status: 204, body: null };
const noTrade = error(404, "ORDER_NOT_EXIST", "no such payment");
const HOST = "https://api.mch.weixin.qq.com"; // as the real service names itself in its links
const plan = String.raw`\/v3\/papay\/sign\/contracts\/plan-id\/\d+\/out-contract-code\/([\w|*-]+)`;

/** `asks`: it changes nothing. */
const TABLE: { method: string; path: RegExp; asks: boolean; run(call: Call): WechatSaid }[] = [
  { method: "GET", path: /^\/v3\/certificates$/, asks: true, run: certificates },
  { method: "POST", path: /^\/v3\/pay\/transactions\/native$/, asks: false, run: native },
  { method: "POST", path: /^\/v3\/pay\/transactions\/jsapi$/, asks: false, run: jsapi },
  { method: "POST", path: /^\/v3\/papay\/pay\/transactions\/apply$/, asks: false, run: debit },
  {
    method: "GET",
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([\w|*-]+)$/,
    asks: true,
    run: query,
  },
  {
    method: "POST",
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([\w|*-]+)\/close$/,
    asks: false,
    run: close,
  },
  { method: "POST", path: /^\/v3\/refund\/domestic\/refunds$/, asks: false, run: refund },
  {
    method: "GET",
    path: /^\/v3\/refund\/domestic\/refunds\/([\w|*-]+)$/,
    asks: true,
    run: queryRefund,
  },
  {
    method: "POST",
    path: /^\/v3\/papay\/scheduled-deduct-sign\/contracts\/pre-entrust-sign\/h5$/,
    asks: false,
    run: sign,
  },
  { method: "GET", path: new RegExp(`^${plan}$`), asks: true, run: queryContract },
  { method: "POST", path: new RegExp(`^${plan}/terminate$`), asks: false, run: terminate },
  { method: "GET", path: /^\/v3\/bill\/tradebill$/, asks: true, run: bill },
  { method: "GET", path: /^\/v3\/billdownload\/file$/, asks: true, run: billFile },
];

/** Null: no such call. */
export function wechatCall(
  desk: WechatDesk,
  { method, url, mchid, body }: { method: string; url: URL; mchid: string; body: unknown },
): { asks: boolean; about: About; act: () => WechatSaid } | null {
  for (const row of TABLE) {
    const match = row.method === method ? row.path.exec(url.pathname) : null;
    if (!match) continue;
    const call = { desk, mchid, params: match.slice(1), query: url.searchParams, body };
    return { asks: row.asks, about: aboutOf(call), act: () => row.run(call) };
  }
  return null;
}

const said = z.object({
  out_trade_no: z.string().optional(),
  amount: z.object({ total: z.number() }).optional(),
});
function aboutOf({ params, body }: Call): About {
  const { out_trade_no = params[0], amount } = said.safeParse(body).data ?? {};
  return { id: out_trade_no, fen: amount?.total };
}

/** Reads the body by its shape, or says what is wrong with it. */
function shaped<T extends z.ZodType>(
  shape: T,
  body: unknown,
  then: (body: z.output<T>) => WechatSaid,
): WechatSaid {
  const parsed = shape.safeParse(body);
  if (parsed.success) return then(parsed.data);
  return error(400, "PARAM_ERROR", parsed.error.issues[0]?.message ?? "body");
}
const merchant = ({ mchid }: Call, app = ""): Merchant => ({ by: "wechat", app, mchid });

function certificates({ desk: { wechat } }: Call): Said {
  return good({
    data: [{
      serial_no: wechat.serial,
      effective_time: "2020-01-01T00:00:00+08:00",
      expire_time: "2049-12-31T23:59:59+08:00",
      encrypt_certificate: wechat.seal(wechat.certificate, "certificate"),
    }],
  });
}

function opened(call: Call, body: z.infer<typeof nativeBody>, answer: (id: string) => unknown) {
  if (body.mchid !== call.mchid) return error(400, "PARAM_ERROR", "another merchant");
  const wanted: Wanted = {
    id: body.out_trade_no,
    fen: body.amount.total,
    attach: body.attach,
    notifyUrl: body.notify_url,
  };
  const trade = openTrade(call.desk, merchant(call, body.appid), wanted);
  if (!trade) return error(400, "PARAM_ERROR", "another payment has this number");
  if (trade.state === "SUCCESS") return error(400, "ORDERPAID", "paid already");
  if (trade.state !== "NOTPAY") return error(400, "ORDER_CLOSED", "closed");
  return good(answer(trade.id));
}
function native(call: Call): WechatSaid {
  return shaped(
    nativeBody,
    call.body,
    (body) => opened(call, body, (id) => ({ code_url: `${SANDBOX_SCHEME}/sandbox/pay/${id}` })),
  );
}
function jsapi(call: Call): WechatSaid {
  return shaped(
    jsapiBody,
    call.body,
    (body) => opened(call, body, (id) => ({ prepay_id: `wx${id}` })),
  );
}

function debit(call: Call): WechatSaid {
  return shaped(debitBody, call.body, (body) => {
    const trade = debitTrade(call.desk, merchant(call, body.appid), {
      id: body.out_trade_no,
      fen: body.amount.total,
      attach: body.attach,
      notifyUrl: body.transaction_notify_url,
      contractId: body.contract_id,
    });
    if (trade === "no-contract") return error(400, "CONTRACT_NOT_EXIST", "no such contract");
    if (trade === "other") return error(400, "PARAM_ERROR", "another payment has this number");
    return { status: 202, body: { out_trade_no: trade.id, amount: body.amount } };
  });
}

function query(call: Call): WechatSaid {
  const trade = tradeOf(call.desk, merchant(call), call.params[0]!);
  return trade ? good(transactionOf(trade)) : noTrade;
}

function close(call: Call): WechatSaid {
  return shaped(closeBody, call.body, () => {
    const trade = tradeOf(call.desk, merchant(call), call.params[0]!);
    if (!trade) return noTrade;
    if (trade.state === "SUCCESS") return error(400, "ORDERPAID", "paid already");
    closeTrade(call.desk, trade);
    return none;
  });
}

function refund(call: Call): WechatSaid {
  return shaped(refundBody, call.body, ({ out_trade_no, out_refund_no, amount }) => {
    const trade = tradeOf(call.desk, merchant(call), out_trade_no);
    if (!trade) return noTrade;
    if (amount.total !== trade.fen) return error(400, "PARAM_ERROR", "another total");
    const made = refundTrade(call.desk, trade, out_refund_no, amount.refund);
    return made ? good(refundOf(trade, made)) : error(403, "NOT_ENOUGH", "more than was paid");
  });
}
function queryRefund({ desk, params }: Call): WechatSaid {
  const trade = desk.store.trades().find(({ by, refunds }) =>
    by === "wechat" && refunds.some(({ no }) => no === params[0])
  );
  const made = trade?.refunds.find(({ no }) => no === params[0]);
  if (!trade || !made) return error(404, "RESOURCE_NOT_EXISTS", "no such refund");
  return good(refundOf(trade, made));
}

function sign(call: Call): WechatSaid {
  return shaped(preSignBody, call.body, (body) => {
    const pact = signPact(call.desk, merchant(call, body.appid), {
      id: body.out_contract_code,
      attach: body.out_user_code,
      notifyUrl: body.contract_notify_url,
    });
    if (!pact) return error(400, "PARAM_ERROR", "another contract has this number");
    return good({ redirect_url: `${SANDBOX_SCHEME}/sandbox/pay/${pact.id}` });
  });
}
const noContract = error(404, "CONTRACT_NOT_EXIST", "no such contract");
function queryContract(call: Call): WechatSaid {
  const pact = pactOf(call.desk, merchant(call), call.params[0]!);
  return pact ? good(contractOf(pact)) : noContract;
}
function terminate(call: Call): WechatSaid {
  const pact = pactOf(call.desk, merchant(call), call.params[0]!);
  if (!pact) return noContract;
  endPact(call.desk, pact);
  return none;
}

function bill({ desk, query }: Call): WechatSaid {
  const day = query.get("bill_date") ?? "";
  const file = wechatBill(desk.store.trades(), day);
  if (file === null) return error(400, "NO_STATEMENT_EXIST", "no bill of that day");
  const hash_value = createHash("sha1").update(file).digest("hex");
  const download_url = `${HOST}/v3/billdownload/file?token=${day}`;
  return good({ hash_type: "SHA1", hash_value, download_url });
}
function billFile({ desk, query }: Call): WechatSaid {
  const file = wechatBill(desk.store.trades(), query.get("token") ?? "");
  if (file === null) return error(400, "NO_STATEMENT_EXIST", "no bill of that day");
  return { status: 200, file };
}
