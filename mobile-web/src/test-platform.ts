// For component tests: the client's platform over a scripted socket and scripted answers.
import { mount, type VueWrapper } from "@vue/test-utils";
import { type Answer, connectLive } from "@chargeward/web-kit/mod.ts";
import { FakeSocket } from "@chargeward/web-kit/fake-socket.ts";
import { type Component, computed } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { createActive } from "./data/active.ts";
import { createInbox } from "./data/inbox.ts";
import { createPush } from "./data/push.ts";
import { type Platform, platformKey } from "./platform.ts";
import { words } from "./words.ts";

export const good = <T>(body: T): Promise<Answer<T>> =>
  Promise.resolve({ ok: true, body, status: 200, replay: false });
export const refuse = (code: string, facts = {}): Promise<Answer<never>> =>
  Promise.resolve({
    ok: false,
    refused: { code, facts, retry: "never", status: 409 },
  } as Answer<never>);

/** Calls that a test does not script never answer. */
function scripted(calls: Partial<Platform["calls"]>): Platform["calls"] {
  const silent = () => new Promise<never>(() => {});
  return new Proxy(calls as Platform["calls"], {
    get: (given, name) => Reflect.get(given, name) ?? silent,
  });
}

export async function show(
  part: Component,
  props: Record<string, unknown>,
  calls: Partial<Platform["calls"]> = {},
): Promise<{ page: VueWrapper; socket: FakeSocket; router: ReturnType<typeof createRouter> }> {
  await words.use("zh-CN");
  const socket = new FakeSocket();
  const token = () => Promise.resolve("token");
  const link = connectLive({ namespace: "/driver", token, socket });
  const all = scripted(calls);
  const platform = {
    session: { signedIn: computed(() => true) },
    calls: all,
    live: () => link,
    linkState: computed(() => link.state.value),
    active: createActive(all),
    inbox: createInbox(all),
    push: createPush(all),
  } as unknown as Platform;
  const blank = { template: "<i />" };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/", name: "stations", component: blank },
      { path: "/piles/:pileId", name: "pile", component: blank },
      { path: "/piles/:pileId/reserve", name: "reserve", component: blank },
      { path: "/reservations/:reservationId", name: "reservation", component: blank },
      { path: "/orders/:orderId", name: "order", component: blank },
      { path: "/orders/:orderId/receipt", name: "receipt", component: blank },
    ],
  });
  const page = mount(part, {
    props,
    global: { plugins: [words.i18n, router], provide: { [platformKey as symbol]: platform } },
  });
  return { page, socket, router };
}
