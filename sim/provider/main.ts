// The sandbox payment provider as a process of its own: PROVIDER_PORT, PROVIDER_DATA, PROVIDER_KEY,
// PROVIDER_PLATFORM_PUBLIC_KEY (each secret also as *_FILE), PROVIDER_CALLBACK_URL, HOST.
import { readFileSync } from "node:fs";
import process from "node:process";
import * as z from "zod";
import { startProvider } from "./server.ts";

const settings = z.object({
  HOST: z.string().default("127.0.0.1"),
  PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535),
  PROVIDER_DATA: z.string().min(1),
  PROVIDER_KEY: z.string().min(1),
  PROVIDER_PLATFORM_PUBLIC_KEY: z.string().min(1),
  PROVIDER_CALLBACK_URL: z.url().optional(),
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
  ...(data.PROVIDER_CALLBACK_URL ? { callbackOrigin: data.PROVIDER_CALLBACK_URL } : {}),
});
console.log(`sandbox payment provider ready on http://${data.HOST}:${provider.port}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => void provider.stop().then(() => process.exit(0)));
}
