// A parking system over HTTP: each request signed (HMAC-SHA256 over time, method, path and body), with a
// deadline, few repeats, and a breaker that leaves it alone for a while. Shape: docs/parking.md.
import { createHmac } from "node:crypto";
import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  wrap,
} from "cockatiel";
import { type ParkingBay, parkingBay, type ParkingEvent } from "../../wire/parking.ts";
import type { Clock, Log, Metrics } from "../ports.ts";

const CALL_MS = 3_000;
const REPEATS = 2;
const BREAK_AFTER = 5;
const BREAK_MS = 10_000;
const ANSWER_BYTES_MAX = 64 * 1024;

export interface HttpParkingDeps {
  url: string;
  /** Shared with the parking system, >= 16 characters. */
  key: string;
  clock: Pick<Clock, "now">;
  log: Log;
  metrics: Metrics;
  callMs?: number;
}
export interface Parking {
  /** Null: it did not take it. */
  tell(event: ParkingEvent): Promise<Record<string, never> | null>;
  /** Null: it does not say. */
  ask(bay: { pileId: string; connector: number }): Promise<ParkingBay | null>;
}

class NotTaken extends Error {
  override readonly name = "NotTaken";
}

export function httpParking(deps: HttpParkingDeps): Parking {
  const { url, clock, log, metrics, callMs = CALL_MS } = deps;
  const policy = wrap(
    retry(handleAll, {
      maxAttempts: REPEATS,
      backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1_000 }),
    }),
    circuitBreaker(handleAll, {
      halfOpenAfter: BREAK_MS,
      breaker: new ConsecutiveBreaker(BREAK_AFTER),
    }),
  );
  const base = url.endsWith("/") ? url : `${url}/`;
  const send = async (method: "GET" | "POST", name: string, body: string): Promise<string> => {
    const time = String(clock.now());
    const target = new URL(name, base);
    const path = target.pathname;
    const answer = await fetch(target, {
      method,
      headers: {
        "content-type": "application/json",
        "x-chargeward-time": time,
        "x-chargeward-signature": signatureOf(deps.key, { time, method, path, body }),
      },
      ...(method === "GET" ? {} : { body }),
      redirect: "error",
      signal: AbortSignal.timeout(callMs),
    });
    const text = await answer.text();
    if (!answer.ok || text.length > ANSWER_BYTES_MAX) {
      throw new NotTaken(`parking system answered ${answer.status}`);
    }
    return text;
  };
  const tried = async (what: string, call: () => Promise<string>): Promise<string | null> => {
    try {
      return await policy.execute(call);
    } catch (error) {
      metrics.count("parking_calls_failed", { what });
      log.warn({ what, error: String(error) }, "parking system did not answer");
      return null;
    }
  };
  return {
    async tell(event) {
      const path = `${pathOf(event)}/events`;
      const text = await tried("tell", () => send("POST", path, JSON.stringify(event)));
      return text === null ? null : {};
    },
    async ask(bay) {
      const text = await tried("ask", () => send("GET", pathOf(bay), ""));
      const said = text === null ? null : parkingBay.safeParse(parsed(text));
      return said?.success ? said.data : null;
    },
  };
}

const pathOf = ({ pileId, connector }: { pileId: string; connector: number }): string =>
  `bays/${encodeURIComponent(pileId)}/${connector}`;

/** What the parking system checks before it believes a request. */
export const signatureOf = (
  key: string,
  { time, method, path, body }: { time: string; method: string; path: string; body: string },
): string =>
  createHmac("sha256", key).update([time, method, path, body].join("\n")).digest("base64url");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
