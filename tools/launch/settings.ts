// What a start was asked for: the flags after `--` and the settings of the environment that the
// launcher itself needs. Every other setting passes through to the server, which checks it.
import { parseArgs } from "node:util";
import { join, resolve } from "node:path";

/** A mistake of the person who starts; the message is the whole answer, exit code 1. */
export class LaunchFault extends Error {
  override readonly name = "LaunchFault";
}

export interface LaunchSettings {
  readonly root: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly secretsDir: string | undefined;
  readonly roles: string;
  readonly demo: boolean;
  readonly natsUrl: string | undefined;
  readonly mongodbUrl: string | undefined;
  readonly providerUrl: string | undefined;
  /** Settings that go on to the programs as they are. */
  readonly passed: Readonly<Record<string, string>>;
}

/** Names that the platform's programs may see; also the names of their `--allow-env`. */
export const SETTING_NAMES = [
  "PORT",
  "HOST",
  "MONGODB_URL",
  "OCPP_TLS_PORT",
  "YKC_PORT",
  "TZ",
] as const;
export const SETTING_PREFIXES = [
  "CHARGEWARD_",
  "NATS_",
  "PROVIDER_",
  "OTEL_",
] as const;

export const USAGE = `npm start -- [--roles all|actors,api,gateway,projector] [--no-demo] [--help]
settings: PORT=8080 HOST=127.0.0.1 CHARGEWARD_DATA=.data NATS_URL MONGODB_URL ... (README.md)`;

type Env = Readonly<Record<string, string>>;

/** Reads flags and environment; a flag wins over its setting. */
export function readSettings(root: string, args: readonly string[], env: Env): LaunchSettings {
  const flags = readFlags(args);
  const dataDir = resolve(root, env.CHARGEWARD_DATA || ".data");
  return {
    root,
    host: env.HOST || "127.0.0.1",
    port: readPort(env.PORT || "8080"),
    dataDir,
    secretsDir: env.CHARGEWARD_SECRETS ? resolve(root, env.CHARGEWARD_SECRETS) : undefined,
    roles: flags.roles ?? (env.CHARGEWARD_ROLES || "all"),
    demo: !flags["no-demo"] && env.CHARGEWARD_DEMO !== "off",
    natsUrl: env.NATS_URL || undefined,
    mongodbUrl: env.MONGODB_URL || undefined,
    providerUrl: env.CHARGEWARD_PROVIDER_URL || undefined,
    passed: Object.fromEntries(Object.entries(env).filter(([name]) => isSetting(name))),
  };
}

/** Where the log of a program of this start lies. */
export function logFile(settings: LaunchSettings, program: string): string {
  return join(settings.dataDir, "logs", `${program}.log`);
}

/** Whether the start asked only for the words about itself. */
export function wantsHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

function readFlags(args: readonly string[]) {
  try {
    const options = { roles: { type: "string" }, "no-demo": { type: "boolean" } } as const;
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new LaunchFault(`${reason}\n${USAGE}`);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new LaunchFault(`PORT is no port: "${text}": give a number from 1 to 65535`);
}

function isSetting(name: string): boolean {
  return (SETTING_NAMES as readonly string[]).includes(name) ||
    SETTING_PREFIXES.some((prefix) => name.startsWith(prefix));
}
