// What a fault is to the program: a name, the stage that it needs, and what it does under load.
import type { Random } from "../../sim/mod.ts";
import { chooseProbes, type Probed, type ProbePlan, silences } from "./silence.ts";
import type { Scene, ScenePlan } from "./scene.ts";
import type { Traffic } from "./traffic.ts";

export interface Struck {
  /** How often it really met work: something died, froze or waited while commands were under way. */
  hits: number;
  /** From the fault (or, where said so, from its end) to the next answer, in ms; one an actor. */
  silencesMs: number[];
  /** What one must know to read the figures. */
  note?: string;
}

export interface Fault {
  /** Begins with its row in the fault matrix: `F1 kill -9`. */
  readonly name: string;
  readonly scene?: Partial<ScenePlan>;
  /** What is missing on this machine; null: it can be done. */
  missing?(): Promise<string | null>;
  /** Something that must stand before the stage does. */
  prepare?(): Promise<Partial<ScenePlan> & AsyncDisposable>;
  strike(stage: Stage): Promise<Struck>;
}

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

const BUSY_MS_MAX = 5_000;

/** A scene under load, and what faults do on it. */
export class Stage {
  readonly #silencesMs: number[] = [];
  #hits = 0;

  constructor(
    readonly scene: Scene,
    readonly traffic: Traffic,
    readonly random: Random,
    /** Full length, or just long enough to see that all of it works. */
    readonly isShort: boolean,
  ) {}

  /** So many rounds in a full run. */
  rounds(full: number): number {
    return this.isShort ? Math.max(1, Math.round(full / 3)) : full;
  }
  /** So long in a full run. */
  span(fullMs: number): Promise<void> {
    return pause(this.isShort ? Math.min(fullMs, 6_000) : fullMs);
  }

  anyNode(): number {
    return Math.floor(this.random.next() * this.scene.nodes.length);
  }
  othersThan(victim: number): number[] {
    return this.scene.nodes.map((_, n) => n).filter((n) => n !== victim);
  }

  probes(victim?: number): Promise<Probed[]> {
    return chooseProbes(this.scene, this.traffic.charges, victim);
  }

  /** Some moment with a command under way. */
  async busyMoment(): Promise<boolean> {
    await pause(this.random.between(0, 1_500));
    const until = performance.now() + BUSY_MS_MAX;
    while (this.scene.phones.underWay === 0) {
      if (performance.now() > until) return false;
      await pause(1);
    }
    return true;
  }

  hit(count = 1): void {
    this.#hits += count;
  }
  /** Asks from now on; the silences are counted. */
  async listen(probes: readonly Probed[], plan: ProbePlan = {}): Promise<void> {
    this.#silencesMs.push(...await silences(this.scene, probes, plan));
  }
  struck(note?: string): Struck {
    const all = { hits: this.#hits, silencesMs: this.#silencesMs };
    return note === undefined ? all : { ...all, note };
  }
}

/** Several, one after the other, on one stage; it counts as hit only if each of them hit. */
export const together = (name: string, faults: readonly Fault[]): Fault => ({
  name,
  async strike({ scene, traffic, random, isShort }) {
    const all: Struck[] = [];
    for (const fault of faults) {
      all.push(await fault.strike(new Stage(scene, traffic, random, isShort)));
    }
    return {
      hits: all.some(({ hits }) => hits === 0) ? 0 : all.reduce((sum, { hits }) => sum + hits, 0),
      silencesMs: all.flatMap(({ silencesMs }) => silencesMs),
    };
  },
});
