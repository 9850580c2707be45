// Turns new work away before it waits too long, the least important class first, so that what was taken
// in is finished in time. What lowers risk, and what actors say to one another, always comes in.
import type { Envelope, ServiceClass } from "../../wire/envelope.ts";
import type { Limits } from "./limits.ts";
import type { Clock, Random } from "../routing/mod.ts";

export interface Admission {
  /** Null: come in. Else for how long to stay away. */
  refuse(envelope: Envelope, service: ServiceClass): number | null;
  /** An append is over. */
  over(): void;
}

export interface AdmissionPorts {
  clock: Clock;
  random: Random;
  limits: Limits;
  /** Appends under way or waiting for a place. */
  open(): number;
}

const RATE_MS = 1_000; // appends of about the last second say how fast they go
const CROWD = 32; // fewer never wait long, however slow the last ones were
const AWAY_MS_MAX = 3_000;

/** The wait of a newcomer is the length of the queue over its speed: known before it is felt. */
export function admissionOf({ clock, random, limits, open }: AdmissionPorts): Admission {
  let recent = 0;
  let at = clock.tick();
  const faded = () => recent * Math.exp((at - clock.tick()) / RATE_MS);
  return {
    refuse({ principal: { kind } }, service) {
      const queue = open();
      if (queue < CROWD || kind === "actor" || kind === "system") return null;
      const waitMs = queue * RATE_MS / Math.max(faded(), 1);
      // From the limit to twice of it a growing share: all or nothing would swing.
      if (waitMs <= limits.shedMs[service] * (1 + random())) return null;
      return Math.ceil(Math.min(AWAY_MS_MAX, waitMs) * (0.5 + random()));
    },
    over() {
      recent = faded() + 1;
      at = clock.tick();
    },
  };
}
