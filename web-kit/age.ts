// Ages by the monotonic clock: a phone whose wall clock jumps must not make a tap or a reading older.
import { onScopeDispose, readonly, type Ref, ref } from "vue";

/** Milliseconds since this page was opened; never goes back. */
export const monotonicMs = (): number => performance.now();

function every(ms: number, read: () => number): Readonly<Ref<number>> {
  const value = ref(read());
  const timer = setInterval(() => (value.value = read()), ms);
  onScopeDispose(() => clearInterval(timer));
  return readonly(value);
}

/** The monotonic clock as a ref, by which ages on screen grow. */
export const useNow = (everyMs = 1000): Readonly<Ref<number>> => every(everyMs, monotonicMs);

/** The phone's own clock: only for display, beside moments that the platform gave. */
export const useWallClock = (everyMs = 1000): Readonly<Ref<number>> => every(everyMs, Date.now);
