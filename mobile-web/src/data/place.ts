// Where the driver is, if the driver allows it; never asked for without a tap.
import { readonly, shallowRef } from "vue";

export type PlaceState = "unasked" | "asking" | "known" | "denied";

export function usePlace() {
  const near = shallowRef<string | null>(null);
  const state = shallowRef<PlaceState>("unasked");

  function ask(): Promise<void> {
    state.value = "asking";
    return new Promise((done) => {
      const fail = () => {
        state.value = "denied";
        done();
      };
      if (!("geolocation" in navigator)) return fail();
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          near.value = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`;
          state.value = "known";
          done();
        },
        fail,
        { timeout: 8000, maximumAge: 60_000 },
      );
    });
  }

  /** Without a tap only where it was allowed before. */
  async function askIfAllowed(): Promise<void> {
    const permission = await navigator.permissions?.query({ name: "geolocation" })
      .catch(() => null);
    if (permission?.state === "granted") await ask();
  }

  return { near: readonly(near), state: readonly(state), ask, askIfAllowed };
}
