// The library's way out to WeChat Pay: our transport instead of its own, so that each answer is bounded,
// in time, and verified before anybody reads it. In the sandbox the host is another, nothing else.
import { createDecipheriv } from "node:crypto";
import type WechatPay from "wechatpay-node-v3";
import {
  certificates,
  errorAnswer,
  providerSignature,
  type Sealed,
  signatureHeaders,
  SIGNED_MS_OFF_MAX,
} from "../../../wire/foreign/pay/wechat-v3.ts";
import {
  type Answer,
  BILL_BYTES_MAX,
  BILL_MS,
  json,
  type Letter,
  placed,
  type Send,
  SurelyNot,
  Unknown,
} from "../transport.ts";

type Http = Parameters<WechatPay["createHttp"]>[0];
type Headed = { header(name: string): string | null | undefined; body: string };
export type Signed =
  | { ok: true; nonce: string }
  | { ok: false; why: "unsigned" | "serial" | "signature" | "clock" };

export interface Verifier {
  verify(said: Headed): Promise<Signed>;
  /** Certificates of the provider as they came: their serials are known from now on. */
  learn(text: string): void;
}

/** A stranger's serial must not send us to the provider more often than this. */
const FETCH_MS = 60_000;

/** Verifies by the library; it fetches the provider's certificates where it needs them. */
export function createVerifier(pay: WechatPay, apiKey: string, now: () => number): Verifier {
  const serials = new Set<string>();
  let fetchedAt = -Infinity;
  let fetching: Promise<unknown> | null = null;
  return {
    async verify({ header, body }) {
      const given = providerSignature.safeParse({
        timestamp: header(signatureHeaders.timestamp) ?? undefined,
        nonce: header(signatureHeaders.nonce) ?? undefined,
        serial: header(signatureHeaders.serial) ?? undefined,
        signature: header(signatureHeaders.signature) ?? undefined,
      });
      if (!given.success) return { ok: false, why: "unsigned" };
      const { timestamp, nonce, serial } = given.data;
      if (Math.abs(now() - Number(timestamp) * 1000) > SIGNED_MS_OFF_MAX) {
        return { ok: false, why: "clock" };
      }
      // Whoever came first fetches for all.
      while (fetching && !serials.has(serial)) await fetching;
      const isStrange = !serials.has(serial);
      if (isStrange && now() - fetchedAt < FETCH_MS) return { ok: false, why: "serial" };
      const verifying = pay.verifySign({ ...given.data, body, apiSecret: apiKey });
      if (isStrange) {
        fetchedAt = now();
        fetching = verifying.catch(() => {}).finally(() => fetching = null);
      }
      const fits = await verifying
        .catch((cause: unknown) => {
          if (serials.size === 0) fetchedAt = -Infinity; // none could be had: try again
          if (cause instanceof SurelyNot || cause instanceof Unknown) throw cause;
          return null;
        });
      if (fits === null) return { ok: false, why: "serial" };
      serials.add(serial); // the library has its key, though perhaps by another's asking
      return fits ? { ok: true, nonce } : { ok: false, why: "signature" };
    },
    learn(text) {
      const parsed = certificates.safeParse(json(text));
      if (!parsed.success) throw new Unknown("certificates cannot be read: another shape");
      // The library does not check the tag, and this answer carries no other proof.
      for (const { serial_no, encrypt_certificate } of parsed.data.data) {
        if (open(encrypt_certificate, apiKey) === null) {
          throw new Unknown("certificates cannot be trusted: sealed by another key");
        }
        serials.add(serial_no);
      }
    },
  };
}

/** Null: not sealed by the holder of our APIv3 key, or altered. */
export function open({ ciphertext, nonce, associated_data }: Sealed, apiKey: string) {
  try {
    const bytes = Buffer.from(ciphertext, "base64");
    const decipher = createDecipheriv("aes-256-gcm", apiKey, nonce);
    decipher.setAuthTag(bytes.subarray(-16));
    decipher.setAAD(Buffer.from(associated_data));
    const plain = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]);
    return plain.toString("utf8");
  } catch {
    return null;
  }
}

const CERTIFICATES = "/v3/certificates";
const BILL_FILE = "/v3/billdownload/file";

export function wechatHttp(
  deps: { send: Send; verifier: Verifier; sandbox: string | undefined },
): Http {
  async function call(link: string, letter: Letter) {
    const url = placed(link, deps.sandbox);
    const isFile = url.pathname === BILL_FILE;
    const more = isFile ? { bytesMax: BILL_BYTES_MAX, ms: BILL_MS } : {};
    const answer = await deps.send(url, { ...letter, ...more });
    if (url.pathname === CERTIFICATES) deps.verifier.learn(answer.text);
    // A file has no signature: its hash stood in the signed answer before it.
    else if (!isFile) await trusted(answer, deps.verifier);
    if (answer.status >= 500) throw new Unknown(`provider failed: ${answer.status}`);
    if (answer.status === 429) throw new SurelyNot("provider is busy: 429");
    const data = isFile ? answer.text : json(answer.text);
    const { status } = answer;
    const code = status < 300 ? null : errorAnswer.safeParse(data).data?.code ?? "?";
    return { status, data, error: code };
  }
  const plain = (headers: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => name !== "Accept-Encoding")
        .map(([name, value]) => [name, String(value)]),
    );
  return {
    get: (url, headers) => call(url, { method: "GET", headers: plain(headers) }),
    post: (url, params, headers) =>
      call(url, { method: "POST", headers: plain(headers), body: JSON.stringify(params) }),
    upload: () => Promise.reject(new Unknown("nothing is uploaded to a payment provider")),
  };
}

async function trusted({ headers, text }: Answer, verifier: Verifier): Promise<void> {
  const verdict = await verifier.verify({ header: (name) => headers.get(name), body: text });
  if (!verdict.ok) throw new Unknown(`answer cannot be trusted: ${verdict.why}`);
}
