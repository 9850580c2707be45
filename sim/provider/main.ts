// The sandbox payment provider as a process of its own: PROVIDER_PORT, PROVIDER_DATA, PROVIDER_KEY,
// PROVIDER_PLATFORM_PUBLIC_KEY, PROVIDER_API_KEY, PROVIDER_LOCK_SECRETS, PROVIDER_PARKING_KEY (each
// secret also as *_FILE), PROVIDER_CALLBACK_URL, PROVIDER_PACE, HOST.
import { readFileSync } from "node:fs";
import process from "node:process";
import * as z from "zod";
import { startProvider } from "./server.ts";

const KILLED = 137; // as a process that was killed

const settings = z.object({
  HOST: z.string().default("127.0.0.1"),
  PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535),
  PROVIDER_DATA: z.string().min(1),
  PROVIDER_KEY: z.string().min(1),
  PROVIDER_PLATFORM_PUBLIC_KEY: z.string().min(1),
  /** The merchant's APIv3 key (WeChat Pay). */
  PROVIDER_API_KEY: z.string().length(32),
  /** Signs what the platform tells the parking system beside it. */
  PROVIDER_PARKING_KEY: z.string().min(16).optional(),
  PROVIDER_CALLBACK_URL: z.url().optional(),
  /** What the maker of locks beside it shares with the platform: `{"sandbox": "…"}`. */
  PROVIDER_LOCK_SECRETS: z.string().transform((text) => JSON.parse(text) as { sandbox: string })
    .optional(),
  /** Scales the waits of its misbehaviour: hanging, being late, saying it again. */
  PROVIDER_PACE: z.coerce.number().min(0.001).max(10).default(1),
});
const NAMES = Object.keys(settings.shape);

const env: Record<string, string> = {};
for (const name of NAMES) {
  const file = process.env[`${name}_FILE`];
  const value = file === undefined ? process.env[name] : readFileSync(file, "utf8").trim();
  if (value !== undefined) env[name] = value;
}
const parsed = settings.safeParse(env);
if (!parsed.success) {
  for (const { path, message } of parsed.error.issues) {
    console.error(`${path.join(".")}: ${message}`);
  }
  process.exit(1);
}
const { data } = parsed;
const provider = await startProvider({
  host: data.HOST,
  port: data.PROVIDER_PORT,
  folder: data.PROVIDER_DATA,
  privateKey: data.PROVIDER_KEY,
  platformPublicKey: data.PROVIDER_PLATFORM_PUBLIC_KEY,
  apiKey: data.PROVIDER_API_KEY,
  pace: data.PROVIDER_PACE,
  say: (kind) => console.log(`misbehaves: ${kind}`),
  die: () => process.exit(KILLED),
  ...(data.PROVIDER_LOCK_SECRETS ? { lockSecret: data.PROVIDER_LOCK_SECRETS.sandbox } : {}),
  ...(data.PROVIDER_PARKING_KEY ? { parkingKey: data.PROVIDER_PARKING_KEY } : {}),
  ...(data.PROVIDER_CALLBACK_URL ? { callbackOrigin: data.PROVIDER_CALLBACK_URL } : {}),
});
console.log(`sandbox payment provider ready on http://${data.HOST}:${provider.port}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void provider.stop().then(() => process.exit(0)));
}
