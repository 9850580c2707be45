// A push service as browsers have one (RFC 8030): hands out secret addresses, checks who signed a
// message (RFC 8292), and keeps it sealed: only the browser behind the address can open it.
import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";

/** A message as it lies there. */
export interface Sealed {
  at: number;
  /** aes128gcm (RFC 8291), base64url. */
  body: string;
  topic: string | null;
  urgency: string | null;
  ttl: number;
  /** Whom the service may ask about the sender. */
  contact: unknown;
}
export interface Delivery {
  header(name: string): string | null;
  body: Uint8Array;
  /** Of this service, as the sender called it. */
  origin: string;
}
interface Box {
  /** VAPID key that its browser subscribed with. */
  key: string;
  sealed: Sealed[];
}

const BODY_BYTES_MAX = 4_096; // what RFC 8030 asks every service to take
const BOXES_MAX = 1_000;
const SEALED_MAX = 50;

export class PushService {
  readonly #boxes = new Map<string, Box>();

  /** Where messages signed by that key are taken. */
  subscribe(key: string): string {
    const path = `/push/box/${randomBytes(12).toString("base64url")}`;
    this.#boxes.set(path, { key, sealed: [] });
    const [oldest] = this.#boxes.keys();
    if (this.#boxes.size > BOXES_MAX && oldest !== undefined) this.#boxes.delete(oldest);
    return path;
  }

  /** Oldest first; null: no such address. */
  sealedAt(path: string): readonly Sealed[] | null {
    return this.#boxes.get(path)?.sealed ?? null;
  }

  /** The status that the sender is answered. */
  async take(path: string, { header, body, origin }: Delivery): Promise<number> {
    const box = this.#boxes.get(path);
    if (!box) return 410;
    if (body.length > BODY_BYTES_MAX) return 413;
    const ttl = Number(header("ttl") ?? "none");
    if (header("content-encoding") !== "aes128gcm" || !Number.isInteger(ttl)) return 400;
    const signed = await signedBy(header("authorization") ?? "", box.key, origin);
    if (signed === null) return 403;
    const [topic, urgency] = [header("topic"), header("urgency")];
    const text = Buffer.from(body).toString("base64url");
    box.sealed.push({ at: Date.now(), body: text, topic, urgency, ttl, contact: signed.contact });
    if (box.sealed.length > SEALED_MAX) box.sealed.shift();
    return 201;
  }
}

/** A VAPID signature by that key for this very origin; null: it is none. */
async function signedBy(
  authorization: string,
  publicKey: string,
  audience: string,
): Promise<{ contact: unknown } | null> {
  const [, token = "", key = ""] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization) ?? [];
  try {
    if (key !== publicKey || decodeProtectedHeader(token).alg !== "ES256") return null;
    const point = Buffer.from(key, "base64url");
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
      half.toString("base64url")
    );
    const known = await importJWK({ kty: "EC", crv: "P-256", x: x!, y: y! }, "ES256");
    const { payload } = await jwtVerify(token, known, { audience });
    return { contact: payload.sub };
  } catch {
    return null; // forged, stale, for somebody else, or no token at all
  }
}
