// `npm run audit`: one look of the auditor at the books, from the archive alone; the platform may run.
// Exit code 1 where something differs. `--mongo URL` or MONGODB_URL, else that of a running `npm start`.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Auditor, DrilledPeople } from "../server/audit/mod.ts";
import { connectMongo } from "../server/store/mod.ts";

const USAGE = "npm run audit -- [--mongo URL] [--grace SECONDS] [--json]";

/** Of a demo: what its drills made wrong on purpose is left out. */
function addressOf(given: string | undefined): { url: string; isDemo: boolean } | null {
  const named = given ?? Deno.env.get("MONGODB_URL");
  if (named !== undefined) return { url: named, isDemo: false };
  const dir = Deno.env.get("CHARGEWARD_DATA") ?? ".data";
  try {
    const demo = JSON.parse(Deno.readTextFileSync(join(dir, "demo.json"))) as {
      addresses?: { MONGODB_URL?: string };
    };
    const url = demo.addresses?.MONGODB_URL;
    return url === undefined ? null : { url, isDemo: true };
  } catch {
    return null;
  }
}

const { values } = parseArgs({
  args: [...Deno.args],
  options: {
    mongo: { type: "string" },
    grace: { type: "string", default: "600" },
    json: { type: "boolean", default: false },
  },
});
const address = addressOf(values.mongo);
if (address === null) {
  console.error(`no database is known: ${USAGE}`);
  Deno.exit(1);
}
const mongo = connectMongo({ url: address.url, name: "audit" });
const people = new DrilledPeople(mongo.db, Deno.env.get("CHARGEWARD_TENANT") ?? "main");
const leftOut = address.isDemo ? { people, off: () => false } : null;
const auditor = new Auditor(mongo.db, Number(values.grace) * 1_000, leftOut);
const { rows, differences } = await auditor.look(Date.now());
await mongo.close();
for (const { rule, where, what } of differences) {
  console.log(values.json ? JSON.stringify({ rule, where, what }) : `${rule}: ${where}: ${what}`);
}
const sum = { rows, differences: differences.length };
console.log(
  values.json ? JSON.stringify(sum) : `${rows} records, ${differences.length} differences`,
);
Deno.exit(differences.length === 0 ? 0 : 1);
