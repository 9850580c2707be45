// The platform's program: reads its settings, plays its roles until it is asked to stop.
// Exit codes: 0 asked to stop, 1 cannot run, 2 wrong settings (each named on a line of its own).
import process from "node:process";
import { readConfig } from "./config.ts";
import { startPlatform } from "./platform.ts";
import { PortFault } from "./roles/front.ts";

const STOP_MS_MAX = 10_000;

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const read = readConfig(env);
if ("mistakes" in read) {
  for (const mistake of read.mistakes) console.error(mistake);
  process.exit(2);
}
try {
  const platform = await startPlatform(read.config);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    void platform.stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
} catch (error) {
  if (!(error instanceof PortFault)) throw error;
  console.error(error.message);
  process.exit(1);
}
