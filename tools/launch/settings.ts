// What a start was asked for: the flags after `--` and the settings of the environment that the
// launcher itself needs. What is wrong is said before anything starts, by the server's own check.
import { parseArgs } from "node:util";
import { join, resolve } from "node:path";
import { mistakesIn } from "../../server/config.ts";

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
  const passed = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => isSetting(name) && value !== ""),
  );
  refuseMistakes({
    ...passed,
    ...(flags.roles === undefined ? {} : { CHARGEWARD_ROLES: flags.roles }),
  });
  const dataDir = resolve(root, env.CHARGEWARD_DATA || ".data");
  return {
    root,
    host: env.HOST || "127.0.0.1",
    port: Number(env.PORT || "8080"),
    dataDir,
    secretsDir: env.CHARGEWARD_SECRETS ? resolve(root, env.CHARGEWARD_SECRETS) : undefined,
    roles: flags.roles ?? (env.CHARGEWARD_ROLES || "all"),
    demo: !flags["no-demo"] && env.CHARGEWARD_DEMO !== "off",
    natsUrl: env.NATS_URL || undefined,
    mongodbUrl: env.MONGODB_URL || undefined,
    providerUrl: env.CHARGEWARD_PROVIDER_URL || undefined,
    passed,
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

function refuseMistakes(env: Env): void {
  const mistakes = mistakesIn(env);
  if (env.PORT !== undefined && Number(env.PORT) === 0) {
    mistakes.push("PORT: 0 is no address to tell people: give another");
  }
  if (mistakes.length === 0) return;
  const what = mistakes.length === 1 ? "a setting is wrong" : "settings are wrong";
  throw new LaunchFault([`${what}:`, ...mistakes.map((line) => `  ${line}`)].join("\n"));
}

function isSetting(name: string): boolean {
  return (SETTING_NAMES as readonly string[]).includes(name) ||
    SETTING_PREFIXES.some((prefix) => name.startsWith(prefix));
}
