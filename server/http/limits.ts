// How often an address or a person may ask. Memory of this process: a second node doubles it at most.
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { type No, no } from "./answer.ts";

export interface Rates {
  /** Requests of one address: carriers put thousands of phones behind one. */
  perAddress: { points: number; seconds: number };
  /** Requests of one signed-in person: pages ask a few at a time. */
  perPerson: { points: number; seconds: number };
  /** Codes asked for and tried from one address: an office, or a carrier's gateway at its busiest. */
  signIn: { points: number; seconds: number };
  /** Error reports of one address: a crash loop must not fill the log. */
  reports: { points: number; seconds: number };
  /** Photos that one driver sends: bays are reported and appeals brought now and then. */
  uploads: { points: number; seconds: number };
  /** Photos of one of the ops, who patrol all day. */
  opsUploads: { points: number; seconds: number };
}
const DAY_S = 86_400;
export const defaultRates: Rates = {
  perAddress: { points: 2_000, seconds: 10 },
  perPerson: { points: 200, seconds: 10 },
  signIn: { points: 120, seconds: 600 },
  reports: { points: 30, seconds: 60 },
  uploads: { points: 30, seconds: DAY_S },
  opsUploads: { points: 500, seconds: DAY_S },
};
/** One machine stands for a whole city. */
export const demoRates: Rates = {
  perAddress: { points: 20_000, seconds: 10 },
  perPerson: { points: 1_000, seconds: 10 },
  signIn: { points: 5_000, seconds: 600 },
  reports: { points: 300, seconds: 60 },
  uploads: { points: 200, seconds: DAY_S },
  opsUploads: { points: 2_000, seconds: DAY_S },
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
    uploads: limiterOf(rates.uploads),
    opsUploads: limiterOf(rates.opsUploads),
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
