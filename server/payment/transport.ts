// The way to the payment providers: that of every call to others, with the providers' own metrics, the
// larger bounds of a bill, and the sandbox in the place of the real host.
import { createGuard as guardOf, type Guard } from "../outward-call.ts";
import type { Log, Metrics } from "../ports.ts";

export {
  type Answer,
  type Circuit,
  type Guard,
  type Heard,
  json,
  type Letter,
  type Send,
  sender,
  SurelyNot,
  Unknown,
} from "../outward-call.ts";

/** A bill of a day with 200,000 payments. */
export const BILL_BYTES_MAX = 64 * 1024 * 1024;
export const BILL_MS = 60_000;

/** `breakMs`: how long a provider is left alone; shorter in tests. */
export const createGuard = (
  by: string,
  { log, metrics, breakMs }: { log: Log; metrics: Metrics; breakMs?: number | undefined },
): Guard =>
  guardOf(by, {
    log,
    breakMs,
    watch: {
      breaker: (state) => metrics.gauge("provider_breaker", state, { by }),
      failed: (surely) => metrics.count("provider_calls_failed", { surely: String(surely) }),
    },
  });

/** Where a link of the real service leads: there, or to the same path at the sandbox. */
export const placed = (link: string, sandbox: string | undefined): URL => {
  const url = new URL(link);
  return sandbox === undefined ? url : new URL(url.pathname + url.search, sandbox);
};
