// The platform, until it dies between the acknowledgement of a record and what that record sends: by
// SIGKILL, of its own hand, since nobody outside could hit that moment. SIGUSR2 arms it: it dies at the
// n-th record with open effects from then on; n lies in the file `die-at` of its data folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readConfig } from "../../server/config.ts";
import { startPlatform } from "../../server/platform.ts";

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const read = readConfig(env);
if ("mistakes" in read) {
  console.error(read.mistakes.join("\n"));
  process.exit(2);
}
let left = Infinity;
process.on("SIGUSR2", () => {
  left = Number(readFileSync(join(read.config.CHARGEWARD_DATA, "die-at"), "utf8"));
});
const platform = await startPlatform(read.config, ({ journal }) => ({
  journal: {
    ...journal,
    async append(place, bytes, marks) {
      const done = await journal.append(place, bytes, marks);
      if (marks.pending === 0 || --left > 0) return done;
      const { kind, id } = place.address;
      Deno.stdout.writeSync(new TextEncoder().encode(`died holding ${kind}/${id} ${done.seq}\n`));
      Deno.kill(Deno.pid, "SIGKILL");
      return new Promise(() => {});
    },
  },
}));
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
