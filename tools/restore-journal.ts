// `npm run restore-journal`: brings journal and archive together again after one of them lost records.
// The platform must be down; engines are those of the data folder, or of NATS_URL and MONGODB_URL.
import { resolve } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { EngineFault } from "../server/engines/mod.ts";
import {
  connectMongo,
  connectNats,
  ensureStreams,
  jetstreamJournal,
  type NatsConnection,
  type Restored,
  restoreJournal,
} from "../server/store/mod.ts";
import { streamName, STREAMS } from "../wire/subjects.ts";
import { takeDataDir } from "./launch/data-dir.ts";
import { surroundings } from "./launch/launch.ts";
import { LaunchFault, readSettings } from "./launch/settings.ts";
import { Shutdown } from "./launch/shutdown.ts";
import { stillRunning } from "./launch/still-running.ts";

const LISTED_MAX = 20; // actors named on the screen; more are counted

const WORDS: Readonly<Record<keyof Restored, string>> = {
  appended: "put back into the journal from the archive",
  journalNewer: "newer in the journal: carried to the archive at the next start",
  gaps: "versions that neither store has any more",
  forked: "with two histories: a person must look, the journal's stands",
  damaged: "with a record that cannot be read",
};

/** What lies beside the journal on the same disk, and nowhere else. */
const LOST_BESIDE =
  "the journal was gone altogether, and with it what only lay beside it: console accounts, " +
  "drivers' phones, names and sign-ins, keys of piles, cards, codes on piles. " +
  "Put a copy of the folder back if there is one, then restore again; else all of these are made anew";

function say(line: string): void {
  console.error(`chargeward: ${line}`);
}

/** True: no stream of the journal holds a record. */
async function isEmpty(connection: NatsConnection): Promise<boolean> {
  const { streams } = await jetstreamManager(connection);
  for (let stream = 0; stream < STREAMS; stream++) {
    if ((await streams.info(streamName(stream))).state.messages > 0) return false;
  }
  return true;
}

async function main(down: Shutdown): Promise<number> {
  const root = resolve(import.meta.dirname ?? ".", "..");
  const settings = readSettings(root, Deno.args, Deno.env.toObject());
  const lock = await takeDataDir(settings.dataDir);
  down.add(() => lock[Symbol.dispose]());
  const { nats, mongo, secrets, keysFit } = await surroundings(settings, down, say);
  const seed = keysFit
    ? { seed: await Deno.readFile(secrets.server.NATS_MAINTENANCE_NKEY_FILE!) }
    : {};
  const connection = await connectNats({ url: nats.url, name: "restore-journal", ...seed });
  down.add(() => connection.close());
  const running = await stillRunning(connection);
  if (running.length > 0) {
    throw new LaunchFault(
      `nodes still run on this journal: ${running.join(", ")}: stop them first`,
    );
  }
  const { db, close } = connectMongo({ url: mongo.url, name: "restore-journal" });
  down.add(close);
  await ensureStreams(connection);
  const wasEmpty = await isEmpty(connection);
  const journal = await jetstreamJournal(connection);
  const restored = await restoreJournal({
    connection,
    journal,
    db,
    epoch: new Date().toISOString(),
  });
  for (const [what, words] of Object.entries(WORDS)) {
    const actors = restored[what as keyof Restored];
    const named = actors.slice(0, LISTED_MAX).join(" ");
    const more = actors.length > LISTED_MAX ? ` and ${actors.length - LISTED_MAX} more` : "";
    console.log(`${actors.length} ${words}${named === "" ? "" : `: ${named}`}${more}`);
  }
  if (wasEmpty && restored.appended.length > 0) say(LOST_BESIDE);
  const doubtful = restored.forked.length + restored.damaged.length + restored.gaps.length;
  console.log(
    doubtful === 0 ? "start the platform again" : "look at those named, then start again",
  );
  return doubtful === 0 ? 0 : 1;
}

const down = new Shutdown();
try {
  const code = await main(down);
  await down.run();
  Deno.exit(code);
} catch (cause) {
  await down.run();
  if (!(cause instanceof LaunchFault || cause instanceof EngineFault)) throw cause;
  say(cause.message);
  Deno.exit(1);
}
