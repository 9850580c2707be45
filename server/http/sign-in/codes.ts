// Sign-in codes by SMS: six digits, five minutes, five tries, sent only so often to one phone.
import { randomInt } from "node:crypto";
import type { Bucket, Clock, Directory } from "../../ports.ts";
import { type No, no } from "../answer.ts";
import { isSame, keyFor, mac } from "./secrets.ts";
import type { Vault } from "./vault.ts";

const CODE_MS = 5 * 60_000;
const TRIES_MAX = 5;
const DAY_MS = 24 * 3_600_000;
const RACE_TRIES = 20; // two processes that count at once: each loses at most as often as others win

export interface CodeRates {
  /** Codes a phone gets in ten minutes, and in a day: 5 tries each, so a guess stays hopeless. */
  perTenMinutes: number;
  perDay: number;
}
export const defaultCodeRates: CodeRates = { perTenMinutes: 5, perDay: 20 };
export const demoCodeRates: CodeRates = { perTenMinutes: 300, perDay: 10_000 };

interface Sent {
  hash: string;
  tries: number;
  expiresAt: number;
}
interface Counted {
  sentAt: number[];
}
export interface Sms {
  send(tenant: string, phone: string, message: { text: string; code?: string }): Promise<void>;
}
export interface Codes {
  /** Null: sent (whether or not anybody has that phone). */
  send(tenant: string, phone: string): Promise<No | null>;
  check(tenant: string, phone: string, code: string): Promise<boolean>;
}

export async function createCodes(
  deps: {
    directory: Directory;
    clock: Clock;
    vault: Vault;
    sms: Sms;
    secret: string;
    rates: CodeRates;
  },
): Promise<Codes> {
  const { directory, clock, vault, sms, rates } = deps;
  const key = keyFor(deps.secret, "sign-in code");
  const sent = await directory.bucket<Sent>("sms-codes", { ttlMs: CODE_MS });
  const counts = await directory.bucket<Counted>("sms-counts", { ttlMs: DAY_MS });
  const nameOf = (tenant: string, phone: string) => `${tenant}/${vault.indexOf(phone)}`;
  const hashOf = (name: string, code: string) => mac(key, `${name}|${code}`);
  return {
    async send(tenant, phone) {
      const name = nameOf(tenant, phone);
      const refused = await countOne(counts, name, clock.now(), rates);
      if (refused) return refused;
      const code = String(randomInt(1_000_000)).padStart(6, "0");
      const expiresAt = clock.now() + CODE_MS;
      await sent.put(name, { hash: hashOf(name, code), tries: 0, expiresAt });
      const text = `验证码 ${code}，5 分钟内有效。Your Chargeward code is ${code}.`;
      await sms.send(tenant, phone, { text, code });
      return null;
    },
    async check(tenant, phone, code) {
      const name = nameOf(tenant, phone);
      // The try is counted before the code is looked at: guesses in parallel count as well.
      for (let race = 0; race < RACE_TRIES; race++) {
        const found = await sent.get(name);
        if (!found || found.value.tries >= TRIES_MAX) return false;
        if (found.value.expiresAt <= clock.now()) return false;
        const isRight = isSame(found.value.hash, hashOf(name, code));
        // A right code is used up, by exactly one of those who know it.
        const tries = isRight ? TRIES_MAX : found.value.tries + 1;
        const stored = await sent.update(name, { ...found.value, tries }, found.revision);
        if (stored !== null) return isRight;
      }
      return false;
    },
  };
}

async function countOne(
  counts: Bucket<Counted>,
  name: string,
  now: number,
  rates: CodeRates,
): Promise<No | null> {
  const span = 10 * 60_000;
  for (let race = 0; race < RACE_TRIES; race++) {
    const found = await counts.get(name);
    const sentAt = (found?.value.sentAt ?? []).filter((at) => at > now - DAY_MS);
    const recent = sentAt.filter((at) => at > now - span);
    if (recent.length >= rates.perTenMinutes) {
      return no("request.rate-limited", { limit: "phone" }, recent[0]! + span - now);
    }
    if (sentAt.length >= rates.perDay) {
      return no("request.rate-limited", { limit: "phone" }, sentAt[0]! + DAY_MS - now);
    }
    const value = { sentAt: [...sentAt, now] };
    const stored = found
      ? await counts.update(name, value, found.revision)
      : await counts.create(name, value);
    if (stored !== null) return null;
  }
  return no("overloaded");
}
