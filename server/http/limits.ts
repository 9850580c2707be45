// How often an address or a person may ask. Memory of this process: a second node doubles it at most.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { type No, no } from "./answer.ts";

export interface Rates {
  /** Requests a second, and how many at once, of one address (an office or a carrier's gateway). */
  perAddress: { points: number; seconds: number };
  /** Requests of one signed-in person: pages ask a few at a time. */
  perPerson: { points: number; seconds: number };
  /** Sign-in codes and refreshes of one address. */
  signIn: { points: number; seconds: number };
  /** Error reports of one address: a crash loop must not fill the log. */
  reports: { points: number; seconds: number };
}
export const defaultRates: Rates = {
  perAddress: { points: 600, seconds: 10 },
  perPerson: { points: 200, seconds: 10 },
  signIn: { points: 60, seconds: 600 },
  reports: { points: 30, seconds: 60 },
};
/** One machine stands for a whole city. */
export const demoRates: Rates = {
  perAddress: { points: 20_000, seconds: 10 },
  perPerson: { points: 1_000, seconds: 10 },
  signIn: { points: 5_000, seconds: 600 },
  reports: { points: 300, seconds: 60 },
};

export interface Limits {
  take(kind: keyof Rates, who: string): Promise<No | null>;
}
export function createLimits(rates: Rates): Limits {
  const limiterOf = ({ points, seconds }: { points: number; seconds: number }) =>
    new RateLimiterMemory({ points, duration: seconds });
  const limiters = {
    perAddress: limiterOf(rates.perAddress),
    perPerson: limiterOf(rates.perPerson),
    signIn: limiterOf(rates.signIn),
    reports: limiterOf(rates.reports),
  };
  return {
    async take(kind, who) {
      try {
        await limiters[kind].consume(who);
        return null;
      } catch (result) {
        if (!(result instanceof RateLimiterRes)) throw result;
        return no("request.rate-limited", { limit: kind }, result.msBeforeNext);
      }
    },
  };
}
