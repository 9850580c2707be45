// `npm run sim -- <command>`: piles, drivers and load from the command line.
import process from "node:process";
import { runCharge } from "./cli/charge.ts";
import { runFleet } from "./cli/fleet.ts";
import { type Env, UsageFault } from "./cli/options.ts";
import { runPile } from "./cli/pile.ts";
import { runTickLoad } from "./cli/tick-load.ts";
import { USAGE } from "./cli/usage.ts";
import { runCity } from "./city/mod.ts";
import { surviveResets, wordsOf } from "./fault.ts";

const env: Env = (name) => Deno.env.get(name);

const commands: Record<string, (args: string[], env: Env) => Promise<number | null>> = {
  pile: runPile,
  charge: runCharge,
  fleet: runFleet,
  "tick-load": runTickLoad,
  async city() {
    await runCity(env);
    return null; // goes on until it is asked to end
  },
};

/** The exit code; null: the command goes on by itself. */
export async function main(args: string[]): Promise<number | null> {
  const [name, ...rest] = args;
  if (name === undefined || args.includes("--help") || args.includes("-h")) {
    console.log(USAGE);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (command === undefined) throw new UsageFault(`no command '${name}'`);
    return await command(rest, env);
  } catch (error) {
    console.error(`sim: ${wordsOf(error)}`);
    if (!(error instanceof UsageFault)) return 1;
    console.error(`see: npm run sim -- --help`);
    return 2;
  }
}

if (import.meta.main) {
  surviveResets((words) => console.error(`sim: ${words}`));
  const code = await main(process.argv.slice(2));
  if (code !== null) process.exit(code);
}
