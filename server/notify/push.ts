// Web push (RFC 8030, 8291, 8292): who may be called, and one encrypted, signed call. Browsers bring the
// address, so it is a stranger's: only known push services are called, never redirected, bounded.
import { createECDH } from "node:crypto";
import { encryptNotification } from "@block65/webcrypto-web-push";
import { importJWK, SignJWT } from "jose";
import { nameOf, type PushSubscription, type SendBy, type Sent, sent, unsent } from "./ways.ts";

/** Push services of the browsers; more by the setting CHARGEWARD_PUSH_HOSTS. */
export const PUSH_HOSTS = [
  "fcm.googleapis.com",
  "*.push.services.mozilla.com",
  "*.notify.windows.com",
  "*.push.apple.com",
];
const CALL_MS = 5_000;
const TTL_S = 24 * 3600; // older news is in the inbox
const SIGNED_FOR = "12 hours"; // RFC 8292: 24 at most, and clocks differ
const TOPIC_CHARS = 32; // RFC 8030: a newer message of the same topic takes the place of the older

export interface PushKeys {
  publicKey: string;
  privateKey: string;
}
export interface PushSettings {
  keys: PushKeys;
  /** Whom a push service asks about us: `mailto:` or `https:`. */
  contact: string;
  /** Allowed beside the known ones: `host` or `host:port`, `*.` for its subdomains. */
  hosts: readonly string[];
}

/** True: that address belongs to a push service that we call. Plain http only on this machine. */
export function mayPushTo(endpoint: string, more: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "") return false;
  const named = (list: readonly string[]) =>
    list.some((name) =>
      name.startsWith("*.")
        ? url.hostname.endsWith(name.slice(1)) && url.port === ""
        : name === url.host
    );
  if (url.protocol === "http:") return url.hostname === "127.0.0.1" && named(more);
  return url.protocol === "https:" && named([...PUSH_HOSTS, ...more]);
}

/** A P-256 pair as VAPID has it: the whole point and the scalar, base64url. */
export function newPushKeys(): PushKeys {
  const ecdh = createECDH("prime256v1");
  const publicKey = ecdh.generateKeys("base64url");
  const scalar = ecdh.getPrivateKey(); // without leading zeros
  const whole = Buffer.concat([Buffer.alloc(32 - scalar.length), scalar]);
  return { publicKey, privateKey: whole.toString("base64url") };
}

export function pushWay(settings: PushSettings): SendBy {
  return async ({ devices }, message, deviceId) => {
    const subscription = devices[deviceId];
    if (!subscription) return unsent("way.gone", "no such device");
    if (!mayPushTo(subscription.endpoint, settings.hosts)) {
      return unsent("way.gone", "not a push service");
    }
    const { title, body, path, id, code } = message;
    const payload = JSON.stringify({ id, code, title, body, path });
    try {
      return verdictOf(await post(subscription, payload, topicOf(message.key), settings));
    } catch (error) {
      return unsent("way.failed", nameOf(error)); // its message holds the address
    }
  };
}

const topicOf = (key: string): string => Buffer.from(key).toString("base64url").slice(-TOPIC_CHARS);

async function post(
  { endpoint, keys }: PushSubscription,
  payload: string,
  topic: string,
  settings: PushSettings,
): Promise<number> {
  const sealed = await encryptNotification(
    { endpoint, keys, expirationTime: null },
    new TextEncoder().encode(payload),
  );
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: {
      Authorization: await signed(new URL(endpoint).origin, settings),
      "Content-Encoding": "aes128gcm",
      "Content-Type": "application/octet-stream",
      TTL: String(TTL_S),
      Topic: topic,
      Urgency: "high",
    },
    body: new Uint8Array(sealed),
    redirect: "manual",
    signal: AbortSignal.timeout(CALL_MS),
  });
  await answer.body?.cancel(); // nothing in it counts
  return answer.status;
}

/** RFC 8292: who calls that push service, and whom it may ask. */
async function signed(audience: string, { keys, contact }: PushSettings): Promise<string> {
  const { publicKey, privateKey: d } = keys;
  const point = Buffer.from(publicKey, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString("base64url")
  );
  const key = await importJWK({ kty: "EC", crv: "P-256", x: x!, y: y!, d }, "ES256");
  const token = await new SignJWT({ sub: contact })
    .setProtectedHeader({ typ: "JWT", alg: "ES256" })
    .setAudience(audience)
    .setExpirationTime(SIGNED_FOR)
    .sign(key);
  return `vapid t=${token}, k=${publicKey}`;
}

/** RFC 8030: 404 and 410 end a subscription; too large or malformed will never go. */
function verdictOf(status: number): Sent {
  if (status >= 200 && status < 300) return sent;
  const why = `push service answered ${status}`;
  if (status === 404 || status === 410) return unsent("way.gone", why);
  if ([400, 401, 403, 413].includes(status)) return unsent("way.refused", why);
  return unsent("way.failed", why); // redirects too: nobody sends us elsewhere
}
