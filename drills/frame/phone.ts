// What a driver's phone shows who does not look at the app: pushes as its browser opens them, SMS.
import { type Driver, newKey } from "../../sim/mod.ts";
import { pushBrowser, type Sealed } from "../../sim/push/mod.ts";

export interface Push {
  at: number;
  /** Two of one tag are shown as one. */
  tag: string;
  title: string;
  body: string;
  path: string;
}
export interface Sms {
  at: number;
  text: string;
}
export interface Phone {
  /** About that order, oldest first. */
  pushes(orderId: string): Promise<Push[]>;
  /** Without sign-in codes, newest first. */
  sms(): Promise<Sms[]>;
}

/** Subscribes as a browser does: at its own push service, with the platform's key. */
export async function phoneOf({ api, phone }: Driver, pushUrl: string): Promise<Phone> {
  const { publicKey } = await api.get<{ publicKey: string | null }>("/v1/me/push");
  const browser = pushBrowser();
  const subscribed = await fetch(new URL("/push/subscriptions", pushUrl), {
    method: "POST",
    body: JSON.stringify({ key: publicKey }),
  });
  const { endpoint } = await subscribed.json() as { endpoint: string };
  const body = { endpoint, keys: browser.keys };
  await api.ask("PUT", "/v1/me/push", { body, key: newKey() });
  return {
    async pushes(orderId) {
      const box = await fetch(endpoint);
      const { messages } = await box.json() as { messages: Sealed[] };
      return messages.map((sealed): Push => {
        const { id, title, body, path } = browser.open(sealed) as Record<string, string>;
        return { at: sealed.at, tag: id!, title: title!, body: body!, path: path! };
      }).filter(({ path }) => path === `/orders/${orderId}`);
    },
    async sms() {
      type Item = { at: string; by: string; text: string; code?: string };
      const items = await api.get<Item[]>("/sandbox/inbox", { phone });
      return items.filter(({ by, code }) => by === "sms" && code === undefined)
        .map(({ at, text }) => ({ at: Date.parse(at), text }));
    },
  };
}
