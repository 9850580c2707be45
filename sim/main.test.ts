import { expect, test, vi } from "vitest";
import { misbehaviourOf } from "./cli/pile.ts";
import { main } from "./main.ts";

test("help is printed, and the exit code tells help from a mistake", async () => {
  const lines = vi.spyOn(console, "log").mockImplementation(() => {});
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    expect(await main(["--help"])).toBe(0);
    expect(String(lines.mock.calls[0]?.[0])).toContain("npm run sim -- <command>");
    expect(await main([])).toBe(2);
    expect(await main(["fly"])).toBe(2);
    expect(await main(["pile", "--lane", "native"])).toBe(2);
    expect(await main(["pile", "--colour", "red"])).toBe(2);
    expect(errors.mock.calls.flat().join("\n")).toContain("no command 'fly'");
    expect(await main(["charge", "--url", "http://127.0.0.1:1", "--phone", "1", "--pile", "P"]))
      .toBe(1);
  } finally {
    lines.mockRestore();
    errors.mockRestore();
  }
});

test("misbehaviour is read by name, and an unknown name is refused with the known ones", () => {
  expect(misbehaviourOf("silentStart,lateStartMs=40000,refuseStart=busy")).toEqual({
    silentStart: true,
    lateStartMs: 40_000,
    refuseStart: "busy",
  });
  expect(() => misbehaviourOf("rude")).toThrow(/silentStart, refuseStart.*not 'rude'/);
});
