// What every page of the console works with: the sign-in, the calls, the live link.
import { connectLive, createApi, type LinkState, type Live } from "@chargeward/web-kit/mod.ts";
import { opsCalls } from "@chargeward/web-kit/ops-calls.ts";
import { createOpsSession } from "@chargeward/web-kit/ops-session.ts";
import { computed, inject, type InjectionKey, shallowRef, watch } from "vue";
import type { Alert } from "../../wire/live.ts";

export function createPlatform(tell: (alert: Alert) => void = () => {}) {
  const session = createOpsSession();
  const calls = opsCalls(createApi({ session: session.requests }));
  const link = shallowRef<Live | null>(null);

  async function token(): Promise<string | null> {
    const answer = await calls.liveToken();
    return answer.ok ? answer.body.token : null;
  }

  /** One connection for the whole page, opened by the first who needs it. */
  function live(): Live {
    link.value ??= connectLive({ namespace: "/ops", token, alert: tell });
    return link.value;
  }

  watch(() => session.user.value?.id, (id) => {
    link.value?.close();
    link.value = null;
    if (id !== undefined) live().watch("alerts", {});
  });

  const linkState = computed<LinkState | null>(() => link.value?.state.value ?? null);
  return { session, calls, live, linkState };
}
export type Platform = ReturnType<typeof createPlatform>;

export const platformKey: InjectionKey<Platform> = Symbol("platform");

export function usePlatform(): Platform {
  return inject(platformKey)!;
}
