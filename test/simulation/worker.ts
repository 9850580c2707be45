// A process that runs seeds: a line "from to steps" in, a line of JSON out, until its input ends.
import process from "node:process";
import { createInterface } from "node:readline";
import { run } from "./run.ts";
import { addRun, emptySum, type Sum } from "./sum.ts";
import { outside } from "./time.ts";

function runAll(from: number, to: number, steps: number, isFirstEnough: boolean): Sum {
  const sum = emptySum();
  const begun = process.cpuUsage();
  for (let seed = from; seed <= to; seed++) {
    addRun(sum, run({ seed, steps }));
    if (isFirstEnough && sum.breaches.length > 0) break;
  }
  const { user, system } = process.cpuUsage(begun);
  sum.cpuMs = (user + system) / 1_000;
  return sum;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [from = 0, to = 0, steps = 0, first = 0] = line.split(" ").map(Number);
  const sum = await outside(() => runAll(from, to, steps, first === 1));
  console.log(JSON.stringify(sum));
}
