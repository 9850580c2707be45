// The platform's program: reads its settings, runs its roles until asked to stop.
import { readConfig } from "./config.ts";
import { startPlatform } from "./platform.ts";
import process from "node:process";

const read = readConfig(process.env as Record<string, string>);
if ("mistakes" in read) {
  for (const mistake of read.mistakes) console.error(mistake);
  process.exit(2);
}
const platform = await startPlatform(read.config);
const stop = () => void platform.stop().then(() => process.exit(0));
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
