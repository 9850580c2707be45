// The provider's side of WeChat Pay's signatures: checks the platform's requests, signs answers and
// callbacks, seals what only the holder of the APIv3 key may read.
import {
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import {
  ALGORITHM,
  answerText,
  type Authorization,
  parseAuthorization,
  requestText,
  type Sealed,
  signatureHeaders,
  SIGNED_MS_OFF_MAX,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import { certificateOf, serialOf } from "./certificate.ts";

const NONCES_MAX = 100_000; // five minutes of requests, far more than a sandbox gets

export interface WechatCrypto {
  /** Who asks; or why the request is refused. */
  check(
    method: string,
    target: string,
    header: string,
    body: string,
  ): { who: Authorization } | { refused: string };
  sign(body: string): Record<string, string>;
  /** A signature by a stranger's key: looks right, is not. */
  forge(body: string): Record<string, string>;
  seal(plain: string, associated: string): Sealed;
  serial: string;
  certificate: string;
}

export interface WechatKeys {
  privateKey: string;
  platformPublicKey: string;
  /** The merchant's APIv3 key: 32 characters. */
  apiKey: string;
}

export function wechatCrypto(keys: WechatKeys, now: () => number): WechatCrypto {
  const own = createPrivateKey(keys.privateKey);
  const serial = serialOf(own);
  const platform = createPublicKey(keys.platformPublicKey);
  const seen = new Set<string>();
  let stranger: KeyObject | null = null;

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
    check(method, target, header, body) {
      const who = parseAuthorization(header);
      if (!who) return { refused: "authorization header unreadable" };
      const text = requestText(method, target, who.timestamp, who.nonce_str, body);
      const fits = createVerify("RSA-SHA256").update(text)
        .verify(platform, who.signature, "base64");
      if (!fits) return { refused: "signature does not fit" };
      const isOld = Math.abs(now() - Number(who.timestamp) * 1000) > SIGNED_MS_OFF_MAX;
      if (isOld) return { refused: "too old" };
      if (seen.has(who.nonce_str)) return { refused: "nonce used before" };
      seen.add(who.nonce_str);
      if (seen.size > NONCES_MAX) seen.delete(seen.keys().next().value!);
      return { who };
    },
    sign: (body) => headersOf(own, body),
    forge: (body) => {
      stranger ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      return headersOf(stranger, body);
    },
    seal: (plain, associated) => seal(keys.apiKey, plain, associated),
    serial,
    certificate: certificateOf(own),
  };
}

function seal(apiKey: string, plain: string, associated: string): Sealed {
  const nonce = randomBytes(6).toString("hex"); // twelve characters
  const cipher = createCipheriv("aes-256-gcm", apiKey, nonce);
  cipher.setAAD(Buffer.from(associated));
  const parts = [cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()];
  const ciphertext = Buffer.concat(parts).toString("base64");
  return { algorithm: ALGORITHM, ciphertext, associated_data: associated, nonce };
}
