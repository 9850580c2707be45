// The platform, until it dies at a chosen step of the way that money goes, by SIGKILL of its own hand:
// nobody outside could hit that moment. SIGUSR2 arms it with the file `die-at` of its data folder:
// {"step", "nth"}; an empty step takes it back.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { readConfig } from "../../server/config.ts";
import { startPlatform } from "../../server/platform.ts";
import type { JournalRecord } from "../../wire/envelope.ts";
import type { Armed, Step } from "./steps.ts";

const MONEY = new Set(["order", "payment", "wallet"]);
const ACTS = new Set(["create", "close", "refund"]);

const env = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const read = readConfig(env);
if ("mistakes" in read) {
  console.error(read.mistakes.join("\n"));
  process.exit(2);
}
const { config } = read;
let armed: Armed = { step: "", nth: 0 };
process.on("SIGUSR2", () => {
  armed = JSON.parse(readFileSync(join(config.CHARGEWARD_DATA, "die-at"), "utf8")) as Armed;
});

/** True: this process is gone, and nothing that waits for it may go on. */
function diesAt(step: Step, where: string): boolean {
  if (armed.step !== step || --armed.nth > 0) return false;
  Deno.stdout.writeSync(new TextEncoder().encode(`died at ${step} of ${where}\n`));
  Deno.kill(Deno.pid, "SIGKILL");
  return true;
}
const never = () => new Promise<never>(() => {});
/** An answer to what this actor sent to another: it was sent, and nobody here will know. */
const isAnswer = (type: string) => type.endsWith("Answered") && type !== "ProviderAnswered";

const platform = await startPlatform(config, ({ journal }, ports) => ({
  journal: {
    ...journal,
    async append(place, bytes, marks) {
      const { kind, id } = place.address;
      if (armed.step === "" || !MONEY.has(kind)) return journal.append(place, bytes, marks);
      const { cause, events } = JSON.parse(new TextDecoder().decode(bytes)) as JournalRecord;
      const where = `${kind}/${id}`;
      const isCallback = cause.type === "ProviderReported";
      if (isAnswer(cause.type) && diesAt("outbox-sent", where)) return never();
      if (isCallback && diesAt("callback-unrecorded", where)) return never();
      const done = await journal.append(place, bytes, marks);
      if (isCallback && diesAt("callback-in", where)) return never();
      const isPosting = kind === "wallet" && events.some((event) => "postings" in event);
      if (isPosting && diesAt("posting", where)) return never();
      if (marks.pending > 0 && diesAt("record-acknowledged", where)) return never();
      return done;
    },
  },
  ports: {
    ...ports,
    async payment(call) {
      const answer = await ports["payment"]!(call);
      const hasActed = answer.ok && ACTS.has(String(call.body["op"]));
      return hasActed && diesAt("provider-acted", call.from.id) ? never() : answer;
    },
  },
}));
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
