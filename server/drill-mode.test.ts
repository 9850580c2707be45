// A drill changes the platform for its own piles and people alone, and not for longer than it says.
import { expect, test } from "vitest";
import type { AnyActor, Ctx } from "../actors/kit/mod.ts";
import { chargingSettings } from "../wire/settings.ts";
import { drillDoor, DrillMode, DRILLS_MAX } from "./drill-mode.ts";

const settings = chargingSettings.parse({});
const run = {
  runId: "drl_0001",
  ids: ["DRILL-1", "usr_drill"],
  without: ["pull.notice" as const],
  settings: { payLimitMs: 4_000 },
  forMs: 1_000,
};
/** Tells what it was given. */
const teller = {
  kind: "order",
  decide: (_state: unknown, _command: unknown, ctx: Ctx<{ payLimitMs: number }>) => [
    { type: "Told", off: [...ctx.without], payLimitMs: ctx.settings.payLimitMs },
  ],
  react: () => [],
  read: () => ({ body: null }),
} as unknown as AnyActor;
const ctxOf = (id: string, by = "usr_other") =>
  (
    {
      self: { kind: "order", id },
      principal: { kind: "driver", id: by },
      settings,
      without: new Set(),
    }
  ) as unknown as Ctx;

function rig(always: readonly "pull.notice"[] = []) {
  let now = 0;
  const mode = new DrillMode({ tick: () => now }, settings, new Set(always));
  const actor = mode.over(teller);
  const told = (state: unknown, command: object, ctx: Ctx) =>
    (actor.decide(state, command as { type: string }, ctx) as unknown as { off: string[] }[])[0];
  return { mode, told, pass: (ms: number) => void (now += ms) };
}
const changed = { type: "Told", off: ["pull.notice"], payLimitMs: 4_000 };
const asEver = { type: "Told", off: [], payLimitMs: settings.payLimitMs };

test.each([
  ["its pile's order", { pileId: "DRILL-1" }, {}, ctxOf("ord_1"), changed],
  ["an order that its pile is asked for", {}, { pileId: "DRILL-1" }, ctxOf("ord_1"), changed],
  ["its driver", {}, {}, ctxOf("ord_1", "usr_drill"), changed],
  ["its pile", {}, {}, ctxOf("DRILL-1"), changed],
  ["another pile's order", { pileId: "P1", userId: "usr_other" }, {}, ctxOf("ord_2"), asEver],
])("%s", (_name, state, command, ctx, wanted) => {
  const { mode, told } = rig();
  mode.set(run);
  expect(told(state, command, ctx)).toEqual(wanted);
});

test("a run is there until it gives back or its time is over", () => {
  const { mode, told, pass } = rig();
  expect(mode.set(run)).toBe(true);
  expect([...mode.without("usr_drill")]).toEqual(["pull.notice"]);
  pass(1_000);
  expect(told({}, {}, ctxOf("DRILL-1"))).toEqual(asEver);
  mode.set(run);
  mode.set({ ...run, forMs: 0 });
  expect([...mode.without("usr_drill")]).toEqual([]);
});

test("runs side by side change nothing for each other, and share nobody", () => {
  const { mode } = rig();
  mode.set(run);
  const other = { ...run, runId: "drl_0002", without: ["pull.no-restart" as const] };
  expect(mode.set(other)).toBe(false); // the same pile
  expect(mode.set({ ...other, ids: ["DRILL-2"] })).toBe(true);
  expect([...mode.without("DRILL-1")]).toEqual(["pull.notice"]);
  expect([...mode.without("DRILL-2")]).toEqual(["pull.no-restart"]);
  mode.set({ ...run, forMs: 0 });
  expect([...mode.without("DRILL-1")]).toEqual([]);
  expect([...mode.without("DRILL-2")]).toEqual(["pull.no-restart"]);
});

test("one run too many is refused until a seat is free", () => {
  const { mode, pass } = rig();
  const nth = (n: number, forMs = 1_000) =>
    mode.set({ ...run, runId: `drl_000${n}`, ids: [`DRILL-${n}`], forMs });
  for (let n = 0; n < DRILLS_MAX; n++) expect(nth(n)).toBe(true);
  expect(nth(DRILLS_MAX)).toBe(false);
  expect(nth(0)).toBe(true); // one that is there may change
  nth(3, 0);
  expect(nth(DRILLS_MAX)).toBe(true);
  expect(nth(3)).toBe(false);
  pass(1_000);
  expect(nth(3)).toBe(true);
});

test("whose books may be wrong is kept before others hear of it, and when that is over", async () => {
  const did: string[] = [];
  const drills = new DrillMode({ tick: () => 0 }, settings);
  const bus = {
    publish: (subject: string) => void did.push(subject),
    request: () => Promise.resolve(null),
    subscribe: () => ({ stop() {} }),
  };
  const clock = { now: () => 5_000, after: () => ({ cancel() {} }) };
  const door = drillDoor({ bus, clock, drills }, {
    keep: (runId, ids, until) => Promise.resolve(void did.push(`${runId} ${ids.join()} ${until}`)),
    end: (runId, at) => Promise.resolve(void did.push(`${runId} over ${at}`)),
  });
  expect(await door.setMode(run)).toBe(true);
  expect(await door.setMode({ ...run, runId: "drl_0002" })).toBe(false);
  expect(await door.setMode({ ...run, ids: [], forMs: 0 })).toBe(true);
  expect(await door.setMode({ ...run, without: [] })).toBe(true);
  expect(did).toEqual([
    "drl_0001 DRILL-1,usr_drill 6000",
    "drill.mode",
    "drill.mode",
    "drl_0001 over 5000",
    "audit.requested",
    "drill.mode",
  ]);
});

test("a demo server may have one off for everybody", () => {
  const { told } = rig(["pull.notice"]);
  expect(told({}, {}, ctxOf("ord_2"))).toMatchObject({ off: ["pull.notice"] });
});
