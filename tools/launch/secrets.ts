// The secrets of an installation: made once, one file each, mode 0600, named to the programs by
// `*_FILE` settings. None is ever printed or written elsewhere.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { newPushKeys } from "../../server/notify/mod.ts";
import { exists, natsSeedFile, natsSeeds, writeWhole } from "../../server/engines/mod.ts";

type Files = Readonly<Record<string, string>>;

/** Which file each program reads, by the name of the setting. */
export interface Secrets {
  readonly server: Files;
  /** The platform's side of the sandbox provider; real providers bring their own. */
  readonly sandbox: Files;
  readonly provider: Files;
}

/** Makes what is missing and names the files. */
export async function provideSecrets(folder: string): Promise<Secrets> {
  await natsSeeds(folder);
  const file = (name: string) => join(folder, name);
  await once(file("token.secret"), () => randomBytes(32).toString("base64url"));
  await once(file("vault.key"), () => randomBytes(32).toString("base64"));
  await once(file("push.json"), () => JSON.stringify(newPushKeys()));
  await once(file("platform.pem"), () => pem(generateKeyPairSync("ed25519").privateKey));
  await once(file("wechat-api.key"), () => randomBytes(16).toString("hex"));
  const lockSecret = () => JSON.stringify({ sandbox: randomBytes(32).toString("base64url") });
  await once(file("lock-secrets.json"), lockSecret);
  await once(file("parking.key"), () => randomBytes(24).toString("base64url"));
  await rsaPair(file("merchant.pem"), file("merchant-public.pem"));
  await rsaPair(file("provider.pem"), file("provider-public.pem"));
  return {
    server: {
      NATS_DEVICES_NKEY_FILE: natsSeedFile(folder, "telemetry"),
      NATS_CALLOUT_NKEY_FILE: natsSeedFile(folder, "callout"),
      NATS_ISSUER_SEED_FILE: natsSeedFile(folder, "issuer"),
      NATS_MAINTENANCE_NKEY_FILE: natsSeedFile(folder, "maintenance"),
      NATS_SYS_NKEY_FILE: natsSeedFile(folder, "sys"),
      CHARGEWARD_TOKEN_SECRET_FILE: file("token.secret"),
      CHARGEWARD_PLATFORM_KEY_FILE: file("platform.pem"),
      CHARGEWARD_PUSH_KEYS_FILE: file("push.json"),
      CHARGEWARD_VAULT_KEY_FILE: file("vault.key"),
    },
    sandbox: {
      CHARGEWARD_WECHAT_KEY_FILE: file("merchant.pem"),
      CHARGEWARD_WECHAT_API_KEY_FILE: file("wechat-api.key"),
      CHARGEWARD_ALIPAY_KEY_FILE: file("merchant.pem"),
      CHARGEWARD_ALIPAY_PUBLIC_KEY_FILE: file("provider-public.pem"),
      CHARGEWARD_LOCK_SECRETS_FILE: file("lock-secrets.json"),
      CHARGEWARD_PARKING_KEY_FILE: file("parking.key"),
    },
    provider: {
      PROVIDER_KEY_FILE: file("provider.pem"),
      PROVIDER_PLATFORM_PUBLIC_KEY_FILE: file("merchant-public.pem"),
      PROVIDER_API_KEY_FILE: file("wechat-api.key"),
      PROVIDER_LOCK_SECRETS_FILE: file("lock-secrets.json"),
      PROVIDER_PARKING_KEY_FILE: file("parking.key"),
    },
  };
}

/** The file of this process's user in account PLATFORM: the narrowest that does all its roles. */
export function natsUserFile(folder: string, roles: string): string {
  const single = (["api", "gateway", "projector"] as const).find((role) => role === roles.trim());
  return natsSeedFile(folder, single ?? "platform");
}

async function rsaPair(privateFile: string, publicFile: string): Promise<void> {
  if (exists(privateFile) && exists(publicFile)) return;
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicPem = pair.publicKey.export({ type: "spki", format: "pem" });
  await writeWhole(privateFile, pem(pair.privateKey), 0o600);
  await writeWhole(publicFile, publicPem, 0o600);
}

async function once(file: string, make: () => string): Promise<void> {
  if (!exists(file)) await writeWhole(file, make(), 0o600);
}

function pem(key: { export(options: { type: "pkcs8"; format: "pem" }): string | Uint8Array }) {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
