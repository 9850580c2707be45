// A driver's sign-in: tokens kept over reloads, renewed once for many waiting requests.
import { computed, shallowRef } from "vue";
import type * as z from "zod";
import type { refreshed, Session as SignedIn } from "../wire/http.ts";
import { createApi, type Session } from "./api.ts";

type Tokens = z.infer<typeof refreshed>;

const STORED = "chargeward.session";
const EARLY_MS = 60_000; // renewed before it runs out, so that a tap does not wait for it

function stored(): Tokens | null {
  try {
    const tokens = JSON.parse(localStorage.getItem(STORED) ?? "null") as Tokens | null;
    return typeof tokens?.refresh === "string" ? tokens : null;
  } catch {
    return null;
  }
}

/** A refresh token used twice ends the session: the tabs of one browser take turns. */
function alone(work: () => Promise<boolean>): Promise<boolean> {
  // missing where the page is not served securely
  const locks = navigator.locks as LockManager | null | undefined;
  return locks?.request(STORED, work) ?? work();
}

export function createDriverSession(bare = createApi()) {
  const tokens = shallowRef<Tokens | null>(stored());
  let renewing: Promise<boolean> | null = null;
  const signedIn = computed(() => tokens.value !== null);

  function keep(next: Tokens | null) {
    tokens.value = next;
    if (next === null) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, JSON.stringify(next));
  }

  async function renewOnce(): Promise<boolean> {
    // another tab may have renewed already: a refresh token is good once
    const newest = stored();
    if (newest !== null && newest.token !== tokens.value?.token) {
      tokens.value = newest;
      return true;
    }
    const refresh = tokens.value?.refresh;
    if (refresh === undefined) return false;
    const answer = await bare<Tokens>("POST", "/auth/refresh", { body: { refresh } });
    if (answer.ok) keep(answer.body);
    else if (answer.refused.status === 401 || answer.refused.status === 400) keep(null);
    return answer.ok;
  }

  const renew = (): Promise<boolean> => {
    renewing ??= alone(renewOnce).finally(() => (renewing = null));
    return renewing;
  };

  const requests: Session = {
    headers(): Record<string, string> {
      const token = tokens.value?.token;
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    },
    renew,
  };

  return {
    signedIn,
    /** Changes with every renewal: the live link is given the new one. */
    access: computed(() => tokens.value?.token ?? null),
    requests,
    start: (session: SignedIn) =>
      keep({ token: session.token, refresh: session.refresh, expiresAt: session.expiresAt }),
    end: () => keep(null),
    /** Token for the live handshake; renewed first where it was refused or is about to end. */
    async token(fresh: boolean): Promise<string | null> {
      if (tokens.value === null) return null;
      const left = Date.parse(tokens.value.expiresAt) - Date.now();
      if (fresh || left < EARLY_MS) await renew();
      return tokens.value?.token ?? null;
    },
  };
}
export type DriverSession = ReturnType<typeof createDriverSession>;
