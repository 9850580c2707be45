// A button that changes something: locked while it works, one key per intention, refusal kept to show.
import { readonly, type Ref, shallowRef } from "vue";
import type { Safeguard } from "../wire/safeguards.ts";
import type { Answer, Refused } from "./api.ts";
import { newTap, type Tap } from "./taps.ts";

export interface Action<Body, T> {
  busy: Readonly<Ref<boolean>>;
  refused: Readonly<Ref<Refused | null>>;
  /** Undefined: refused, or another run is still going. */
  run(body: Body): Promise<T | undefined>;
  clear(): void;
}

/**
 * Where the outcome of a run is open (no answer, time-out), the next run with the same body is the
 * same intention: it goes out under the same key. Anything else is a new tap.
 * `without`: what a drill has switched off; no page gives it.
 */
export function useAction<Body, T>(
  act: (body: Body, tap: Tap) => Promise<Answer<T>>,
  without: ReadonlySet<Safeguard> = new Set(),
): Action<Body, T> {
  const busy = shallowRef(false);
  const refused = shallowRef<Refused | null>(null);
  let open: { tap: Tap; body: string } | null = null;

  async function run(body: Body): Promise<T | undefined> {
    if (busy.value && !without.has("tap.button-locks")) return undefined;
    busy.value = true;
    refused.value = null;
    const text = JSON.stringify(body) ?? "";
    const tap = open?.body === text ? open.tap : newTap();
    try {
      const answer = await act(body, tap);
      if (answer.ok) {
        open = null;
        return answer.body;
      }
      open = answer.refused.retry === "same-key" ? { tap, body: text } : null;
      refused.value = answer.refused;
      return undefined;
    } finally {
      busy.value = false;
    }
  }

  return {
    busy: readonly(busy),
    refused,
    run,
    clear: () => (refused.value = null),
  };
}
