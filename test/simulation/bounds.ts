// Small bounds are met in short runs: each run draws its own.
import type { Random } from "../../sim/random.ts";

export const limitsOf = (random: Random) => ({
  idleMs: random.pick([3_000, 20_000, 300_000]),
  sweepMs: 2_000,
  mailbox: random.pick([4, 64]),
  open: random.pick([8, 32]),
  records: random.pick([40, 1_000, 1_000]),
  endedKeepMs: random.pick([15_000, 60_000, 600_000]),
});
