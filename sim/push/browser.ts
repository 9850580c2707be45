// The browser behind a push address: its keys, and what it reads of a sealed message.
import { createECDH, randomBytes } from "node:crypto";
import ece from "http_ece";
import type { Sealed } from "./service.ts";

export interface BrowserKeys {
  p256dh: string;
  auth: string;
}
export interface PushBrowser {
  readonly keys: BrowserKeys;
  /** The message as its page's worker gets it; throws where it was sealed for somebody else. */
  open(sealed: Pick<Sealed, "body">): Record<string, unknown>;
}

export function pushBrowser(): PushBrowser {
  const ecdh = createECDH("prime256v1");
  const p256dh = ecdh.generateKeys("base64url");
  const auth = randomBytes(16).toString("base64url");
  return {
    keys: { p256dh, auth },
    open({ body }) {
      const sealed = Buffer.from(body, "base64url");
      const how = { version: "aes128gcm", privateKey: ecdh, authSecret: auth };
      return JSON.parse(ece.decrypt(sealed, how).toString("utf8")) as Record<string, unknown>;
    },
  };
}
