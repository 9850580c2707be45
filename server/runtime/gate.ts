// The way of records to the journal: so many at once, the rest wait in order. New work is turned away
// before it would wait too long, the least important class first, so that what was taken in is finished
// in time. What lowers risk, and what actors say to one another, always comes in.
import type { Envelope, ServiceClass } from "../../wire/envelope.ts";
import type { Clock, Random } from "../routing/mod.ts";
import type { Limits } from "./limits.ts";

export interface Gate {
  enter(): Promise<void>;
  leave(): void;
  /** Inside and waiting. */
  load(): number;
  /** Null: come in. Else for how long to stay away. */
  refuse(envelope: Envelope, service: ServiceClass): number | null;
}

const RATE_MS = 1_000; // appends of about the last second say how fast they go
const CROWD = 32; // fewer never wait long, however slow the last ones were
const AWAY_MS_MAX = 3_000;

export function gateOf(clock: Clock, random: Random, limits: Limits): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  let recent = 0;
  let at = clock.tick();
  const load = () => inside + waiting.length;
  const faded = () => recent * Math.exp((at - clock.tick()) / RATE_MS);
  return {
    load,
    enter() {
      if (inside >= limits.appends) return new Promise((enter) => waiting.push(enter));
      inside++;
      return Promise.resolve();
    },
    leave() {
      recent = faded() + 1;
      at = clock.tick();
      const next = waiting.shift();
      if (next) next(); // the place passes on
      else inside--;
    },
    refuse({ principal: { kind } }, service) {
      if (load() < CROWD || kind === "actor" || kind === "system") return null;
      // The wait of a newcomer is the length of the queue over its speed: known before it is felt.
      const waitMs = load() * RATE_MS / Math.max(faded(), 1);
      // From the limit to twice of it a growing share: all or nothing would swing.
      if (waitMs <= limits.shedMs[service] * (1 + random())) return null;
      return Math.ceil(Math.min(AWAY_MS_MAX, waitMs) * (0.5 + random()));
    },
  };
}
