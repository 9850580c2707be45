// Says the same command again until the actor has recorded it or time is up. Faults only: a refusal is
// an answer. Shared by the gateways of piles.
import { randomInt } from "node:crypto";
import type { Fault, Reply } from "../wire/envelope.ts";
import type { Ask, Client, Clock } from "./ports.ts";

/** First pause; doubled each time, so that a platform coming up again is not run over. */
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 2_000;

export type Settled = Exclude<Reply, { fault: Fault }>;

/** The answer, or null where none could be had within `forMs` or `given.up` turned true. */
export async function askAgain(
  { client, clock }: { client: Client; clock: Clock },
  ask: Ask,
  forMs: number,
  given: { up: boolean } = { up: false },
): Promise<Settled | null> {
  const until = clock.tick() + forMs;
  let pauseMs = PAUSE_MS_MIN;
  for (;;) {
    const reply = await client.ask(ask);
    if (!("fault" in reply)) return reply;
    const pause = Math.max(reply.fault.afterMs ?? 0, jittered(pauseMs));
    if (given.up || clock.tick() + pause >= until) return null;
    await new Promise<void>((done) => clock.after(pause, done));
    if (given.up) return null;
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
  }
}

const jittered = (ms: number): number => ms / 2 + randomInt(0, Math.ceil(ms / 2) + 1);
