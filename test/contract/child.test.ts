// Child processes as the launcher and the engines start them.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startChild } from "../../server/engines/mod.ts";
import { tempDir } from "../kit/temp.ts";

let dir: Awaited<ReturnType<typeof tempDir>>;
beforeAll(async () => {
  dir = await tempDir();
});
afterAll(() => dir[Symbol.asyncDispose]());

function shell(script: string, more: { graceMs?: number; env?: Record<string, string> } = {}) {
  const logFile = join(dir.path, `${crypto.randomUUID()}.log`);
  return startChild({ name: "shell", command: "/bin/sh", args: ["-c", script], logFile, ...more });
}

test("the exit code and the last lines tell how a program ended", async () => {
  const child = await shell("echo first; echo last >&2; exit 7");
  expect(await child.exited).toBe(7);
  expect(await child.lastLines(1)).toEqual(["last"]);
});

test("a program that is not there ends at once with the reason in its log", async () => {
  const logFile = join(dir.path, "none.log");
  const child = await startChild({ name: "none", command: "/no/such", args: [], logFile });
  expect(await child.exited).toBe(127);
  expect((await child.lastLines(1))[0]).toContain("not found");
});

test("a stop lets the program finish, and one that will not is killed after the grace", async () => {
  const polite = await shell("trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done");
  await expect.poll(() => polite.lastLines(1)).toEqual(["up"]);
  expect(await polite.stop()).toBe(5);
  const waits = "trap '' TERM; echo up; while :; do sleep 0.05; done";
  const stubborn = await shell(waits, { graceMs: 300 });
  await expect.poll(() => stubborn.lastLines(1)).toEqual(["up"]);
  expect(await stubborn.stop()).toBe(137);
});

test("with an environment of its own a program sees nothing of ours", async () => {
  const logFile = join(dir.path, "env.log");
  const env = { ONLY: "this" };
  const plan = { name: "env", command: "/usr/bin/env", args: [], logFile, env, clearEnv: true };
  const child = await startChild(plan);
  await child.exited;
  const names = (await child.lastLines(50)).map((line) => line.split("=")[0]);
  expect(names).toContain("ONLY");
  expect(names).not.toContain("HOME");
});
