// Which pile and station a page is about, asked once: what its head shows.
import { shallowRef, watch } from "vue";
import type { PublicPile, StationDetail } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";

export function usePlace(pileId: () => string | undefined) {
  const { calls } = usePlatform();
  const pile = shallowRef<PublicPile | null>(null);
  const station = shallowRef<StationDetail | null>(null);
  watch(pileId, async (id) => {
    if (id === undefined) return;
    const found = await calls.pile(id);
    if (!found.ok) return;
    pile.value = found.body;
    const there = await calls.station(found.body.stationId);
    if (there.ok) station.value = there.body;
  }, { immediate: true });
  return { pile, station };
}
