import { expect, test } from "vitest";
import { run } from "./run.ts";
import { STORIES } from "./stories.ts";
import { outside } from "./time.ts";

test.each(STORIES)("$story", async (kept) => {
  const { breach } = await outside(() => run(kept));
  expect(breach).toBeNull();
});
