// Ops users in the Directory: name, password hash, sealed TOTP secret, roles and stations.
import { Secret, TOTP } from "otpauth";
import type { Bucket, Clock, Directory } from "../../ports.ts";
import type { OpsRole, OpsUser } from "../../../wire/http-ops.ts";
import { keyFor, seal, unseal } from "./secrets.ts";

export interface OpsRecord {
  id: string;
  name: string;
  tenant: string;
  passwordHash: string;
  /** Base32 secret, sealed by the vault's key. */
  totp: string;
  /** Newest TOTP step that was used: each works once. */
  lastStep: number;
  roles: OpsRole[];
  scope: string[] | null;
  isDisabled: boolean;
}
export interface OpsUsers {
  byName(name: string): Promise<OpsRecord | null>;
  put(record: OpsRecord): Promise<void>;
  sealTotp(name: string, secret: string): string;
  /** True once for a right code; a step used before, or older, is refused. */
  useTotp(name: string, code: string): Promise<boolean>;
}

const STEP_S = 30;
const WINDOW = 1; // a phone's clock may be 30 s off
const RACE_TRIES = 20;

export const normalName = (name: string): string => name.trim().toLowerCase();
export const shownUser = ({ id, name, roles, scope }: OpsRecord): OpsUser => ({
  id,
  name,
  roles,
  scope,
});

/** The authenticator's view of a secret (base32): also used by the demo and by tests. */
export const totpOf = (secret: string): TOTP =>
  new TOTP({ issuer: "Chargeward", secret: Secret.fromBase32(secret), period: STEP_S });

export async function createOpsUsers(
  deps: { directory: Directory; clock: Clock; vaultKey: string },
): Promise<OpsUsers> {
  const bucket: Bucket<OpsRecord> = await deps.directory.bucket("ops-users", { hot: true });
  const key = keyFor(Buffer.from(deps.vaultKey, "base64"), "ops totp");
  const byName = async (name: string) => (await bucket.get(normalName(name)))?.value ?? null;
  return {
    byName,
    async put(record) {
      await bucket.put(normalName(record.name), record);
    },
    sealTotp: (name, secret) => seal(key, secret, normalName(name)),
    async useTotp(name, code) {
      for (let race = 0; race < RACE_TRIES; race++) {
        const found = await bucket.get(normalName(name));
        const secret = found && unseal(key, found.value.totp, normalName(name));
        if (!found || !secret) return false;
        const timestamp = deps.clock.now();
        const delta = totpOf(secret.toString()).validate({
          token: code,
          timestamp,
          window: WINDOW,
        });
        if (delta === null) return false;
        const step = Math.floor(timestamp / 1000 / STEP_S) + delta;
        if (step <= found.value.lastStep) return false;
        const used = { ...found.value, lastStep: step };
        if (await bucket.update(normalName(name), used, found.revision) !== null) return true;
      }
      return false;
    },
  };
}
