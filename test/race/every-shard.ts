// Placement for races: every node serves every shard, so each actor is active on all nodes at once
// and only the journal keeps them apart.
import type { Placement } from "../../server/runtime/mod.ts";

export const everyShard = (node: string): Placement => ({
  start: (changed) => Promise.resolve(changed()),
  stop: () => Promise.resolve(),
  owns: () => true,
  ownsStream: () => true,
  nodes: () => [node],
});
