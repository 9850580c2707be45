// One reservation kept new: by its live room, and by asking where that is silent; with its countdown.
import { type Refused, useRoom, useWallClock } from "@chargeward/web-kit/mod.ts";
import { computed, onScopeDispose, shallowRef, watch } from "vue";
import type { Reservation } from "../../../wire/http-reserve.ts";
import { usePlatform } from "../platform.ts";

const POLL_MS = 5000;

export function useReservation(reservationId: () => string) {
  const { calls, live, linkState, active } = usePlatform();
  const asked = shallowRef<Reservation>();
  const refused = shallowRef<Refused | null>(null);
  const room = useRoom<Reservation>(live(), () => `reservation:${reservationId()}`);
  const clock = useWallClock();

  /** What was asked knows where else to go; what was told is newer. */
  const reservation = computed<Reservation | undefined>(() => {
    const told = room.view.value;
    const known = asked.value;
    if (told === undefined || (known && known.v >= told.v)) return known;
    return known?.alternatives ? { ...told, alternatives: known.alternatives } : told;
  });

  async function load() {
    const answer = await calls.reservation(reservationId());
    if (answer.ok) asked.value = answer.body;
    refused.value = answer.ok || reservation.value ? null : answer.refused;
  }
  watch(reservationId, () => {
    asked.value = undefined;
    void load();
  }, { immediate: true });
  watch(() => reservation.value?.status, () => void active.load());
  watch(() => reservation.value?.trouble, (trouble) => {
    if (trouble !== undefined) void load();
  });
  const timer = setInterval(() => {
    if (linkState.value !== "live" || room.v.value < 0) void load();
  }, POLL_MS);
  onScopeDispose(() => clearInterval(timer));

  /** What is counted down to, and how long it takes. */
  const count = computed(() => {
    const now = reservation.value;
    if (now === undefined) return null;
    const leftTo = (iso: string) => Math.max(0, Date.parse(iso) - clock.value);
    if (now.lockUntil !== undefined) return { to: "back" as const, ms: leftTo(now.lockUntil) };
    if (now.status !== "reserved") return null;
    const begins = leftTo(now.from);
    return begins > 0
      ? { to: "begins" as const, ms: begins }
      : { to: "ends" as const, ms: leftTo(now.until) };
  });
  const isFree = computed(() => {
    const now = reservation.value;
    return now !== undefined &&
      (now.trouble !== undefined || Date.parse(now.freeUntil) > clock.value);
  });
  /** The bay is closed for this driver now. */
  const isLocked = computed(() => {
    const now = reservation.value;
    if (now === undefined) return false;
    if (now.lockUntil !== undefined) return true;
    return now.status === "reserved" && Date.parse(now.lockFrom) <= clock.value;
  });
  return { reservation, refused, count, isFree, isLocked, load };
}
