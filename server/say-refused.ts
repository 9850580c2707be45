// One log line for each refused input, so that an attack can be seen; never more of one code than the
// log can take, and the next line says how many were left out. No personal data, no tokens, no bodies.
import type { Clock, Log, Metrics } from "./ports.ts";

/** A burst that a person still reads, then one a second of each code. */
const AT_ONCE = 200;
const EARNED_PER_S = 1;

export interface RefusedInput {
  /** Route, room kind or door as the platform names it, never as the stranger spelt it. */
  where: string;
  code: string;
  /** Kind of the principal: driver, ops, device, provider, nobody. */
  by: string;
  trace?: string;
  tenant?: string;
  pileId?: string;
}
interface Budget {
  tokens: number;
  filledAt: number;
  leftOut: number;
}

/** Codes are the platform's own words, so the memory of them is bounded. */
export function sayRefused(
  { clock, log, metrics }: { clock: Clock; log: Log; metrics: Metrics },
): (refused: RefusedInput) => void {
  const budgets = new Map<string, Budget>();
  return (refused) => {
    metrics.count("inputs_refused", { code: refused.code });
    const now = clock.tick();
    const budget = budgets.get(refused.code) ?? { tokens: AT_ONCE, filledAt: now, leftOut: 0 };
    budgets.set(refused.code, budget);
    const earned = Math.max(0, now - budget.filledAt) / 1000 * EARNED_PER_S;
    budget.tokens = Math.min(AT_ONCE, budget.tokens + earned);
    budget.filledAt = now;
    if (budget.tokens < 1) {
      budget.leftOut += 1;
      return;
    }
    budget.tokens -= 1;
    const { leftOut } = budget;
    budget.leftOut = 0;
    log.info({ ...refused, ...(leftOut > 0 ? { leftOut } : {}) }, "refused");
  };
}

const BAD_INPUT = /^(request|key|auth|qr)\.|\.(malformed|unknown|forged|foreign)$/;
/** Bad input, or somebody where they have no business; not the ordinary no's of a charge. */
export const isBadInput = (code: string): boolean => BAD_INPUT.test(code);
