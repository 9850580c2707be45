// What a QR code of a pile may hold: our address with the number, or the number alone.
import { pileCode } from "../../wire/ids.ts";
import { type No, no } from "./answer.ts";

/** `https://<host>/p/<number>` or `<number>`; other people's codes are named as such. */
export function readCode(text: string, publicUrl: string): string | No {
  const trimmed = text.trim();
  if (pileCode.safeParse(trimmed).success) return trimmed;
  if (!URL.canParse(trimmed)) return no("qr.malformed");
  const url = new URL(trimmed);
  const isOurs = URL.canParse(publicUrl) && url.host === new URL(publicUrl).host;
  if (!isOurs) return no("qr.foreign", { host: url.host.slice(0, 100) });
  const code = /^\/p\/([0-9]+)\/?$/.exec(url.pathname)?.[1] ?? "";
  return pileCode.safeParse(code).success ? code : no("qr.malformed");
}
