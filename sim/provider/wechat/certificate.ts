// The sandbox's own certificate (X.509 v3, self-signed): what a merchant takes the provider's key from.
// DER by hand, since nothing else here needs a certificate writer.
import { createHash, createPublicKey, createSign, type KeyObject } from "node:crypto";

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const text = (tag: number, value: string) => der(tag, Buffer.from(value, "latin1"));
const hex = (value: string) => Buffer.from(value, "hex");

const SHA256_RSA = sequence(der(0x06, hex("2a864886f70d01010b")), der(0x05));
const COMMON_NAME = hex("550403");
const NAME = sequence(
  der(0x31, sequence(der(0x06, COMMON_NAME), text(0x0c, "Chargeward sandbox provider"))),
);
const VALIDITY = sequence(text(0x17, "200101000000Z"), text(0x17, "491231235959Z")); // UTCTime

/** Forty hex digits that name the key, as WeChat Pay's serials look; the first bit is never set. */
export function serialOf(key: KeyObject): string {
  const spki = createPublicKey(key.export({ type: "pkcs8", format: "pem" }))
    .export({ type: "spki", format: "der" });
  return `5${createHash("sha1").update(spki).digest("hex").slice(1)}`.toUpperCase();
}

export function certificateOf(key: KeyObject): string {
  const spki = createPublicKey(key.export({ type: "pkcs8", format: "pem" }))
    .export({ type: "spki", format: "der" });
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, hex(serialOf(key))),
    SHA256_RSA,
    NAME,
    VALIDITY,
    NAME,
    spki,
  );
  const signature = createSign("RSA-SHA256").update(body).sign(key);
  const whole = sequence(body, SHA256_RSA, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g)?.join("\n") ?? "";
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
