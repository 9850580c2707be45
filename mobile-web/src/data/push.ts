// Pushes to this browser: asked for by a tap, kept up at each start, taken back at sign-out.
import type { DriverCalls } from "@chargeward/web-kit/driver-calls.ts";
import { newTap } from "@chargeward/web-kit/mod.ts";
import { shallowRef } from "vue";

export type PushState = "unknown" | "unsupported" | "denied" | "off" | "on";
type Calls = Pick<DriverCalls, "pushState" | "putPush" | "dropPush">;
const DEVICE = "cw-push-device";

export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  await navigator.serviceWorker.register("/sw.js").catch(() => {}); // without it all but this works
}

export function createPush(calls: Calls) {
  const state = shallowRef<PushState>("unknown");

  async function registration(): Promise<ServiceWorkerRegistration | null> {
    if (!("serviceWorker" in navigator) || !("PushManager" in globalThis)) return null;
    return await navigator.serviceWorker.getRegistration() ?? null;
  }

  /** What is the case; a browser that agreed before is put again: its address may be a new one. */
  async function look(): Promise<void> {
    const worker = await registration();
    if (worker === null) return void (state.value = "unsupported");
    if (Notification.permission === "denied") return void (state.value = "denied");
    const wanted = localStorage.getItem(DEVICE) !== null;
    if (wanted && Notification.permission === "granted") await put(worker);
    else state.value = "off";
  }

  async function put(worker: ServiceWorkerRegistration): Promise<void> {
    const known = await calls.pushState();
    if (!known.ok || known.body.publicKey === null) return void (state.value = "unsupported");
    const subscription = await worker.pushManager.getSubscription() ??
      await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: known.body.publicKey,
      });
    const { endpoint = "", keys = {} } = subscription.toJSON();
    const { p256dh = "", auth = "" } = keys;
    const answer = await calls.putPush({ endpoint, keys: { p256dh, auth } }, newTap());
    if (answer.ok) localStorage.setItem(DEVICE, answer.body.deviceId);
    state.value = answer.ok ? "on" : "unsupported";
  }

  /** By the driver's own tap: browsers ask only then. */
  async function enable(): Promise<void> {
    const worker = await registration();
    if (worker === null) return void (state.value = "unsupported");
    const answer = await Notification.requestPermission();
    if (answer !== "granted") return void (state.value = answer === "denied" ? "denied" : "off");
    await put(worker).catch(() => (state.value = "unsupported"));
  }

  async function disable(): Promise<void> {
    const deviceId = localStorage.getItem(DEVICE);
    localStorage.removeItem(DEVICE);
    state.value = "off";
    if (deviceId !== null) await calls.dropPush(deviceId, newTap());
    const subscription = await (await registration())?.pushManager.getSubscription();
    await subscription?.unsubscribe();
  }
  return { state, look, enable, disable };
}
export type Push = ReturnType<typeof createPush>;
