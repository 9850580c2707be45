// While somebody waits at an actor, another node may move it: placement is only a hint. Hints of
// appends make the resident look at the journal; where hints stay away, so does a slow clock.
import type { Place } from "../routing/mod.ts";
import type { Env } from "./env.ts";

export interface Lookout {
  /** On while somebody waits. */
  keep(on: boolean): void;
}

export function lookoutOf(
  env: Env,
  place: Place,
  look: () => void,
  isOwn: (recordId: string) => boolean,
): Lookout {
  let unwatch: (() => void) | null = null;
  let regular: { cancel(): void } | null = null;
  let soon: { cancel(): void } | null = null;

  function hint(recordId: string) {
    if (isOwn(recordId)) return;
    soon ??= env.clock.after(env.limits.hintMs, () => {
      soon = null;
      look();
    });
  }
  function again() {
    regular = env.clock.after(env.limits.lookMs, () => {
      look();
      again();
    });
  }
  return {
    keep(on) {
      if (on === (unwatch !== null)) return;
      if (on) {
        unwatch = env.journal.watch(place, hint);
        again();
        return;
      }
      unwatch?.();
      unwatch = null;
      regular?.cancel();
      soon?.cancel();
      soon = null;
    },
  };
}
