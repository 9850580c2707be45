// Each fault that a drill orders from a pile does what its name says, whatever the lane.
import { beforeEach, expect, test } from "vitest";
import { type VirtualClock, virtualClock } from "../clock.ts";
import type { PileEvent } from "./events.ts";
import type { Lane } from "./lane.ts";
import { Pile } from "./pile.ts";
import type { PileCore } from "./core.ts";

const AT = Date.UTC(2026, 10, 23, 3, 0, 5);
let clock: VirtualClock, pile: Pile, core: PileCore, told: PileEvent[];
const kinds = () => told.map(({ kind }) => kind);
const start = () => core.start({ connector: 1, orderId: "ord_0001", limit: {} });
async function charging(ms = 60_000): Promise<void> {
  pile.plug();
  start();
  await clock.advance(2_000 + ms);
}

beforeEach(() => {
  clock = virtualClock(AT);
  told = [];
  const lane = {
    onEvent: (event: PileEvent) => void told.push(event),
    onReading() {},
    up() {},
    cut() {},
    down: () => Promise.resolve(),
  };
  pile = new Pile({ id: "P-1", secret: "s", clock }, (host) => {
    core = host.core;
    return lane as unknown as Lane;
  }).begin();
});

test("a gun that is not seated reads as plugged and starts nothing until it is pushed in", async () => {
  pile.misbehave({ loosePlug: true });
  pile.plug();
  expect(start()).toEqual({ outcome: "refused", code: "unplugged" });
  pile.pushIn();
  expect(kinds()).toEqual(["plugged", "plugged"]);
  expect(start()).toEqual({ outcome: "accepted" });
  await clock.advance(2_000);
  expect(told.at(-1)).toMatchObject({ kind: "charging" });
});

test("a car's fault ends its charge and leaves the pile well", async () => {
  await charging();
  pile.vehicleFault("BST.insulation", "10 26 40 06");
  await clock.advance(1_000);
  expect(told.slice(-3)).toMatchObject([
    { kind: "fault", code: "BST.insulation", raw: "10 26 40 06" },
    { kind: "fault-cleared" },
    { kind: "ended", reason: "fault", code: "BST.insulation" },
  ]);
  expect(pile.status().status).toBe("plugged");
});

test("a pile that charges on at a fault has to be stopped", async () => {
  await charging();
  pile.misbehave({ runsOnFault: true });
  pile.fault("GroundFailure");
  expect(pile.status().status).toBe("charging");
  core.stop({ connector: 1, reason: "remote" });
  await clock.advance(1_000);
  expect(told.at(-1)).toMatchObject({ kind: "ended", reason: "remote" });
});

test("a pulled gun that is plugged back goes on by itself only where it is told to", async () => {
  for (const resumesOnReplug of [false, true]) {
    await charging();
    pile.misbehave({ resumesOnReplug });
    pile.unplug();
    pile.plug();
    await clock.advance(2_000);
    expect(pile.status().status).toBe(resumesOnReplug ? "charging" : "plugged");
    pile.unplug();
  }
});

test("an end that is forgotten is told to nobody", async () => {
  await charging();
  pile.misbehave({ forgetsEnd: true });
  pile.stopHere();
  await clock.advance(1_000);
  expect(kinds()).not.toContain("ended");
  expect(pile.status().status).toBe("plugged");
});

test("a meter that counts double shows twice the energy", async () => {
  await charging(0);
  const from = pile.register();
  await clock.advance(60_000);
  const once = pile.register() - from;
  pile.misbehave({ powerFactor: 2 });
  await clock.advance(60_000);
  expect(pile.register() - from - once).toBeGreaterThan(once * 1.5);
});
