// The wall: every pile with status, power and age; a full picture first, then what changed.
import { monotonicMs, type Refused, useNow } from "@chargeward/web-kit/mod.ts";
import { useIntervalFn } from "@vueuse/core";
import { computed, onScopeDispose, shallowRef, triggerRef } from "vue";
import type { PileStatus } from "../../../wire/http.ts";
import type { Wall, WallRow } from "../../../wire/http-ops.ts";
import type { WallUpdate } from "../../../wire/live.ts";
import { usePlatform } from "../platform.ts";

export interface WallPile {
  id: string;
  status: PileStatus;
  powerW: number;
  /** Monotonic moment of its newest reading. */
  atMs: number;
}
export type WallStation = Wall["stations"][number];

const NAMES_MS = 60_000;
const POLL_MS = 5000;

export function useWall() {
  const { calls, live, linkState } = usePlatform();
  const piles = shallowRef(new Map<string, WallPile>());
  const stations = shallowRef<WallStation[]>([]);
  const loaded = shallowRef(false);
  const refused = shallowRef<Refused | null>(null);
  const heardAtMs = shallowRef(monotonicMs());
  const now = useNow();

  function put([id, status, powerW, ageMs]: WallRow) {
    piles.value.set(id, { id, status, powerW, atMs: monotonicMs() - ageMs });
  }

  function fill(rows: readonly WallRow[]) {
    piles.value = new Map();
    rows.forEach(put);
    loaded.value = true;
  }

  function change(message: WallUpdate) {
    heardAtMs.value = monotonicMs();
    if (message.full !== undefined) fill(message.full);
    message.set?.forEach(put);
    message.gone?.forEach((id) => piles.value.delete(id));
    triggerRef(piles);
  }

  async function load() {
    const answer = await calls.wall();
    refused.value = answer.ok ? null : answer.refused;
    if (!answer.ok) return;
    stations.value = answer.body.stations;
    // the live room knows better than the copy, once it has spoken
    if (!loaded.value || linkState.value !== "live") {
      fill(answer.body.rows);
      heardAtMs.value = monotonicMs();
    }
  }

  const leave = live().watch("wall:all", {
    changed(copy) {
      const rows = (copy.view as { rows?: WallRow[] } | undefined)?.rows;
      if (rows !== undefined) fill(rows);
      heardAtMs.value = monotonicMs();
    },
    wall: change,
    refused: () => void load(),
  });
  onScopeDispose(leave);
  void load();
  useIntervalFn(() => void load(), NAMES_MS);
  useIntervalFn(() => void (linkState.value !== "live" && load()), POLL_MS);

  const silentMs = computed(() => Math.max(0, now.value - heardAtMs.value));
  return { piles, stations, loaded, refused, silentMs, now, load };
}
