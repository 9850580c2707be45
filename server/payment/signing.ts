// The platform's side of the provider's signatures: signs requests, checks answers and callbacks.
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import {
  answerText,
  authorizationHeader,
  providerSignature,
  requestText,
  signatureHeaders,
  SIGNED_MS_OFF_MAX,
} from "../../wire/foreign/pay/wechat-v3.ts";

export type Verdict =
  | { ok: true; nonce: string; timestamp: number }
  | { ok: false; why: "unsigned" | "serial" | "signature" | "clock" };

export interface Signing {
  authorization(mchid: string, method: string, target: string, body: string): string;
  verify(header: (name: string) => string | null | undefined, body: string): Verdict;
}

/** Short name of a key pair, the same for whoever holds either half. */
const serialOf = (key: KeyObject): string =>
  createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("hex")
    .slice(0, 16);

export function createSigning(
  deps: { payKey: string; providerPublicKey: string; now(): number },
): Signing {
  const own = createPrivateKey(deps.payKey);
  const ownSerial = serialOf(createPublicKey(own));
  const provider = createPublicKey(deps.providerPublicKey);
  const serial = serialOf(provider);
  return {
    authorization(mchid, method, target, body) {
      const timestamp = String(Math.floor(deps.now() / 1000));
      const nonce = randomBytes(16).toString("hex");
      const text = requestText(method, target, timestamp, nonce, body);
      const signature = createSign("RSA-SHA256").update(text).sign(own, "base64");
      return authorizationHeader({
        mchid,
        nonce_str: nonce,
        timestamp,
        serial_no: ownSerial,
        signature,
      });
    },
    verify(header, body) {
      const given = providerSignature.safeParse({
        timestamp: header(signatureHeaders.timestamp) ?? undefined,
        nonce: header(signatureHeaders.nonce) ?? undefined,
        serial: header(signatureHeaders.serial) ?? undefined,
        signature: header(signatureHeaders.signature) ?? undefined,
      });
      if (!given.success) return { ok: false, why: "unsigned" };
      const { timestamp, nonce, signature } = given.data;
      if (given.data.serial !== serial) return { ok: false, why: "serial" };
      const text = answerText(timestamp, nonce, body);
      const fits = createVerify("RSA-SHA256").update(text).verify(provider, signature, "base64");
      if (!fits) return { ok: false, why: "signature" };
      const at = Number(timestamp) * 1000;
      if (Math.abs(deps.now() - at) > SIGNED_MS_OFF_MAX) return { ok: false, why: "clock" };
      return { ok: true, nonce, timestamp: at };
    },
  };
}
