// What a drill changes while it runs, in the demo alone: safeguards off and times shortened for its own
// piles and people. It comes in with each command, so that nobody else on the platform notices.
import type { AnyActor, Ctx } from "../actors/kit/mod.ts";
import { drillMode, type DrillModeBody } from "../wire/drill.ts";
import type { Safeguard } from "../wire/safeguards.ts";
import { type ChargingSettings, chargingSettings } from "../wire/settings.ts";
import { auditRequested, drillModeSubject, drillRequested } from "../wire/subjects.ts";
import type { Bus, Clock } from "./ports.ts";

type Off = ReadonlySet<Safeguard>;
type Facts = Record<string, unknown> | null | undefined;
const NONE: Off = new Set();

/** At one time: a suite plays a few side by side, each with its own piles and people. */
export const DRILLS_MAX = 8;

interface Running {
  ids: ReadonlySet<string>;
  without: Off;
  settings: ChargingSettings;
  /** On the clock's monotonic side: a run that died is forgotten. */
  until: number;
}

export class DrillMode {
  readonly #running = new Map<string, Running>();

  /** `always`: off for everybody, by the setting of a demo server. */
  constructor(
    private readonly clock: Pick<Clock, "tick">,
    private readonly settings: ChargingSettings,
    private readonly always: Off = NONE,
  ) {}

  /** False: no seat is free, or one of these belongs to another run. `forMs` 0 gives them back. */
  set({ runId, ids, without, settings, forMs }: DrillModeBody): boolean {
    const running = this.#now();
    if (forMs === 0) {
      running.delete(runId);
      return true;
    }
    if (!running.has(runId) && running.size >= DRILLS_MAX) return false;
    for (const [other, theirs] of running) {
      if (other !== runId && ids.some((id) => theirs.ids.has(id))) return false;
    }
    running.set(runId, {
      ids: new Set(ids),
      without: new Set(without),
      settings: chargingSettings.parse({ ...this.settings, ...settings }),
      until: this.clock.tick() + forMs,
    });
    return true;
  }

  /** What is off for whoever one of these ids belongs to. */
  without(...ids: readonly (string | undefined)[]): Off {
    const running = this.#of(ids);
    return running && running.without.size > 0
      ? new Set([...this.always, ...running.without])
      : this.always;
  }

  /** Of each run that goes on: who belongs to it, and in which times. */
  get runs(): readonly Pick<Running, "ids" | "settings">[] {
    return [...this.#now().values()];
  }

  /** The actor as the run's own piles and people meet it; for others it is as ever. */
  over(actor: AnyActor): AnyActor {
    const within = <C extends Ctx>(ctx: C, state: unknown, command?: Facts): C => {
      const ids = idsIn(ctx, state as Facts, command);
      const running = this.#of(ids);
      if (!running && this.always.size === 0) return ctx;
      const settings = running?.settings ?? ctx.settings;
      return { ...ctx, settings, without: this.without(...ids) };
    };
    return {
      ...actor,
      decide: (state, command, ctx) => actor.decide(state, command, within(ctx, state, command)),
      react: (event, state, ctx) => actor.react(event, state, within(ctx, state)),
      read: (name, state, memory, query, ctx) =>
        actor.read(name, state, memory, query, within(ctx, state)),
      ...(actor.signal && {
        signal: (state, memory, signal, ctx) => {
          const settings = this.#of([ctx.self.id])?.settings ?? ctx.settings;
          return actor.signal!(state, memory, signal, { ...ctx, settings });
        },
      }),
    };
  }

  #now(): Map<string, Running> {
    const tick = this.clock.tick();
    for (const [runId, { until }] of this.#running) {
      if (tick >= until) this.#running.delete(runId);
    }
    return this.#running;
  }
  #of(ids: readonly (string | undefined)[]): Running | null {
    if (this.#running.size === 0) return null;
    for (const running of this.#now().values()) {
      if (ids.some((id) => id !== undefined && running.ids.has(id))) return running;
    }
    return null;
  }
}

/** Every name by which a turn may belong to a run: its actor, pile, user, or who asks. */
function idsIn({ self, principal }: Ctx, state: Facts, command: Facts): (string | undefined)[] {
  const named = [state, command].flatMap((facts) => [facts?.pileId, facts?.userId]);
  return [self.id, principal.id, ...named.map((id) => typeof id === "string" ? id : undefined)];
}

/** Every process of the platform has the same mode: set by whoever serves the route. */
export function followDrillMode(bus: Bus, mode: DrillMode): { stop(): void } {
  return bus.subscribe(drillModeSubject, ({ data }) => {
    const parsed = drillMode.safeParse(data);
    if (parsed.success) mode.set(parsed.data);
  });
}

/** Who knows later whose books a drill made wrong. */
interface People {
  keep(runId: string, ids: readonly string[], until: number): Promise<void>;
  end(runId: string, at: number): Promise<void>;
}
interface DoorDeps {
  bus: Bus;
  clock: Pick<Clock, "after" | "now">;
  drills: DrillMode | null;
}

/** What the HTTP gateway is given of it in the demo. */
export function drillDoor({ bus, clock, drills }: DoorDeps, people: People) {
  return {
    async setMode(mode: DrillModeBody): Promise<boolean> {
      const { runId, ids, without, forMs } = mode;
      if (!drills?.set(mode)) return false;
      const now = clock.now();
      if (without.length > 0 && forMs > 0) await people.keep(runId, ids, now + forMs);
      bus.publish(drillModeSubject, mode);
      if (without.length > 0 && forMs === 0) {
        await people.end(runId, now);
        bus.publish(auditRequested, {}); // what it made wrong is no news any more
      }
      return true;
    },
    without: (...ids: readonly (string | undefined)[]) => drills?.without(...ids) ?? NONE,
    sayRequested: () => bus.publish(drillRequested, {}),
    async requested(ms: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const ear = bus.subscribe(drillRequested, () => resolve());
      const timer = clock.after(ms, resolve);
      await promise;
      timer.cancel();
      ear.stop();
    },
  };
}
