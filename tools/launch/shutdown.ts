// What was started so far, taken down in reverse order, once, however often it is asked for.
export class Shutdown {
  readonly #steps: (() => unknown)[] = [];
  readonly #finished = Promise.withResolvers<void>();
  #started = false;

  /** Adds what must go down before everything added earlier; at once if it comes too late. */
  add(step: () => unknown): void {
    if (this.#started) void step();
    else this.#steps.unshift(step);
  }

  get started(): boolean {
    return this.#started;
  }

  /** Settles when everything is down. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Takes everything down; a step that fails does not keep the others up. */
  run(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      void this.#all().then(this.#finished.resolve);
    }
    return this.finished;
  }

  async #all(): Promise<void> {
    for (const step of this.#steps) {
      try {
        await step();
      } catch (cause) {
        console.error(`chargeward: could not stop something: ${String(cause)}`);
      }
    }
  }
}
