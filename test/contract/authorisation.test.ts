// The page of rights is what the code decides: a new route, command or subject must show there.
// `UPDATE=1` writes the page anew.
import { join } from "node:path";
import { expect, test } from "vitest";
import { authorisationPage } from "../kit/authorisation.ts";
import { ROOT } from "../kit/world.ts";

test("docs/authorisation.md says what the code decides", async () => {
  const file = join(ROOT, "docs", "authorisation.md");
  if (Deno.env.get("UPDATE") === "1") await Deno.writeTextFile(file, authorisationPage());
  expect(await Deno.readTextFile(file)).toBe(authorisationPage());
});
