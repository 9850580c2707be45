import { run } from "./run.ts";
import { outside } from "./time.ts";
const from = Number(Deno.args[0] ?? 1),
  to = Number(Deno.args[1] ?? 5),
  told = Deno.args.includes("--told");
await outside(() => {
  let steps = 0, tasks = 0, recs = 0;
  const t = performance.now();
  const hits = new Map<string, number>(), met = new Map<string, number>();
  const inv = new Map<string, number[]>();
  for (let seed = from; seed <= to; seed++) {
    const out = run({ seed, steps: 500, told });
    steps += out.steps;
    tasks += out.tasks;
    recs += out.records;
    for (const [k, v] of out.hits) hits.set(k, (hits.get(k) ?? 0) + v);
    for (const [k, v] of out.met) met.set(k, (met.get(k) ?? 0) + v);
    if (out.breach) {
      const k = out.breach.invariant + " " +
        out.breach.what.replace(/(ord|pay|usr)_[a-z0-9-]+/g, "$1").replace(/\d+/g, "N").slice(
          0,
          120,
        );
      inv.set(k, [...(inv.get(k) ?? []), seed]);
    }
    if (told) console.log(out.story.join("\n"));
    if (to - from < 10) {
      console.log(
        seed,
        out.steps,
        out.tasks,
        out.records,
        Math.round(out.virtualMs / 1000),
        out.hash.slice(0, 8),
        out.breach,
      );
    }
  }
  const s = (performance.now() - t) / 1000;
  console.log({ steps, tasks, recs, s, perS: steps / s, tasksPerS: tasks / s });
  console.log(Object.fromEntries([...hits].sort()), Object.fromEntries([...met].sort()));
  for (const [k, v] of inv) console.log(v.length, k, v.slice(0, 5).join());
});
