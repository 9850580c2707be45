// What a start tells people: addresses, engines in use and demo sign-ins, on the screen and in
// `<data>/demo.json`. Secrets are never among them; demo accounts exist in the demo only.
import { join } from "node:path";
import { exists, writeWhole } from "../../server/engines/mod.ts";
import type { EngineInUse } from "./engines.ts";
import type { LaunchSettings } from "./settings.ts";

export interface Running {
  readonly origin: string;
  readonly nats: EngineInUse;
  readonly mongo: EngineInUse;
  readonly providerUrl: string | undefined;
}

/** Who may sign in to the demo, as the server or the city left it in demo.json. */
interface DemoAccounts {
  readonly drivers?: readonly { readonly phone: string }[];
  readonly ops?: readonly {
    readonly name: string;
    readonly password: string;
    readonly totpSecret?: string;
  }[];
}

/** The addresses by what they are for. */
export function addresses(running: Running): Record<string, string> {
  const { origin } = running;
  return {
    driver: `${origin}/`,
    ops: `${origin}/ops/`,
    api: `${origin}/v1`,
    docs: `${origin}/docs`,
    ocpp: `${origin.replace(/^http/, "ws")}/ocpp/<pileId>`,
    NATS_URL: running.nats.url,
    MONGODB_URL: running.mongo.url,
    ...(running.providerUrl === undefined ? {} : { provider: running.providerUrl }),
  };
}

/** Adds addresses and engines to demo.json beside the accounts, and tells all of it. */
export async function announce(settings: LaunchSettings, running: Running): Promise<string> {
  const file = join(settings.dataDir, "demo.json");
  const accounts = exists(file) ? JSON.parse(await Deno.readTextFile(file)) as DemoAccounts : {};
  const engines = [running.nats, running.mongo].map(({ name, version, source }) => ({
    name,
    version,
    source,
  }));
  const whole = { ...accounts, addresses: addresses(running), engines };
  await writeWhole(file, JSON.stringify(whole, null, 2), 0o600);
  return lines(running, settings.demo ? accounts : {}).join("\n");
}

function lines(running: Running, accounts: DemoAccounts): string[] {
  const rows = Object.entries(addresses(running)).map(([name, url]) => `  ${pad(name)}${url}`);
  const engines = [running.nats, running.mongo]
    .map(({ name, version, source }) => `${name} ${version} (${source})`);
  const drivers = (accounts.drivers ?? []).map(({ phone }) => phone);
  const ops = (accounts.ops ?? []).map(({ name, password, totpSecret }) =>
    `  ${pad("ops")}${name} / ${password}${totpSecret ? `, TOTP secret ${totpSecret}` : ""}`
  );
  return [
    "Chargeward is running:",
    ...rows,
    `  ${pad("engines")}${engines.join(", ")}`,
    ...(drivers.length === 0 ? [] : [`  ${pad("drivers")}${drivers.join(", ")} (any of them)`]),
    ...ops,
    "Ctrl-C stops everything.",
  ];
}

function pad(name: string): string {
  return name.padEnd(13);
}
