// The platform with faults in the runtime's ports: only tests start it, the product cannot.
// CHARGEWARD_TEST_FAULTS: {"swallow": share of acknowledgements, "unfenced": true, "everyShard": true,
// "closed": a kind of actor that cannot be loaded while the file "closed" lies in the data folder,
// "seed": n}.
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readConfig } from "../../server/config.ts";
import { startPlatform } from "../../server/platform.ts";
import { type Journal, JournalFault, systemClock } from "../../server/runtime/mod.ts";
import { seeded } from "../../sim/mod.ts";
import { everyShard } from "../race/every-shard.ts";
import { faultyJournal, unfencedJournal } from "../race/faulty-journal.ts";

interface Faults {
  swallow?: number;
  unfenced?: boolean;
  everyShard?: boolean;
  closed?: string;
  seed?: number;
}

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const faults = JSON.parse(env["CHARGEWARD_TEST_FAULTS"] ?? "{}") as Faults;
const read = readConfig(env);
if ("mistakes" in read) {
  console.error(read.mistakes.join("\n"));
  process.exit(2);
}
const platform = await startPlatform(read.config, (base) => {
  const random = seeded(faults.seed ?? 1);
  const inner = faults.unfenced ? unfencedJournal(base.journal, base.nats) : base.journal;
  const journal = faultyJournal(inner, systemClock, {
    swallow: () => random.next() < (faults.swallow ?? 0),
  });
  return {
    journal: faults.closed === undefined ? journal : closedFor(journal, faults.closed),
    ...(faults.everyShard ? { placement: everyShard(read.config.CHARGEWARD_NODE) } : {}),
  };
});
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));

/** Actors of the kind cannot be loaded while the file is there. */
function closedFor(inner: Journal, kind: string): Journal {
  const file = join(env["CHARGEWARD_DATA"] ?? ".", "closed");
  return {
    ...inner,
    last: (place) =>
      place.address.kind === kind && existsSync(file)
        ? Promise.reject(new JournalFault("transient", "closed by a test"))
        : inner.last(place),
  };
}
