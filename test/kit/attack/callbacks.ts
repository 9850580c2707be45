// Attacks from the provider's side: forged, altered, replayed, stale, and signed nonsense.
import { randomUUID } from "node:crypto";
import { providerCrypto } from "../../../sim/provider/crypto.ts";
import { signatureHeaders } from "../../../wire/foreign/pay/wechat-v3.ts";
import type { Attack, Ground } from "./ground.ts";

const MINUTES_MS = 60_000;

function report(paymentId: string, change: { total?: number; attach?: string; id?: string } = {}) {
  const { total = 100, attach = "main", id = randomUUID() } = change;
  const amount = { total, currency: "CNY" };
  const data = { out_trade_no: paymentId, transaction_id: "1", trade_state: "SUCCESS", attach };
  return JSON.stringify({
    id,
    create_time: new Date().toISOString(),
    event_type: "TRANSACTION.SUCCESS",
    resource: { original_type: "transaction", data: { ...data, amount } },
  });
}

export async function callbacks(ground: Ground): Promise<Attack[]> {
  const { world, owned } = ground;
  const key = await Deno.readTextFile(world.secrets.provider.PROVIDER_KEY_FILE!);
  const merchant = world.secrets.provider.PROVIDER_PLATFORM_PUBLIC_KEY_FILE!;
  const at = (agoMs: number) => providerCrypto(key, merchantKey, () => Date.now() - agoMs);
  const merchantKey = await Deno.readTextFile(merchant);
  const [now, old, ahead] = [at(0), at(10 * MINUTES_MS), at(-10 * MINUTES_MS)];
  const base = { method: "POST", path: "/v1/callbacks/pay/wechat", keyless: true };
  const forged = { ...base, status: 401, code: "payment.signature" };
  const good = report(owned.paymentId);
  const signed = now.sign(good);
  const once = report("pay_neverwas");
  const replayed = now.sign(once);
  const spoilt = (name: string): Record<string, string> => ({ ...signed, [name]: "x" });
  const say = (body: string) => ({ raw: body, headers: now.sign(body) });
  // the first time it is taken to the record, as an incident for a person
  const lie = report(owned.paymentId, { total: 101 });
  await ground.say({ ...base, ...say(lie) });
  return [
    { ...forged, name: "unsigned", raw: good },
    { ...forged, name: "a stranger's signature", raw: good, headers: now.forge(good) },
    { ...forged, name: "another amount", raw: good.replace("100", "101"), headers: signed },
    { ...forged, name: "another payment", raw: report("pay_other"), headers: signed },
    { ...forged, name: "stale", raw: good, headers: old.sign(good) },
    { ...forged, name: "of a time to come", raw: good, headers: ahead.sign(good) },
    ...Object.values(signatureHeaders).map((name) => ({
      ...forged,
      name: `spoilt ${name}`,
      raw: good,
      headers: spoilt(name),
    })),
    {
      ...base,
      name: "a payment that never was",
      raw: once,
      headers: replayed,
      status: 404,
      code: "payment.unknown",
    },
    { ...forged, name: "replayed", raw: once, headers: replayed },
    {
      ...base,
      name: "signed, the same lie about the amount again",
      ...say(report(owned.paymentId, { total: 101 })),
      status: 422,
      code: "payment.amount-wrong",
    },
    {
      ...base,
      name: "signed, an amount that nobody has",
      ...say(report(owned.paymentId, { total: 9_007_199_254_740_991 })),
      status: 422,
      code: "command.malformed",
    },
    ...[
      "",
      "null",
      "[]",
      "{}",
      '{"id":1}',
      report(owned.orderId),
      report("pay_x", {
        attach: "../main",
      }),
    ].map((body) => ({
      ...base,
      name: `signed nonsense: ${body.slice(0, 12)}`,
      ...say(body),
      status: 400,
      code: "unreadable",
    })),
    {
      ...base,
      name: "10 MB",
      raw: "x".repeat(10 * 1024 * 1024),
      status: 413,
      code: "request.too-large",
    },
    {
      ...base,
      name: "a provider that is none",
      path: "/v1/callbacks/pay/paypal",
      raw: good,
      headers: signed,
      status: 404,
      code: "request.not-found",
    },
  ];
}
