// A short run of `npm run faults`: nodes killed and frozen, NATS killed, MongoDB gone, under load.
import { expect, test } from "vitest";
import { surviveResets } from "../../sim/fault.ts";
import { together } from "../faults/fault.ts";
import { mongoFaults } from "../faults/mongo-faults.ts";
import { natsFaults } from "../faults/nats-faults.ts";
import { nodeFaults } from "../faults/node-faults.ts";
import { runInWords } from "../faults/report.ts";
import { runFault } from "../faults/run.ts";
import { runStarts } from "../faults/starts.ts";

const SEED = 20_261_127;
surviveResets(() => {});

test("kills, a pause, NATS and MongoDB gone: nothing lost, doubled or broken", async () => {
  const wanted = ["F1 kill -9", "F2 pause", "F4 NATS kill -9", "F8 MongoDB down"];
  const all = [...nodeFaults, ...natsFaults, ...mongoFaults];
  const faults = wanted.map((name) => all.find((fault) => fault.name === name)!);
  const plan = { seed: SEED, nodes: 2, seats: 6, isShort: true };
  const run = await runFault(together("smoke", faults), plan);
  console.log(runInWords(run));
  const { lost, doubled, breaches } = run.verdict;
  expect([...lost, ...doubled, ...breaches]).toEqual([]);
  expect(run.hits).toBeGreaterThanOrEqual(wanted.length);
}, 240_000);

test(
  "20 starts, every node dies 3 times before it dispatches, MongoDB stopped: each start has one end",
  async () => {
    const plan = { seed: SEED, nodes: 2, rounds: 3, starts: 7, darkRounds: 0, darkMs: 0 };
    const { rounds, verdict } = await runStarts({ ...plan, say: console.log });
    const { lost, doubled, breaches } = verdict;
    expect(rounds.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect([...lost, ...doubled, ...breaches]).toEqual([]);
    expect(rounds.every(({ atTheSeam }) => atTheSeam > 0)).toBe(true);
  },
  240_000,
);
