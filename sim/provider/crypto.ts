// The provider's side of the signatures: checks the platform's requests, signs answers and callbacks.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import {
  answerText,
  parseAuthorization,
  requestText,
  signatureHeaders,
  SIGNED_MS_OFF_MAX,
} from "../../wire/foreign/pay/wechat-v3.ts";

const NONCES_MAX = 100_000; // five minutes of requests, far more than a sandbox gets

export interface ProviderCrypto {
  /** Why the request is refused, or null. */
  refuse(method: string, target: string, header: string, body: string): string | null;
  sign(body: string): Record<string, string>;
  /** A signature by a stranger's key: looks right, is not. */
  forge(body: string): Record<string, string>;
}

/** Short name of a key pair, the same for whoever holds either half. */
const serialOf = (key: KeyObject): string =>
  createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("hex")
    .slice(0, 16);

export function providerCrypto(
  privatePem: string,
  platformPublicPem: string,
  now: () => number,
): ProviderCrypto {
  const own = createPrivateKey(privatePem);
  const serial = serialOf(createPublicKey(own));
  const platform = createPublicKey(platformPublicPem);
  const seen = new Map<string, number>();
  const stranger = () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

  function headersOf(key: KeyObject, body: string): Record<string, string> {
    const timestamp = String(Math.floor(now() / 1000));
    const nonce = randomBytes(16).toString("hex");
    const signature = createSign("RSA-SHA256").update(answerText(timestamp, nonce, body))
      .sign(key, "base64");
    return {
      [signatureHeaders.timestamp]: timestamp,
      [signatureHeaders.nonce]: nonce,
      [signatureHeaders.serial]: serial,
      [signatureHeaders.signature]: signature,
    };
  }
  return {
    refuse(method, target, header, body) {
      const fields = parseAuthorization(header);
      if (!fields) return "authorization header unreadable";
      const { timestamp, nonce_str, signature } = fields;
      const text = requestText(method, target, timestamp, nonce_str, body);
      const fits = createVerify("RSA-SHA256").update(text).verify(platform, signature, "base64");
      if (!fits) return "signature does not fit";
      if (Math.abs(now() - Number(timestamp) * 1000) > SIGNED_MS_OFF_MAX) return "too old";
      if (seen.has(nonce_str)) return "nonce used before";
      seen.set(nonce_str, now());
      if (seen.size > NONCES_MAX) seen.delete(seen.keys().next().value!);
      return null;
    },
    sign: (body) => headersOf(own, body),
    forge: (body) => headersOf(stranger(), body),
  };
}
