// One pile before the start: its live state, the quote for the chosen connector and limit.
import { type Refused, useRoom } from "@chargeward/web-kit/mod.ts";
import { useIntervalFn, watchDebounced } from "@vueuse/core";
import { computed, shallowRef, watch } from "vue";
import type { PublicPile, Quote, StationDetail } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";
import { type Limit, limitQuery } from "./limit.ts";

const POLL_MS = 6000;
const SETTLE_MS = 250; // a stepper tapped quickly asks once

export function usePile(pileId: () => string, limit: () => Limit) {
  const { calls, live, linkState } = usePlatform();
  const asked = shallowRef<PublicPile | null>(null);
  const quote = shallowRef<Quote | null>(null);
  const station = shallowRef<StationDetail | null>(null);
  const refused = shallowRef<Refused | null>(null);
  const connector = shallowRef(1);
  const room = useRoom<PublicPile>(live(), () => `pile:${pileId()}`);
  let quoting = 0;

  const pile = computed(() => {
    const told = room.view.value;
    if (told === undefined) return asked.value;
    return asked.value !== null && asked.value.v > told.v ? asked.value : told;
  });

  async function load() {
    const answer = await calls.pile(pileId());
    refused.value = answer.ok ? null : answer.refused;
    if (answer.ok) asked.value = answer.body;
  }

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
  watch(() => room.v.value, (_v, before) => void (before >= 0 && askQuote()));
  useIntervalFn(() => {
    if (linkState.value !== "live" || room.v.value < 0) void load().then(askQuote);
  }, POLL_MS);

  return { pile, quote, station, refused, connector, load, askQuote };
}
