// `npm run audit`: one look of the auditor at the books, from the archive alone; the platform may run.
// Exit code 1 where something differs. `--mongo URL` or MONGODB_URL, else that of a running `npm start`.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Auditor } from "../server/audit/mod.ts";
import { connectMongo } from "../server/store/mod.ts";

const USAGE = "npm run audit -- [--mongo URL] [--grace SECONDS] [--json]";

function addressOf(given: string | undefined): string | null {
  const named = given ?? Deno.env.get("MONGODB_URL");
  if (named !== undefined) return named;
  const dir = Deno.env.get("CHARGEWARD_DATA") ?? ".data";
  try {
    const demo = JSON.parse(Deno.readTextFileSync(join(dir, "demo.json"))) as {
      addresses?: { MONGODB_URL?: string };
    };
    return demo.addresses?.MONGODB_URL ?? null;
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
const url = addressOf(values.mongo);
if (url === null) {
  console.error(`no database is known: ${USAGE}`);
  Deno.exit(1);
}
const mongo = connectMongo({ url, name: "audit" });
const { rows, differences } = await new Auditor(mongo.db, Number(values.grace) * 1_000)
  .look(Date.now());
await mongo.close();
for (const { rule, where, what } of differences) {
  console.log(values.json ? JSON.stringify({ rule, where, what }) : `${rule}: ${where}: ${what}`);
}
const sum = { rows, differences: differences.length };
console.log(
  values.json ? JSON.stringify(sum) : `${rows} records, ${differences.length} differences`,
);
Deno.exit(differences.length === 0 ? 0 : 1);
