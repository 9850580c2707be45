// Attacks from the provider's side: forged, altered, replayed, stale, and signed nonsense.
import { randomUUID } from "node:crypto";
import { type WechatCrypto, wechatCrypto } from "../../../sim/provider/wechat/crypto.ts";
import { signatureHeaders } from "../../../wire/foreign/pay/wechat-v3.ts";
import type { Attack, Ground } from "./ground.ts";

const MINUTES_MS = 60_000;

const MCHID = "1900000001"; // as the launcher sets it for the sandbox

/** A notice that a payment was paid, sealed as WeChat Pay seals it. */
function report(
  { seal }: WechatCrypto,
  paymentId: string,
  change: { total?: number; attach?: string; mchid?: string } = {},
): string {
  const { total = 100, attach = "main", mchid = MCHID } = change;
  const amount = { total, currency: "CNY" };
  const head = { appid: "wxsandbox000000001", mchid, out_trade_no: paymentId, attach };
  const data = { ...head, transaction_id: "1", trade_state: "SUCCESS", amount };
  return JSON.stringify({
    id: randomUUID(),
    create_time: new Date().toISOString(),
    event_type: "TRANSACTION.SUCCESS",
    resource_type: "encrypt-resource",
    resource: seal(JSON.stringify(data), "transaction"),
  });
}

const base = { method: "POST", path: "/v1/callbacks/pay/wechat", keyless: true };
const forged = { ...base, status: 401, code: "payment.signature" };

async function signersOf({ world }: Ground) {
  const files = world.secrets.provider;
  const read = async (name: string) => (await Deno.readTextFile(files[name]!)).trim();
  const keys = {
    privateKey: await read("PROVIDER_KEY_FILE"),
    platformPublicKey: await read("PROVIDER_PLATFORM_PUBLIC_KEY_FILE"),
    apiKey: await read("PROVIDER_API_KEY_FILE"),
  };
  const at = (agoMs: number) => wechatCrypto(keys, () => Date.now() - agoMs);
  return { now: at(0), old: at(10 * MINUTES_MS), ahead: at(-10 * MINUTES_MS) };
}
type Signers = Awaited<ReturnType<typeof signersOf>>;

export async function callbacks(ground: Ground): Promise<Attack[]> {
  const signers = await signersOf(ground);
  return [...forgeries(ground, signers), ...await signedNonsense(ground, signers)];
}

function forgeries({ owned }: Ground, { now, old, ahead }: Signers): Attack[] {
  const good = report(now, owned.paymentId);
  const signed = now.sign(good);
  const others = report(now, owned.paymentId, { mchid: "1900000002" });
  const once = report(now, "pay_neverwas");
  const replayed = now.sign(once);
  const spoilt = (name: string): Record<string, string> => ({ ...signed, [name]: "x" });
  return [
    { ...forged, name: "unsigned", raw: good },
    { ...forged, name: "a stranger's signature", raw: good, headers: now.forge(good) },
    {
      ...forged,
      name: "another amount",
      raw: report(now, owned.paymentId, { total: 101 }),
      headers: signed,
    },
    { ...forged, name: "another payment", raw: report(now, "pay_other"), headers: signed },
    {
      ...forged,
      name: "of another merchant",
      raw: others,
      headers: now.sign(others),
    },
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
  const lie = (total: number) => said(report(now, owned.paymentId, { total }));
  // the first time it is taken to the record, as an incident for a person
  await ground.say(lie(101));
  const nonsense = [
    "",
    "null",
    "[]",
    "{}",
    '{"id":1}',
    report(now, owned.orderId),
    report(now, "pay_neverwas", { attach: "../main" }),
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
