// How many notices are unread: asked at sign-in and after each notice, for the badge.
import type { DriverCalls } from "@chargeward/web-kit/driver-calls.ts";
import { readonly, shallowRef } from "vue";

export function createInbox(calls: Pick<DriverCalls, "notices">) {
  const unread = shallowRef(0);
  let asked = 0;
  async function load(): Promise<void> {
    const mine = ++asked;
    const answer = await calls.notices();
    if (answer.ok && mine === asked) unread.value = answer.body.unread;
  }
  function clear(): void {
    asked++;
    unread.value = 0;
  }
  return { unread: readonly(unread), load, clear };
}
