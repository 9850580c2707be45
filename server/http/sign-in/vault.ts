// Personal data at rest: each person's under a key of their own, that key sealed by the vault's.
// Erasing the person's key erases the person from every copy. Actors never see what lies here.
import { randomBytes } from "node:crypto";
import type { Bucket, Directory } from "../../ports.ts";
import { keyFor, mac, seal, unseal } from "./secrets.ts";

interface Sealed {
  /** The person's key, sealed by the vault's. */
  key: string;
  fields: Record<string, string>;
}
export interface Vault {
  /** Name of a phone in directories: nobody without the vault's key can turn it back. */
  indexOf(phone: string): string;
  put(tenant: string, personId: string, fields: Record<string, string>): Promise<void>;
  get(tenant: string, personId: string): Promise<Record<string, string> | null>;
  /** Some fields anew, null takes one away; false: nobody knows this person. */
  change(
    tenant: string,
    personId: string,
    fields: Record<string, string | null>,
  ): Promise<boolean>;
  erase(tenant: string, personId: string): Promise<void>;
}

const PERSON_KEY_BYTES = 32;
const RACE_TRIES = 20; // two processes that change one person at once
/** Others changed the same person again and again. */
class PersonBusy extends Error {
  override readonly name = "PersonBusy";
}

export async function createVault(directory: Directory, vaultKey: string): Promise<Vault> {
  const master = Buffer.from(vaultKey, "base64");
  const wrapping = keyFor(master, "vault wrapping");
  const index = keyFor(master, "phone index");
  const bucket: Bucket<Sealed> = await directory.bucket<Sealed>("vault");
  const nameOf = (tenant: string, personId: string) => `${tenant}/${personId}`;
  return {
    indexOf: (phone) => mac(index, phone),
    async put(tenant, personId, fields) {
      const name = nameOf(tenant, personId);
      const personKey = randomBytes(PERSON_KEY_BYTES);
      const sealed = Object.entries(fields).map(([field, value]) =>
        [field, seal(personKey, value, `${name}/${field}`)] as const
      );
      const key = seal(wrapping, personKey, name);
      await bucket.put(name, { key, fields: Object.fromEntries(sealed) });
    },
    async get(tenant, personId) {
      const name = nameOf(tenant, personId);
      const found = await bucket.get(name);
      const personKey = found && unseal(wrapping, found.value.key, name);
      if (!found || !personKey) return null;
      const fields: Record<string, string> = {};
      for (const [field, word] of Object.entries(found.value.fields)) {
        const value = unseal(personKey, word, `${name}/${field}`);
        if (value) fields[field] = value.toString("utf8");
      }
      return fields;
    },
    async change(tenant, personId, fields) {
      const name = nameOf(tenant, personId);
      for (let race = 0; race < RACE_TRIES; race++) {
        const found = await bucket.get(name);
        const personKey = found && unseal(wrapping, found.value.key, name);
        if (!found || !personKey) return false;
        const sealed = { ...found.value.fields };
        for (const [field, value] of Object.entries(fields)) {
          if (value === null) delete sealed[field];
          else sealed[field] = seal(personKey, value, `${name}/${field}`);
        }
        const next = { key: found.value.key, fields: sealed };
        if (await bucket.update(name, next, found.revision) !== null) return true;
      }
      throw new PersonBusy("a person's entry in the vault: changed by others again and again");
    },
    erase: (tenant, personId) => bucket.delete(nameOf(tenant, personId)),
  };
}
