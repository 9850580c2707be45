// An operator's sign-in: the session itself is a cookie, the page holds only who it is and the CSRF word.
import { computed, shallowRef } from "vue";
import type { OpsSession } from "../wire/http-ops.ts";
import { createApi, type Session } from "./api.ts";

export function createOpsSession(bare = createApi()) {
  const session = shallowRef<OpsSession | null>(null);
  const requests: Session = {
    headers(): Record<string, string> {
      return session.value === null ? {} : { "x-csrf": session.value.csrf };
    },
    renew: () => load(),
  };

  /** Reads the session behind the cookie: after a reload, or when a request was refused. */
  async function load(): Promise<boolean> {
    const answer = await bare<OpsSession>("GET", "/ops/auth/session");
    if (answer.ok) session.value = answer.body;
    else if (answer.refused.status === 401) session.value = null;
    return answer.ok;
  }

  return {
    session,
    user: computed(() => session.value?.user ?? null),
    requests,
    load,
    start: (next: OpsSession) => (session.value = next),
    end: () => (session.value = null),
  };
}
export type OpsUserSession = ReturnType<typeof createOpsSession>;
