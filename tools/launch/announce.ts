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
  /** Whether a city runs that will say which phones are drivers. */
  readonly city: boolean;
}

const DRIVERS_MS_MAX = 3_000;
const LOOK_MS = 50;

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

/** Writes addresses and engines to demo.json, beside the accounts that others keep there. */
export async function recordAddresses(settings: LaunchSettings, running: Running): Promise<void> {
  const engines = inUse(running);
  const whole = { ...await readDemo(settings), addresses: addresses(running), engines };
  await writeWhole(join(settings.dataDir, "demo.json"), JSON.stringify(whole, null, 2), 0o600);
}

/** The words for the screen; in the demo with who may sign in, once the city has said so. */
export async function announcement(settings: LaunchSettings, running: Running): Promise<string> {
  const until = Date.now() + DRIVERS_MS_MAX;
  let accounts = settings.demo ? await readDemo(settings) : {};
  while (settings.demo && running.city && !accounts.drivers && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    accounts = await readDemo(settings);
  }
  return lines(running, accounts).join("\n");
}

async function readDemo({ dataDir }: LaunchSettings): Promise<DemoAccounts> {
  const file = join(dataDir, "demo.json");
  return exists(file) ? JSON.parse(await Deno.readTextFile(file)) as DemoAccounts : {};
}

function inUse({ nats, mongo }: Running) {
  return [nats, mongo].map(({ name, version, source }) => ({ name, version, source }));
}

function lines(running: Running, accounts: DemoAccounts): string[] {
  const rows = Object.entries(addresses(running)).map(([name, url]) => `  ${pad(name)}${url}`);
  const engines = inUse(running)
    .map(({ name, version, source }) => `${name} ${version} (${source})`);
  const [guest] = accounts.drivers ?? []; // the first is left to people, the others are simulated
  const ops = (accounts.ops ?? []).map(({ name, password, totpSecret }) =>
    `  ${pad("ops")}${name} / ${password}${totpSecret ? `, TOTP secret ${totpSecret}` : ""}`
  );
  return [
    "Chargeward is running:",
    ...rows,
    `  ${pad("engines")}${engines.join(", ")}`,
    ...(guest ? [`  ${pad("driver")}${guest.phone}, code at ${running.origin}/sandbox`] : []),
    ...ops,
    "Ctrl-C stops everything.",
  ];
}

function pad(name: string): string {
  return name.padEnd(13);
}
