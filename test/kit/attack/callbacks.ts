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

const base = { method: "POST", path: "/v1/callbacks/pay/wechat", keyless: true };
const forged = { ...base, status: 401, code: "payment.signature" };

async function signersOf({ world }: Ground) {
  const { PROVIDER_KEY_FILE, PROVIDER_PLATFORM_PUBLIC_KEY_FILE } = world.secrets.provider;
  const key = await Deno.readTextFile(PROVIDER_KEY_FILE!);
  const merchant = await Deno.readTextFile(PROVIDER_PLATFORM_PUBLIC_KEY_FILE!);
  const at = (agoMs: number) => providerCrypto(key, merchant, () => Date.now() - agoMs);
  return { now: at(0), old: at(10 * MINUTES_MS), ahead: at(-10 * MINUTES_MS) };
}
type Signers = Awaited<ReturnType<typeof signersOf>>;

export async function callbacks(ground: Ground): Promise<Attack[]> {
  const signers = await signersOf(ground);
  return [...forgeries(ground, signers), ...await signedNonsense(ground, signers)];
}

function forgeries({ owned }: Ground, { now, old, ahead }: Signers): Attack[] {
  const good = report(owned.paymentId);
  const signed = now.sign(good);
  const once = report("pay_neverwas");
  const replayed = now.sign(once);
  const spoilt = (name: string): Record<string, string> => ({ ...signed, [name]: "x" });
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
      name: "a provider that is none",
      path: "/v1/callbacks/pay/paypal",
      raw: good,
      headers: signed,
      status: 404,
      code: "request.not-found",
    },
  ];
}

/** By the provider's own hand, and yet not believed. */
async function signedNonsense(ground: Ground, { now }: Signers): Promise<Attack[]> {
  const { owned } = ground;
  const said = (raw: string) => ({ ...base, raw, headers: now.sign(raw) });
  const lie = (total: number) => said(report(owned.paymentId, { total }));
  // the first time it is taken to the record, as an incident for a person
  await ground.say(lie(101));
  const nonsense = [
    "",
    "null",
    "[]",
    "{}",
    '{"id":1}',
    report(owned.orderId),
    report("pay_neverwas", { attach: "../main" }),
  ];
  return [
    {
      ...lie(101),
      name: "the same lie about the amount again",
      status: 422,
      code: "payment.amount-wrong",
    },
    {
      ...lie(Number.MAX_SAFE_INTEGER),
      name: "an amount that nobody has",
      status: 422,
      code: "command.malformed",
    },
    ...nonsense.map((text) => ({
      ...said(text),
      name: `signed nonsense: ${text.slice(0, 12)}`,
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
  ];
}
