// The provider's side of Alipay's signatures (RSA2): checks signed forms, signs answers and notices.
import {
  createPrivateKey,
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { signedText } from "../../../wire/foreign/pay/alipay.ts";

type Fields = Record<string, string>;
export interface AlipayCrypto {
  /** Does the platform's signature fit the form? */
  fits(fields: Fields): boolean;
  /** The answer's text with its signature: it covers the bytes of the inner object. */
  answer(method: string, body: unknown): string;
  /** The notice's fields with their signature. */
  sign(fields: Fields): Fields;
  forge(fields: Fields): Fields;
}

export function alipayCrypto(privateKey: string, platformPublicKey: string): AlipayCrypto {
  const own = createPrivateKey(privateKey);
  const platform = createPublicKey(platformPublicKey);
  let stranger: KeyObject | null = null;
  const by = (key: KeyObject, text: string) =>
    createSign("RSA-SHA256").update(text, "utf8").sign(key, "base64");
  const signed = (key: KeyObject, fields: Fields): Fields => ({
    ...fields,
    sign: by(key, signedText(fields, ["sign", "sign_type"])),
  });
  return {
    fits: (fields) =>
      createVerify("RSA-SHA256").update(signedText(fields, ["sign"]), "utf8")
        .verify(platform, fields.sign ?? "", "base64"),
    answer(method, body) {
      const inner = JSON.stringify(body);
      const name = `${method.replaceAll(".", "_")}_response`;
      return `{"${name}":${inner},"sign":"${by(own, inner)}"}`;
    },
    sign: (fields) => signed(own, fields),
    forge(fields) {
      stranger ??= generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      return signed(stranger, fields);
    },
  };
}
