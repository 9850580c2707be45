// Who may connect to NATS: one nkey per role, made once, kept as files that only we may read.
import { createAccount, createUser, fromSeed } from "@nats-io/nkeys";
import { join } from "node:path";
import { exists, writeWhole } from "./machine.ts";

/** Users of account PLATFORM. `platform` is what a process of role `all` or `actors` uses. */
export const PLATFORM_ROLES = ["platform", "api", "gateway", "projector", "maintenance"] as const;

/**
 * `telemetry` sits in DEVICES beside the piles; `callout` alone answers who a pile is; `sys` reads
 * the server's own report; `issuer` is no user: it signs what `callout` answers.
 */
export const NATS_ROLES = [...PLATFORM_ROLES, "telemetry", "callout", "sys", "issuer"] as const;

export type PlatformRole = typeof PLATFORM_ROLES[number];
export type NatsRole = typeof NATS_ROLES[number];

/** The seed of each role: who holds one is that role. */
export type NatsSeeds = Readonly<Record<NatsRole, string>>;

/** The file that holds the seed of a role. */
export function natsSeedFile(secretsDir: string, role: NatsRole): string {
  return join(secretsDir, `nats-${role}.nk`);
}

/** Reads the seeds of a folder and makes those that are missing. */
export async function natsSeeds(secretsDir: string): Promise<NatsSeeds> {
  await Deno.mkdir(secretsDir, { recursive: true, mode: 0o700 });
  const seeds = await Promise.all(NATS_ROLES.map(async (role) => {
    const file = natsSeedFile(secretsDir, role);
    if (!exists(file)) await writeWhole(file, newSeed(role), 0o600);
    return [role, (await Deno.readTextFile(file)).trim()] as const;
  }));
  return Object.fromEntries(seeds) as NatsSeeds;
}

/** The public half of a seed, as the server's configuration names it. */
export function publicKey(seed: string): string {
  return fromSeed(new TextEncoder().encode(seed)).getPublicKey();
}

function newSeed(role: NatsRole): string {
  const pair = role === "issuer" ? createAccount() : createUser();
  return new TextDecoder().decode(pair.getSeed());
}
