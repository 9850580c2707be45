// How a person is reached: language, phone, mail, browsers that take pushes. All of it lies in the vault.
import { createHash } from "node:crypto";
import type { Bucket, Directory } from "../../ports.ts";
import type { Vault } from "./vault.ts";

export interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}
export interface PersonReach {
  language: "zh" | "en";
  phone?: string;
  mail?: string;
  devices: Readonly<Record<string, Subscription>>;
}
export interface Reaches {
  /** Null: nobody knows this person. */
  of(tenant: string, userId: string): Promise<PersonReach | null>;
  set(
    tenant: string,
    userId: string,
    change: { language?: "zh" | "en"; mail?: string | null },
  ): Promise<boolean>;
  /** `before`: whose browser it was, where somebody else signed in there since. */
  putDevice(
    tenant: string,
    userId: string,
    subscription: Subscription,
  ): Promise<{ deviceId: string; before: string | null }>;
  forgetDevice(tenant: string, userId: string, deviceId: string): Promise<void>;
}

const DEVICE = "push/";

export async function createReaches(directory: Directory, vault: Vault): Promise<Reaches> {
  const owners: Bucket<string> = await directory.bucket<string>("push-owners");
  return {
    async of(tenant, userId) {
      const fields = await vault.get(tenant, userId);
      return fields && reachIn(fields);
    },
    set: (tenant, userId, change) => vault.change(tenant, userId, change),
    async putDevice(tenant, userId, subscription) {
      const deviceId = deviceIdOf(subscription.endpoint);
      const name = `${tenant}/${deviceId}`;
      const owner = (await owners.get(name))?.value ?? null;
      const before = owner === userId ? null : owner;
      if (before !== null) await vault.change(tenant, before, { [DEVICE + deviceId]: null });
      await vault.change(tenant, userId, { [DEVICE + deviceId]: JSON.stringify(subscription) });
      await owners.put(name, userId);
      return { deviceId, before };
    },
    async forgetDevice(tenant, userId, deviceId) {
      await vault.change(tenant, userId, { [DEVICE + deviceId]: null });
      const found = await owners.get(`${tenant}/${deviceId}`);
      if (found?.value === userId) await owners.delete(`${tenant}/${deviceId}`);
    },
  };
}

/** An endpoint is a secret: whoever has it may push. Its digest names the device. */
const deviceIdOf = (endpoint: string): string =>
  `dev_${createHash("sha256").update(endpoint).digest("base64url").slice(0, 32)}`;

function reachIn(fields: Record<string, string>): PersonReach {
  const { phone, mail, language } = fields;
  const devices = Object.entries(fields).filter(([name]) => name.startsWith(DEVICE))
    .map(([name, text]) => [name.slice(DEVICE.length), JSON.parse(text) as Subscription]);
  return {
    language: language === "en" ? "en" : "zh",
    ...(phone ? { phone } : {}),
    ...(mail ? { mail } : {}),
    devices: Object.fromEntries(devices) as Record<string, Subscription>,
  };
}
