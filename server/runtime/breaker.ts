// Counts broken invariants of one actor: twice within the span and only stops are served.
import type { Clock } from "../routing/mod.ts";
import type { Limits } from "./limits.ts";

export interface Breaker {
  /** True when this breach was one too many. */
  breach(): boolean;
  open(): boolean;
}

export function breakerOf(clock: Clock, limits: Limits): Breaker {
  let recent: number[] = [];
  let open = false;
  return {
    breach() {
      const now = clock.tick();
      recent = [...recent.filter((at) => at + limits.breachMs > now), now];
      if (open || recent.length < limits.breaches) return false;
      open = true;
      return true;
    },
    open: () => open,
  };
}
