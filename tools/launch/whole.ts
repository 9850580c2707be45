// The platform as its programs: which settings, addresses and folders each one gets.
import { join } from "node:path";
import { PUSH_HOSTS } from "../../server/notify/mod.ts";
import type { EngineInUse } from "./engines.ts";
import { hostsOf, joinNet, type ProgramPlan, secretFiles } from "./programs.ts";
import { natsUserFile, type Secrets } from "./secrets.ts";
import { type LaunchSettings, logFile } from "./settings.ts";

/** Everything that stands before the first program starts. */
export interface Whole {
  readonly settings: LaunchSettings;
  readonly secrets: Secrets;
  readonly secretsDir: string;
  /** NATS asks for the keys in `secretsDir`: it is ours, or a neighbour's whose keys we found. */
  readonly keysFit: boolean;
  readonly nats: EngineInUse;
  readonly mongo: EngineInUse;
  readonly origin: string;
  readonly providerUrl: string;
  readonly providerPort: number;
  /** False where a setting or a neighbour names a provider that runs already. */
  readonly ownProvider: boolean;
}

const NATS_PORT = 4222;
const MONGO_PORT = 27017;

/** The real services, and where Alipay's bills lie. */
const PROVIDER_HOSTS = [
  "api.mch.weixin.qq.com:443",
  "openapi.alipay.com:443",
  "dwbillcenter.alipay.com:80",
  "dwbillcenter.alipay.com:443",
];

/** A start with settings of a payment provider's own is no business of the sandbox. */
export const paysForReal = ({ passed, providerUrl }: LaunchSettings): boolean =>
  providerUrl === undefined &&
  Object.keys(passed).some((name) => /^CHARGEWARD_(WECHAT|ALIPAY)_/.test(name));

/** The same settings that the real services need, for the sandbox. */
const sandboxEnv = ({ secrets, providerUrl }: Whole) => ({
  CHARGEWARD_PROVIDER_URL: providerUrl,
  CHARGEWARD_PARKING_URL: `${providerUrl}/parking/`,
  CHARGEWARD_WECHAT_APPID: "wxsandbox000000001",
  CHARGEWARD_WECHAT_MCHID: "1900000001",
  CHARGEWARD_WECHAT_SERIAL: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
  CHARGEWARD_WECHAT_PLAN: "12535",
  CHARGEWARD_ALIPAY_APPID: "2021000000000001",
  CHARGEWARD_LOCK_PARTNERS: JSON.stringify({ sandbox: { url: providerUrl, key: "chargeward" } }),
  ...secrets.sandbox,
});

/** The platform itself, with the roles of this start. */
export function serverPlan(whole: Whole): ProgramPlan {
  const { settings, secrets, secretsDir } = whole;
  const real = paysForReal(settings);
  const keys = { NATS_NKEY_FILE: natsUserFile(secretsDir, settings.roles), ...secrets.server };
  const noNatsKeys = Object.entries(keys).filter(([name]) => !name.startsWith("NATS_"));
  const env = {
    PORT: String(settings.port),
    HOST: settings.host,
    NATS_URL: whole.nats.url,
    MONGODB_URL: whole.mongo.url,
    CHARGEWARD_ROLES: settings.roles,
    CHARGEWARD_PUBLIC_URL: whole.origin,
    ...(real ? {} : sandboxEnv(whole)),
    ...(whole.keysFit ? keys : Object.fromEntries(noNatsKeys)),
    ...settings.passed,
    ...(real ? {} : { CHARGEWARD_PUSH_HOSTS: pushHosts(whole) }),
    CHARGEWARD_DATA: settings.dataDir,
    CHARGEWARD_DEMO: settings.demo ? "on" : "off",
  };
  const extra = ["OCPP_TLS_PORT", "YKC_PORT"] as const;
  const ports = extra.flatMap((name) => settings.passed[name] ?? []);
  return {
    ...program(whole, "server", "server/main.ts"),
    net: joinNet(
      [settings.port, ...ports].map((port) => `${settings.host}:${port}`),
      hostsOf(whole.nats.url, NATS_PORT),
      hostsOf(whole.mongo.url, MONGO_PORT),
      real ? PROVIDER_HOSTS : hostsOf(whole.providerUrl, 80),
      outwardHosts(settings),
    ),
    read: [settings.dataDir, ...secretFiles(env)],
    write: [settings.dataDir],
    never: [...engineFolders(settings), ...theirsAlone(secrets)],
    env,
  };
}

/** The sandbox's browsers have their push service beside its payment provider. */
function pushHosts({ settings, providerUrl }: Whole): string {
  const { CHARGEWARD_PUSH_HOSTS: more = "" } = settings.passed;
  return [...more.split(","), new URL(providerUrl).host].filter((host) => host !== "").join(",");
}

/** Push services of browsers, lock makers' platforms, and the mail server. */
function outwardHosts({ passed }: LaunchSettings): readonly string[] | "all" {
  const { CHARGEWARD_PUSH_HOSTS: more = "", CHARGEWARD_SMTP_URL: smtp } = passed;
  const hosts = [...PUSH_HOSTS, ...more.split(",").map((name) => name.trim())];
  const pushes = hosts.filter((host) => host !== "").map((host) =>
    /:\d+$/.test(host) ? host : `${host}:443`
  );
  const reached = joinNet(pushes, lockHosts(passed.CHARGEWARD_LOCK_PARTNERS));
  if (smtp === undefined) return reached;
  return joinNet(reached, hostsOf(smtp, smtp.startsWith("smtps:") ? 465 : 587));
}

/** What cannot be read is found by the server's own look at its settings. */
function lockHosts(partners = "{}"): string[] {
  return [...partners.matchAll(/"url"\s*:\s*"(https?:)\/\/([^"/]+)/g)].map(([, scheme, host]) =>
    /:\d+$/.test(host!) ? host! : `${host}:${scheme === "http:" ? 80 : 443}`
  );
}

/** The sandbox payment provider: a stranger that knows its own keys and our public one. */
export function providerPlan(whole: Whole): ProgramPlan {
  const { settings, secrets, providerPort } = whole;
  const folder = join(settings.dataDir, "provider");
  const env = {
    HOST: "127.0.0.1",
    PROVIDER_PORT: String(providerPort),
    PROVIDER_DATA: folder,
    PROVIDER_CALLBACK_URL: whole.origin,
    ...secrets.provider,
  };
  return {
    ...program(whole, "provider", "sim/provider/main.ts"),
    net: [`127.0.0.1:${providerPort}`, `${settings.host}:${settings.port}`],
    read: [folder, ...secretFiles(env)],
    write: [folder],
    never: [],
    env,
  };
}

/** The demo city: piles and drivers that reach the platform as anyone would. */
export function cityPlan(whole: Whole): ProgramPlan {
  const { settings } = whole;
  return {
    ...program(whole, "city", "sim/city/main.ts"),
    net: joinNet([`${settings.host}:${settings.port}`], hostsOf(whole.nats.url, NATS_PORT)),
    read: [settings.dataDir],
    write: [settings.dataDir],
    never: [whole.secretsDir, ...engineFolders(settings)],
    env: {
      CHARGEWARD_URL: whole.origin,
      NATS_URL: whole.nats.url,
      CHARGEWARD_DATA: settings.dataDir,
      CHARGEWARD_TENANT: settings.passed.CHARGEWARD_TENANT ?? "main",
    },
  };
}

/** Plays the drills that the console asks for, from outside like the city. */
export function drillsPlan(whole: Whole): ProgramPlan {
  const { settings } = whole;
  return {
    ...program(whole, "drills", "drills/runner.ts"),
    net: joinNet(
      [`${settings.host}:${settings.port}`],
      hostsOf(whole.nats.url, NATS_PORT),
      hostsOf(whole.providerUrl, 80),
    ),
    read: [settings.dataDir],
    write: [],
    never: [whole.secretsDir, ...engineFolders(settings)],
    env: { CHARGEWARD_URL: whole.origin, CHARGEWARD_DATA: settings.dataDir },
  };
}

/** The data of the engines are reached through the engines. */
function engineFolders({ dataDir }: LaunchSettings): string[] {
  return [join(dataDir, "nats"), join(dataDir, "mongo")];
}

/** What only the sandbox may read: it shares one key with us, and gives its public one away. */
function theirsAlone({ provider, sandbox }: Secrets): string[] {
  const ours = Object.values(sandbox);
  return Object.values(provider)
    .filter((file) => !ours.includes(file) && !file.endsWith("-public.pem"));
}

function program({ settings }: Whole, name: string, script: string) {
  return { name, script, root: settings.root, logFile: logFile(settings, name) };
}
