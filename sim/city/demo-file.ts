// <data>/demo.json: the platform writes who may sign in to the console; the city adds its drivers.
import * as z from "zod";
import { SimFault } from "../fault.ts";
import { readJson, writePrivate } from "./book.ts";
import type { OpsDoor } from "./ensure.ts";
import { Ops, type OpsAccount } from "./ops.ts";

const account = z.looseObject({
  name: z.string(),
  password: z.string(),
  totpSecret: z.string(),
  roles: z.array(z.string()).optional(),
});
const file = z.looseObject({
  ops: z.array(account).optional(),
  drivers: z.array(z.looseObject({ phone: z.string() })).optional(),
});

/** Signs in at the first need, and only once. */
export function opsDoor(
  baseUrl: string,
  demoFile: string,
  env: (name: string) => string | undefined,
): OpsDoor {
  let ops: Promise<Ops> | null = null;
  return () => {
    ops ??= Ops.signIn(baseUrl, accountOf(demoFile, env));
    ops.catch(() => void (ops = null)); // the next need tries again
    return ops;
  };
}

function accountOf(demoFile: string, env: (name: string) => string | undefined): OpsAccount {
  const name = env("CITY_OPS_NAME");
  const password = env("CITY_OPS_PASSWORD");
  const totpSecret = env("CITY_OPS_TOTP");
  if (name !== undefined && password !== undefined && totpSecret !== undefined) {
    return { name, password, totpSecret };
  }
  const accounts = file.safeParse(readJson(demoFile)).data?.ops ?? [];
  const found = accounts.find(({ roles }) => roles?.includes("admin") ?? true);
  if (found === undefined) {
    throw new SimFault(`no console account: neither in '${demoFile}' nor in CITY_OPS_*`, "later");
  }
  return found;
}

/** Adds the phones beside whatever is in the file. */
export function tellDrivers(demoFile: string, phones: readonly string[]): void {
  const before = file.safeParse(readJson(demoFile)).data ?? {};
  const known = before.drivers ?? [];
  const fresh = phones.filter((phone) => !known.some((each) => each.phone === phone));
  if (fresh.length === 0) return;
  const [guest, ...simulated] = phones;
  const drivers = [
    { phone: guest, note: "left to you: nobody simulated uses it" },
    ...simulated.map((phone) => ({ phone, note: "simulated" })),
  ];
  writePrivate(demoFile, { ...before, drivers });
}
