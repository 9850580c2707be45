// Keeps a noisy device from filling the log: each key may speak once in a span, and the memory of keys
// is bounded.
import type { Clock } from "./ports.ts";

const SPAN_MS = 60_000;
/** More keys than piles that misbehave at once; beyond it the oldest are forgotten and may speak again. */
const KEYS_MAX = 10_000;

export function sayOnce(clock: Clock, spanMs = SPAN_MS): (key: string) => boolean {
  const spoke = new Map<string, number>();
  return (key) => {
    const now = clock.tick();
    const last = spoke.get(key);
    if (last !== undefined && now - last < spanMs) return false;
    spoke.delete(key);
    spoke.set(key, now);
    if (spoke.size > KEYS_MAX) {
      for (const oldest of spoke.keys()) {
        spoke.delete(oldest);
        break;
      }
    }
    return true;
  };
}
