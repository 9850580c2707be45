// Forms of every id. How new ids are made lies in server/routing/ids.ts (they need a hash).
import * as z from "zod";

/** Names of the tenant, as it stands in subjects and keys. */
export const tenantId = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z-]{4,60}$`));

export const userId = id("usr");
export const orderId = id("ord");
export const reservationId = id("rsv");
export const paymentId = id("pay");
export const stationId = id("stn");
export const bindingId = id("bnd");
export const couponId = id("cpn");
export const campaignId = id("cmp");
export const approvalId = id("apr");
export const opsId = id("ops");
/** A pile's id is chosen by ops or made: it is what the pile puts in its OCPP path. */
export const pileId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{1,47}$/);
/** The number printed under the QR code of a pile. */
export const pileCode = z.string().regex(/^[0-9]{6,12}$/);
/** Card number as OCPP 1.6 has it (CiString20). */
export const idTag = z.string().min(1).max(20);
/** Idempotency key: a ULID minted at the tap. */
export const ulid = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);

/** Milliseconds since 1970 that a ULID carries in its first ten characters. */
export function timeOfUlid(key: string): number {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = 0;
  for (const char of key.slice(0, 10)) time = time * 32 + digits.indexOf(char);
  return time;
}

/** Any text as one token of a NATS subject: other bytes than A-Z a-z 0-9 - _ become =XX. */
export function encodeToken(text: string): string {
  if (/^[A-Za-z0-9_-]*$/.test(text)) return text;
  let token = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    token += /[A-Za-z0-9_-]/.test(char)
      ? char
      : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return token;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // U+FEFF is a character like others

/** The text behind a token made by `encodeToken`. */
export function decodeToken(token: string): string {
  if (!token.includes("=")) return token;
  const bytes: number[] = [];
  for (let i = 0; i < token.length; i++) {
    if (token[i] === "=") {
      bytes.push(parseInt(token.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(token.charCodeAt(i));
  }
  return decoder.decode(new Uint8Array(bytes));
}
