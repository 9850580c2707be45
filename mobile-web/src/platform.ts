// What every page of the client works with: the sign-in, the calls, the live link, what runs now.
import { connectLive, createApi, type LinkState, type Live } from "@chargeward/web-kit/mod.ts";
import type { Notice } from "../../wire/live.ts";
import { driverCalls } from "@chargeward/web-kit/driver-calls.ts";
import { createDriverSession } from "@chargeward/web-kit/driver-session.ts";
import { computed, inject, type InjectionKey, shallowRef, watch } from "vue";
import { createInbox } from "./data/inbox.ts";
import { forgetOrder } from "./data/last-order.ts";
import { createPush } from "./data/push.ts";
import { createActive } from "./data/active.ts";

const RENEW_LOOK_MS = 20_000;

export function createPlatform(tell: (notice: Notice) => void = () => {}) {
  const session = createDriverSession();
  const calls = driverCalls(createApi({ session: session.requests }));
  const link = shallowRef<Live | null>(null);
  const active = createActive(calls);
  const inbox = createInbox(calls);
  const push = createPush(calls);
  const told = (notice: Notice) => {
    tell(notice);
    void inbox.load();
  };

  /** One connection for the whole page, opened by the first who needs it. */
  function live(): Live {
    link.value ??= connectLive({ namespace: "/driver", token: session.token, notice: told });
    return link.value;
  }

  watch(session.signedIn, (signedIn) => {
    link.value?.close();
    link.value = null;
    active.clear();
    inbox.clear();
    if (!signedIn) return;
    void inbox.load();
    void push.look();
    live().watch("user:me", { changed: () => void active.load() });
    void active.load();
  }, { immediate: true });

  watch(session.access, (token) => {
    if (token !== null) link.value?.renew(token);
  });
  setInterval(() => void session.token(false), RENEW_LOOK_MS);
  // a phone that was asleep: the link and what runs are looked at before the first glance ends
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !session.signedIn.value) return;
    link.value?.wake();
    void active.load();
  });

  const linkState = computed<LinkState | null>(() => link.value?.state.value ?? null);
  /** Takes from this phone what is this driver's, while the session still stands. */
  async function leave(): Promise<void> {
    await push.disable();
    forgetOrder();
  }
  return { session, calls, live, linkState, active, inbox, push, leave };
}
export type Platform = ReturnType<typeof createPlatform>;

export const platformKey: InjectionKey<Platform> = Symbol("platform");

export function usePlatform(): Platform {
  return inject(platformKey)!;
}
