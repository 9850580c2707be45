// A room as a component sees it: newest view, newest tick with its age, and how complete it is.
import { computed, type ComputedRef, onScopeDispose, type Ref, shallowRef, watch } from "vue";
import type { Tick } from "../wire/live.ts";
import { useNow } from "./age.ts";
import type { Live } from "./live.ts";
import { TICK_STALE_MS } from "./rooms.ts";

export interface Room<View> {
  view: Readonly<Ref<View | undefined>>;
  v: Readonly<Ref<number>>;
  tick: Readonly<Ref<Tick | null>>;
  /** Age of the live numbers; null before the first. */
  tickAgeMs: ComputedRef<number | null>;
  stale: ComputedRef<boolean>;
  refused: Readonly<Ref<string | null>>;
}

/** Watches the room that `name` gives (none: null) for as long as the component lives. */
export function useRoom<View>(live: Live, name: () => string | null): Room<View> {
  const view = shallowRef<View>();
  const v = shallowRef(-1);
  const tick = shallowRef<Tick | null>(null);
  const tickAtMs = shallowRef(0);
  const refused = shallowRef<string | null>(null);
  const now = useNow();
  let leave = () => {};

  watch(name, (room) => {
    leave();
    leave = () => {};
    [view.value, v.value, tick.value, refused.value] = [undefined, -1, null, null];
    if (room === null) return;
    leave = live.watch(room, {
      changed(copy) {
        view.value = copy.view as View | undefined;
        v.value = copy.v;
        tick.value = copy.tick;
        tickAtMs.value = copy.tickAtMs;
      },
      refused: (code) => (refused.value = code),
    });
  }, { immediate: true });
  onScopeDispose(() => leave());

  const tickAgeMs = computed(() =>
    tick.value === null ? null : Math.max(0, now.value - tickAtMs.value)
  );
  const stale = computed(() => tickAgeMs.value !== null && tickAgeMs.value > TICK_STALE_MS);
  return { view, v, tick, tickAgeMs, stale, refused };
}
