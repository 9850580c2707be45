// The only place that reads the environment: every setting, checked, frozen; all mistakes at once.
import { readFileSync } from "node:fs";
import * as z from "zod";
import { tenantId } from "../wire/ids.ts";
import { lockPartner } from "../wire/lock.ts";
import { safeguard } from "../wire/safeguards.ts";
import { chargingSettings } from "../wire/settings.ts";

export const role = z.enum(["all", "actors", "api", "gateway", "projector"]);
export type Role = z.infer<typeof role>;

type Env = Readonly<Record<string, string>>;

const port = z.coerce.number().int().min(0).max(65_535);
const roles = z.string().transform((text, ctx) => {
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const bad = names.filter((name) => !role.safeParse(name).success);
  if (bad.length > 0 || names.length === 0) {
    ctx.addIssue({ code: "custom", message: `unknown role: ${bad.join(", ") || "none given"}` });
  }
  return names as Role[];
});
const names = z.string().transform((text) => text.split(",").map((name) => name.trim()))
  .pipe(z.array(safeguard));
const json = <T extends z.ZodType>(shape: T) =>
  z.string().transform((text, ctx) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      ctx.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  }).pipe(shape);

const NO_ADDRESS = { error: "no such address" };
const isNats = (text: string) =>
  /^(nats|tls|wss?):\/\/[^\s/]+\/?$/.test(text) && URL.canParse(text);
const natsUrls = z.string()
  .refine((text) => text.split(",").every((one) => isNats(one.trim())), NO_ADDRESS);
const mongoUrl = z.string()
  .refine((text) => /^mongodb(\+srv)?:\/\/\S+$/.test(text), NO_ADDRESS);

/** WeChat Pay, Alipay: all settings of one, or none of it. */
const paySettings = {
  CHARGEWARD_WECHAT_APPID: z.string().min(1).optional(),
  CHARGEWARD_WECHAT_MCHID: z.string().min(1).optional(),
  /** Serial of the merchant's certificate, and its private key (PKCS8 PEM). */
  CHARGEWARD_WECHAT_SERIAL: z.string().min(1).optional(),
  CHARGEWARD_WECHAT_KEY: z.string().min(1).optional(),
  /** APIv3 key: opens certificates and callbacks. */
  CHARGEWARD_WECHAT_API_KEY: z.string().length(32).optional(),
  /** Template of contracts for debits without the user's hand (委托代扣). */
  CHARGEWARD_WECHAT_PLAN: z.coerce.number().int().min(1).optional(),
  CHARGEWARD_ALIPAY_APPID: z.string().min(1).optional(),
  /** The application's private key (PKCS8 PEM) and Alipay's public one (PEM). */
  CHARGEWARD_ALIPAY_KEY: z.string().min(1).optional(),
  CHARGEWARD_ALIPAY_PUBLIC_KEY: z.string().min(1).optional(),
};
const PROVIDERS = ["CHARGEWARD_WECHAT_", "CHARGEWARD_ALIPAY_"] as const;

/** Half of a provider's settings is a mistake: it would be found when the first payment fails. */
function halfProviders(env: Env): string[] {
  return PROVIDERS.flatMap((prefix) => {
    const names = Object.keys(paySettings).filter((name) => name.startsWith(prefix));
    const missing = names.filter((name) => env[name] === undefined);
    return missing.length === names.length
      ? []
      : missing.map((name) => `${name}: missing: give it, or none of ${prefix}*`);
  });
}

const PARKING = ["CHARGEWARD_PARKING_URL", "CHARGEWARD_PARKING_KEY"];
/** An address without its key, or the other way round. */
function halfParking(env: Env): string[] {
  const missing = PARKING.filter((name) => env[name] === undefined);
  return missing.length === 1 ? [`${missing[0]}: missing: give it, or none of both`] : [];
}

const settings = z.object({
  PORT: port.default(8080),
  HOST: z.string().min(1).default("127.0.0.1"),
  NATS_URL: natsUrls,
  /** Seed (nkey) of this process's NATS user; absent: a server without sign-in. */
  NATS_NKEY: z.string().optional(),
  /** Seed of the telemetry gateway's user in account DEVICES. */
  NATS_DEVICES_NKEY: z.string().optional(),
  /** Seed of the user that answers the auth callout, and the account seed that signs its answers. */
  NATS_CALLOUT_NKEY: z.string().optional(),
  NATS_ISSUER_SEED: z.string().optional(),
  /** Seed of the user that reads the server's own report (does the journal sync?). */
  NATS_SYS_NKEY: z.string().optional(),
  /** Seed of the user that may purge the journal; none: the process's own user is to do it. */
  NATS_MAINTENANCE_NKEY: z.string().optional(),
  /** `always`: not ready while the journal's server acknowledges before the disk has it. */
  CHARGEWARD_SYNC: z.enum(["always", "any"]).default("always"),
  MONGODB_URL: mongoUrl,
  CHARGEWARD_DATA: z.string().min(1).default(".data"),
  CHARGEWARD_ROLES: roles.default(["all"]),
  CHARGEWARD_NODE: z.string().regex(/^[A-Za-z0-9-]{1,40}$/).default("node-1"),
  CHARGEWARD_DEMO: z.enum(["on", "off"]).default("off"),
  /** Safeguards off for everybody, for a look at what they are good for; in the demo alone. */
  CHARGEWARD_WITHOUT: names.default([]),
  CHARGEWARD_TENANT: tenantId.default("main"),
  CHARGEWARD_PUBLIC_URL: z.string().optional(),
  /** Origin of a sandbox that stands for the payment providers; none: the real services. */
  CHARGEWARD_PROVIDER_URL: z.string().optional(),
  /** A parking system, and the key that signs what it is told; none of both: there is none. */
  CHARGEWARD_PARKING_URL: z.string().regex(/^https?:\/\/\S+$/, NO_ADDRESS).optional(),
  CHARGEWARD_PARKING_KEY: z.string().min(16).optional(),
  /** Secret by which session tokens are signed (>= 32 characters). */
  CHARGEWARD_TOKEN_SECRET: z.string().min(32),
  /** Ed25519 private key (PKCS8 PEM) that signs device commands. */
  CHARGEWARD_PLATFORM_KEY: z.string().min(1),
  /** Key that seals personal data in the vault (32 bytes, base64). */
  CHARGEWARD_VAULT_KEY: z.string().min(40),
  ...paySettings,
  /** Lock makers' platforms by name, as `{"<name>": {"url", "key"}}`, and the secret shared with each. */
  CHARGEWARD_LOCK_PARTNERS: json(z.record(
    lockPartner,
    z.strictObject({ url: z.url(), key: z.string().min(1).max(64) }),
  )).default({}),
  CHARGEWARD_LOCK_SECRETS: json(z.record(lockPartner, z.string().min(32))).default({}),
  /** VAPID key pair that signs pushes, as `{"publicKey", "privateKey"}`; none: nobody is pushed to. */
  CHARGEWARD_PUSH_KEYS: json(z.strictObject({
    publicKey: z.string().min(80),
    privateKey: z.string().min(40),
  })).optional(),
  /** Whom a push service asks about this platform. */
  CHARGEWARD_PUSH_CONTACT: z.string().regex(/^(mailto:|https:)\S+$/).default(
    "mailto:ops@chargeward.example",
  ),
  /** Push services beside those of the browsers, `host[:port]` or `*.host`, with commas. */
  CHARGEWARD_PUSH_HOSTS: z.string().default("").transform((text) =>
    text.split(",").map((name) => name.trim()).filter((name) => name !== "")
  ),
  /** Mail server, `smtps://user:password@host`; none: mail goes to the sandbox, or nowhere. */
  CHARGEWARD_SMTP_URL: z.string().regex(/^smtps?:\/\/\S+$/, NO_ADDRESS).optional(),
  CHARGEWARD_MAIL_FROM: z.string().default("Chargeward <no-reply@chargeward.example>"),
  /** Domain numbers other than the defaults, as JSON. */
  CHARGEWARD_SETTINGS: json(chargingSettings).default(chargingSettings.parse({})),
  /** Deno carries traces to OTEL_EXPORTER_OTLP_ENDPOINT; this share of requests is drawn. */
  OTEL_DENO: z.string().optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** Photos of bays and appeals: kept for so many days, and so many bytes of them in all. */
  CHARGEWARD_PHOTO_DAYS: z.coerce.number().int().min(1).max(3_650).default(180),
  CHARGEWARD_PHOTO_BYTES: z.coerce.number().int().min(4_000_000).default(2 ** 30),
  CHARGEWARD_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});
export type Config = Readonly<z.infer<typeof settings>>;

/** What to give instead of a wrong value, which itself is never said: it may be a secret. */
const GIVE: Partial<Record<keyof Config, string>> = {
  PORT: "give a number from 1 to 65535",
  NATS_URL: "give one such as nats://127.0.0.1:4222, or none for an own server",
  MONGODB_URL: "give one such as mongodb://127.0.0.1:27017, or none for an own server",
  CHARGEWARD_ROLES: "give all, or some of actors,api,gateway,projector",
  CHARGEWARD_NODE: "give up to 40 letters, digits and -",
  CHARGEWARD_TENANT: "give up to 32 of a-z, 0-9 and -, a letter first",
  CHARGEWARD_SETTINGS: 'give numbers by name, such as {"payLimitMs": 86400000}',
};

/** Secrets that may come by file: `X_FILE` holds the path of a file with the value of `X`. */
function withFiles(env: Env, mistakes: string[]): Env {
  const all: Record<string, string> = { ...env };
  for (const [name, path] of Object.entries(env)) {
    const target = name.slice(0, -"_FILE".length);
    if (!name.endsWith("_FILE") || !Object.hasOwn(settings.shape, target)) continue;
    try {
      all[target] = readFileSync(path, "utf8").trim();
    } catch {
      mistakes.push(`${name}: cannot be read: '${path}'`);
    }
  }
  return all;
}

/** An empty setting is none. */
function given(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
}

function inWords({ path, message }: z.core.$ZodIssue): string {
  const give = GIVE[path[0] as keyof Config];
  return `${path.join(".")}: ${message}${give === undefined ? "" : `: ${give}`}`;
}

/** Outside the demo nothing starts with a safeguard off. */
function unguarded({ CHARGEWARD_DEMO, CHARGEWARD_WITHOUT: off }: Config): string[] {
  if (CHARGEWARD_DEMO === "on" || off.length === 0) return [];
  return [`CHARGEWARD_WITHOUT: safeguards off outside the demo: '${off.join(",")}': give none`];
}

/** The settings, or every mistake in words: `NAME: what is wrong: what to give`. */
export function readConfig(env: Env): { config: Config } | { mistakes: string[] } {
  const mistakes: string[] = [];
  const whole = withFiles(given(env), mistakes);
  const parsed = settings.safeParse(whole);
  mistakes.push(
    ...parsed.error?.issues.map(inWords) ?? [],
    ...halfProviders(whole),
    ...halfParking(whole),
  );
  if (parsed.data) mistakes.push(...unguarded(parsed.data), ...secretless(parsed.data));
  if (mistakes.length > 0 || !parsed.success) return { mistakes };
  const parking = parsed.data.CHARGEWARD_PARKING_URL !== undefined;
  const CHARGEWARD_SETTINGS = { ...parsed.data.CHARGEWARD_SETTINGS, parking };
  return { config: Object.freeze({ ...parsed.data, CHARGEWARD_SETTINGS }) };
}

/** Every mistake in what is given, before the rest is known. */
export function mistakesIn(env: Env): string[] {
  const mistakes: string[] = [];
  const parsed = settings.partial().safeParse(withFiles(given(env), mistakes));
  return [...mistakes, ...parsed.error?.issues.map(inWords) ?? []];
}

/** A provider's settings under the names that its adapter has for them; undefined: not set. */
export function payConfig(config: Config) {
  const {
    CHARGEWARD_WECHAT_APPID: appid,
    CHARGEWARD_WECHAT_MCHID: mchid,
    CHARGEWARD_WECHAT_SERIAL: serial,
    CHARGEWARD_WECHAT_KEY: wechatKey,
    CHARGEWARD_WECHAT_API_KEY: apiKey,
    CHARGEWARD_WECHAT_PLAN: planId,
    CHARGEWARD_ALIPAY_APPID: appId,
    CHARGEWARD_ALIPAY_KEY: alipayKey,
    CHARGEWARD_ALIPAY_PUBLIC_KEY: publicKey,
  } = config;
  return {
    wechat: appid && mchid && serial && wechatKey && apiKey && planId
      ? { appid, mchid, serial, privateKey: wechatKey, apiKey, planId }
      : undefined,
    alipay: appId && alipayKey && publicKey
      ? { appId, privateKey: alipayKey, publicKey }
      : undefined,
  };
}

/** Lock makers' platforms with their secrets. */
export const lockPartners = (config: Config) =>
  Object.fromEntries(
    Object.entries(config.CHARGEWARD_LOCK_PARTNERS).map(([name, { url, key }]) => {
      const secret = config.CHARGEWARD_LOCK_SECRETS[name]!; // readConfig has seen to it
      return [name, { url: url.replace(/\/$/, ""), key, secret }];
    }),
  );

/** A platform that cannot be signed to is a mistake: it would be found at the first broken lock. */
const secretless = (
  { CHARGEWARD_LOCK_PARTNERS: named, CHARGEWARD_LOCK_SECRETS: secrets }: Config,
) =>
  Object.keys(named).filter((name) => secrets[name] === undefined)
    .map((name) => `CHARGEWARD_LOCK_SECRETS: none for '${name}': give one of 32 characters`);

/** Does this process play the role? */
export const plays = (config: Config, wanted: Exclude<Role, "all">): boolean =>
  config.CHARGEWARD_ROLES.includes("all") || config.CHARGEWARD_ROLES.includes(wanted);
