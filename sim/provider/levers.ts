// The sandbox's levers, unsigned, for the demo and the tests: the user's hand, misbehaviour, the bill.
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { behaviourBody, billDayQuery } from "../../wire/http-ops.ts";
import { type Desk, payByHand, scan } from "./desk.ts";
import { movedOn, sumOf } from "./moved.ts";

const payBody = z.strictObject({ outcome: z.enum(["success", "fail"]).default("success") });

export function lever(
  desk: Desk,
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
): void {
  const url = new URL(request.url ?? "/", "http://provider");
  const say = (status: number, said: unknown) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(said));
  };
  const wrong = (message: string) => say(400, { code: "PARAM_ERROR", message });
  const payment = /^\/sandbox\/pay\/([\w-]{6,64})$/.exec(url.pathname)?.[1];
  if (payment && request.method === "POST") {
    const wanted = payBody.safeParse(body);
    if (!wanted.success) return wrong("outcome");
    const paid = payByHand(desk, payment, wanted.data.outcome);
    return paid
      ? say(200, paid)
      : say(404, { code: "ORDER_NOT_EXIST", message: "no such payment" });
  }
  if (payment) {
    const seen = scan(desk, payment);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    return void response.end(page(payment, seen?.kind === "trade" ? seen.fen : undefined));
  }
  if (url.pathname === "/sandbox/behaviour") {
    if (request.method !== "PUT") return say(200, desk.mischief.now);
    const wanted = behaviourBody.safeParse(body);
    if (!wanted.success) return wrong("next");
    desk.mischief.set(wanted.data);
    return say(200, desk.mischief.now);
  }
  if (url.pathname === "/sandbox/bill") {
    const wanted = billDayQuery.safeParse(Object.fromEntries(url.searchParams));
    return wanted.success ? say(200, billOf(desk, wanted.data.day)) : wrong("day");
  }
  say(404, { code: "PARAM_ERROR", message: "no such lever" });
}

/** Both providers' bill of one day, as a person reads it. */
function billOf({ store }: Desk, day: string) {
  const moved = movedOn(store.trades(), null, day);
  const rows = moved.map(({ kind, trade, fen, at, ref }) => ({
    kind,
    fen,
    at: new Date(at).toISOString(),
    ref,
    by: trade.by,
    paymentId: trade.id,
  }));
  return { day, rows, paidFen: sumOf(moved, "pay"), refundedFen: sumOf(moved, "refund") };
}

const page = (id: string, fen: number | undefined) =>
  `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>沙箱支付 Sandbox payment</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><h1>沙箱支付 Sandbox payment</h1>
<p>${id}</p><p>${fen === undefined ? "签约 Contract" : `¥${(fen / 100).toFixed(2)}`}</p>
<form method="post" action="/sandbox/pay/${id}"><button>确认 Confirm</button></form>
</body></html>
`;
