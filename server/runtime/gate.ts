// At most so many of something at once; the rest wait in order.
export interface Gate {
  enter(): Promise<void>;
  leave(): void;
  /** Inside and waiting. */
  load(): number;
}

export function gateOf(places: number): Gate {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return {
    enter() {
      if (inside < places) {
        inside++;
        return Promise.resolve();
      }
      return new Promise((enter) => waiting.push(enter));
    },
    leave() {
      const next = waiting.shift();
      if (next) next(); // the place passes on
      else inside--;
    },
    load: () => inside + waiting.length,
  };
}
