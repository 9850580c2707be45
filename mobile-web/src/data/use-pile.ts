// One pile before the start: its live state, the quote for the chosen connector and limit.
import { watchDebounced } from "@vueuse/core";
import { shallowRef, watch } from "vue";
import type { Quote, StationDetail } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";
import { type Limit, limitQuery } from "./limit.ts";
import { usePileState } from "./use-pile-state.ts";

const SETTLE_MS = 250; // a stepper tapped quickly asks once

export function usePile(pileId: () => string, limit: () => Limit) {
  const { calls } = usePlatform();
  const { pile, asked, refused, toldV, load } = usePileState(pileId, () => askQuote());
  const quote = shallowRef<Quote | null>(null);
  const station = shallowRef<StationDetail | null>(null);
  const connector = shallowRef(1);
  let quoting = 0;

  async function askQuote(): Promise<Quote | null> {
    const mine = ++quoting;
    const answer = await calls.quote(pileId(), connector.value, limitQuery(limit()));
    if (mine !== quoting) return quote.value;
    if (answer.ok) quote.value = answer.body;
    else if (quote.value === null) refused.value = answer.refused;
    return quote.value;
  }

  watch(pileId, async () => {
    await load();
    // a gun that is plugged in is most likely the driver's own, else the first free one
    const guns = asked.value?.connectors ?? [];
    const first = guns.find((g) => g.status === "plugged") ?? guns.find((g) => g.status === "free");
    connector.value = (first ?? guns[0])?.no ?? 1;
    const stationId = asked.value?.stationId;
    if (stationId === undefined) return;
    void askQuote();
    const answer = await calls.station(stationId);
    if (answer.ok) station.value = answer.body;
  }, { immediate: true });
  watchDebounced([connector, limit], askQuote, { debounce: SETTLE_MS, deep: true });
  watch(toldV, (_v, before) => void (before >= 0 && askQuote()));

  return { pile, quote, station, refused, connector, load, askQuote };
}
