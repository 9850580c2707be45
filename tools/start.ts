// `npm start`: the whole platform on this machine until Ctrl-C. Exit code 0 when asked to stop, 1
// when something could not start or ended by itself.
import { resolve } from "node:path";
import { EngineFault } from "../server/engines/mod.ts";
import { launch } from "./launch/launch.ts";
import { LaunchFault, readSettings, USAGE, wantsHelp } from "./launch/settings.ts";
import { Shutdown } from "./launch/shutdown.ts";
import { onOrphaned } from "./lifeline.ts";

const root = resolve(import.meta.dirname ?? ".", "..");

// A terminal's Ctrl-C comes from the terminal, from npm and from bootstrap.mjs.
const SAME_SIGNAL_MS = 1_000;

function say(line: string): void {
  console.error(`chargeward: ${line}`);
}

async function main(): Promise<number> {
  if (wantsHelp(Deno.args)) {
    console.log(USAGE);
    return 0;
  }
  const settings = readSettings(root, Deno.args, Deno.env.toObject());
  const down = new Shutdown();
  stopOnSignals(down);
  const launched = await launch(settings, down, say);
  console.log(launched.words);
  return await launched.over;
}

/** The first signal stops everything in order; another one, later, leaves at once. */
function stopOnSignals(down: Shutdown): void {
  let first = 0;
  const stop = async () => {
    first ||= Date.now();
    if (down.started) return Date.now() - first > SAME_SIGNAL_MS ? Deno.exit(1) : undefined;
    say("stopping ...");
    await down.run();
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => void stop());
  }
  onOrphaned(() => void stop());
}

try {
  Deno.exit(await main());
} catch (cause) {
  if (!(cause instanceof LaunchFault || cause instanceof EngineFault)) throw cause;
  say(cause.message);
  Deno.exit(1);
}
