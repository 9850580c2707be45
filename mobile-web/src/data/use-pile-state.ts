// The live state of one pile: told by its room, asked where that is silent; the newer of both counts.
import { type Refused, useRoom } from "@chargeward/web-kit/mod.ts";
import { useIntervalFn } from "@vueuse/core";
import { computed, shallowRef } from "vue";
import type { PublicPile } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";

const POLL_MS = 6000;

/** `onPoll`: what else is asked again where the room is silent. */
export function usePileState(pileId: () => string, onPoll: () => unknown = () => {}) {
  const { calls, live, linkState } = usePlatform();
  const asked = shallowRef<PublicPile | null>(null);
  const refused = shallowRef<Refused | null>(null);
  const room = useRoom<PublicPile>(live(), () => `pile:${pileId()}`);

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
  useIntervalFn(() => {
    if (linkState.value !== "live" || room.v.value < 0) void load().then(onPoll);
  }, POLL_MS);

  return { pile, asked, refused, toldV: room.v, load };
}
