// The platform's bills against the 500 cases whose answers come from the second program, which shares
// no code with it. The table is committed, so this needs no Python; where it is there, the second
// program runs as well and must write the same table.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { validateTariff } from "../../actors/tariff/mod.ts";
import { HERE, platformSays, rowsOf, TARIFFS } from "./table.ts";

const run = promisify(execFile);
const table = await readFile(join(HERE, "cases.csv"), "utf8");
const cases = rowsOf(table);
const groups = Map.groupBy(cases, (row) => row["group"]!);

test("there are at least 500 cases, each of its own", () => {
  expect(cases.length).toBeGreaterThanOrEqual(500);
  const given = ["tariff", "start", "meter at start", "meter readings", "coupon", "paid at"];
  const kinds = cases.map((row) => [...given, "gun out", "pile blocked"].map((name) => row[name]));
  expect(new Set(kinds.map((kind) => kind.join("|"))).size).toBe(cases.length);
});

test("their tariffs are such as may be published", () => {
  for (const tariff of TARIFFS.values()) expect(validateTariff(tariff)).toBeNull();
});

describe.each([...groups.keys()])("%s", (group) => {
  test.each(groups.get(group)!.map((row) => [`${row["case"]}: ${row["why"]}`, row] as const))(
    "%s",
    (_name, row) => {
      const { lines, total, overstay } = row;
      const expected = {
        lines,
        "before coupon": row["before coupon"],
        "coupon takes": row["coupon takes"],
        total,
        overstay,
      };
      expect(platformSays(row)).toEqual(expected);
    },
  );
});

async function hasPython(): Promise<boolean> {
  try {
    await run("python3", ["-c", "import zoneinfo; zoneinfo.ZoneInfo('Australia/Lord_Howe')"]);
    return true;
  } catch {
    return false;
  }
}

test("the second program writes this very table, where Python 3 with zone data is there", async () => {
  if (!await hasPython()) {
    console.info("billing cases: no Python 3 with zone data here, compared with the table alone");
    return;
  }
  console.info("billing cases: Python 3 is here, the table was written anew and compared");
  const folder = await mkdtemp(join(tmpdir(), "billing-"));
  try {
    const path = join(folder, "cases.csv");
    await run("python3", ["-B", join(HERE, "second_program.py"), path]);
    expect(await readFile(path, "utf8")).toBe(table);
  } finally {
    await rm(folder, { recursive: true });
  }
});
