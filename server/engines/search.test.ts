import { expect, test } from "vitest";
import { EngineFault } from "./machine.ts";
import { atLeast, firstOf } from "./search.ts";

test.each([
  ["2.12.0", "2.12", true],
  ["v2.15.1", "2.12", true],
  ["2.9.30", "2.12", false],
  ["8.0.16", "7", true],
  ["6.9", "7", false],
  ["2.12.0-RC.1", "2.12.1", false],
])("%s is at least %s: %s", (version, least, expected) => {
  expect(atLeast(version, least)).toBe(expected);
});

test("the first source that has it is taken, those before say why not", async () => {
  const said: string[] = [];
  const looks = [
    () => Promise.resolve(null),
    () => Promise.reject(new EngineFault("too old", "never")),
    () => Promise.resolve("found"),
    () => Promise.reject(new EngineFault("never asked", "never")),
  ];
  expect(await firstOf<string>(looks, "help", (line) => said.push(line))).toBe("found");
  expect(said).toEqual(["too old"]);
});

test("where nothing has it, the fault says what would help", async () => {
  const none = firstOf([() => Promise.resolve(null)], "put one on PATH", () => {});
  await expect(none).rejects.toThrow("put one on PATH");
});

test("a bug in a source is not taken for a missing engine", async () => {
  const broken = [() => Promise.reject(new TypeError("a bug"))];
  await expect(firstOf(broken, "help", () => {})).rejects.toThrow(TypeError);
});
