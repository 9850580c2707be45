// One order kept new: by the live room, and by asking where the room is silent or the link is down.
import { type Refused, TICK_STALE_MS, useRoom, useWallClock } from "@chargeward/web-kit/mod.ts";
import { computed, onScopeDispose, shallowRef, watch } from "vue";
import type { Order } from "../../../wire/http.ts";
import { usePlatform } from "../platform.ts";

const POLL_MS = 4000;

export function useOrder(orderId: () => string) {
  const { calls, live, linkState, active } = usePlatform();
  const asked = shallowRef<Order>();
  const refused = shallowRef<Refused | null>(null);
  const room = useRoom<Order>(live(), () => `order:${orderId()}`);
  const clock = useWallClock();

  /** The newer of what was told and what was asked. */
  const order = computed<Order | undefined>(() => {
    const told = room.view.value;
    if (told === undefined) return asked.value;
    return asked.value !== undefined && asked.value.v > told.v ? asked.value : told;
  });

  async function load() {
    const answer = await calls.order(orderId());
    if (answer.ok) {
      asked.value = answer.body;
      refused.value = null;
    } else if (order.value === undefined) refused.value = answer.refused;
  }

  function take(next: Order) {
    if (asked.value === undefined || next.v >= asked.value.v) asked.value = next;
  }

  watch(orderId, () => {
    asked.value = undefined;
    void load();
  }, { immediate: true });
  watch(() => order.value?.status, () => void active.load());

  const timer = setInterval(() => {
    if (linkState.value !== "live" || room.v.value < 0) void load();
  }, POLL_MS);
  onScopeDispose(() => clearInterval(timer));

  /** Live numbers: the newest tick, else those of the last view. */
  const numbers = computed(() => room.tick.value ?? order.value?.live ?? null);
  const ageMs = computed(() => {
    if (room.tickAgeMs.value !== null) return room.tickAgeMs.value;
    const at = order.value?.live?.t;
    return at === undefined ? null : Math.max(0, clock.value - Date.parse(at));
  });
  const stale = computed(() => ageMs.value !== null && ageMs.value > TICK_STALE_MS);
  const elapsedMs = computed(() => {
    const { startedAt, endedAt } = order.value ?? {};
    if (startedAt === undefined) return 0;
    if (endedAt !== undefined) return Date.parse(endedAt) - Date.parse(startedAt);
    const tick = room.tick.value;
    // the platform's own count first: this phone's clock may be off
    if (tick !== null) return tick.elapsedMs + (room.tickAgeMs.value ?? 0);
    return Math.max(0, clock.value - Date.parse(startedAt));
  });
  return { order, numbers, tick: room.tick, ageMs, stale, elapsedMs, refused, load, take };
}
export type OrderData = ReturnType<typeof useOrder>;
