// One simulated process: what reaches it waits while it is paused and is dropped once it is dead. A
// paused one goes on with its old memory when it comes back: a zombie.
import type { Clock } from "../../server/runtime/mod.ts";
import { EPOCH, type Time } from "./time.ts";

export class Process {
  state: "up" | "paused" | "dead" = "up";
  /** How far its wall clock is off. */
  skewMs = 0;
  #waiting: (() => void)[] = [];

  constructor(readonly name: string, readonly time: Time) {}

  /** Runs inside the process, now or when it goes on. */
  enter(run: () => void): void {
    if (this.state === "up") run();
    else if (this.state === "paused") this.#waiting.push(run);
  }

  pause(): void {
    if (this.state === "up") this.state = "paused";
  }
  resume(): void {
    if (this.state !== "paused") return;
    this.state = "up";
    for (const run of this.#waiting.splice(0)) this.time.after(0, () => this.enter(run));
  }
  die(): void {
    this.state = "dead";
    this.#waiting = [];
  }

  /** The answer of a request that leaves the process. */
  call<T>(begin: () => Promise<T>): Promise<T> {
    return new Promise((done, failed) => {
      if (this.state === "dead") return;
      begin().then(
        (value) => this.enter(() => done(value)),
        (error) => this.enter(() => failed(error)),
      );
    });
  }

  readonly clock: Clock = {
    now: () => EPOCH + Math.floor(this.time.tick + this.skewMs),
    tick: () => this.time.tick,
    after: (ms, run) => {
      let cancelled = false;
      const timer = this.time.after(ms, () =>
        this.enter(() => {
          if (!cancelled) run();
        }));
      return {
        cancel() {
          cancelled = true;
          timer.cancel();
        },
      };
    },
  };
}
