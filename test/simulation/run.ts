// Runs one seed to its end: so many steps under faults, then healing, then everything must be settled
// within ten virtual minutes.
import { askAround } from "./check/shown.ts";
import type { Fault } from "./faults.ts";
import type { RunOptions } from "./options.ts";
import { type Breach, World } from "./world.ts";

export interface Outcome {
  seed: number;
  steps: number;
  tasks: number;
  records: number;
  virtualMs: number;
  hash: string;
  breach: Breach | null;
  hits: ReadonlyMap<Fault, number>;
  /** Interesting things that happened, and how often. */
  met: ReadonlyMap<string, number>;
  actions: number;
  story: readonly string[];
}

const SETTLE_MS = 600_000; // L1
const LEAVE_MS = 60_000; // drivers are home by then
const LOOK_MS = 5_000;

export function run(options: RunOptions): Outcome {
  const world = new World(options);
  const from = world.time.tick;
  while (world.steps < options.steps && world.step());
  if (!world.breach) settle(world);
  const { steps, tasks, breach, records, faults, met, time, actions, story } = world;
  return {
    seed: options.seed,
    steps,
    tasks,
    records: records.count,
    virtualMs: time.tick - from,
    hash: world.digest(),
    breach,
    hits: faults.hits,
    met,
    actions,
    story: story.lines,
  };
}

function settle(world: World): void {
  world.heal();
  const { time } = world;
  const healedAt = time.tick;
  let lookAt = healedAt + LOOK_MS;
  let left = false;
  while (world.step()) {
    if (time.tick < lookAt) continue;
    lookAt = time.tick + LOOK_MS;
    if (!left && time.tick > healedAt + LEAVE_MS) {
      left = true;
      world.leave();
    }
    const open = left ? world.open() : null;
    if (open?.length === 0) return shown(world);
    if (time.tick - healedAt <= SETTLE_MS || !open) continue;
    const [first] = open;
    return world.fail(first!.invariant, `${first!.what} ten minutes after healing`);
  }
}

/** Everything is settled: whoever asks now is shown the newest state of each actor. */
function shown(world: World): void {
  let over = false;
  const { time, api, records, count } = world;
  const fail = (invariant: string, what: string) => world.fail(invariant, what);
  void askAround({ time, api, records, count, fail }).then(() => over = true);
  while (!over && world.step());
}
