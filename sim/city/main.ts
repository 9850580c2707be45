// The demo city as a process: `npm start` runs it beside the platform; it reaches it as anyone would.
// Environment: CHARGEWARD_URL, NATS_URL, CHARGEWARD_DATA, CHARGEWARD_TENANT; ops sign-in from
// <data>/demo.json or CITY_OPS_NAME, CITY_OPS_PASSWORD, CITY_OPS_TOTP; CITY_SEED repeats a city.
import { join } from "node:path";
import { surviveResets, wordsOf } from "../fault.ts";
import { seeded, seedOf } from "../random.ts";
import { City } from "./city.ts";
import { opsDoor, tellDrivers } from "./demo-file.ts";
import { cityPlan } from "./plan.ts";

/** Sockets have this long to say goodbye. */
const STOP_MS_MAX = 2_500;
/** The platform may still be coming up, or be away for a while: the city waits for it. */
const AGAIN_MS = 3_000;

export async function runCity(env: (name: string) => string | undefined): Promise<void> {
  const say = (words: string) => console.error(`city: ${words}`);
  const dataDir = env("CHARGEWARD_DATA") ?? ".data";
  const roads = {
    baseUrl: env("CHARGEWARD_URL") ?? "http://127.0.0.1:8080",
    natsUrl: env("NATS_URL") ?? "nats://127.0.0.1:4222",
    tenant: env("CHARGEWARD_TENANT") ?? "main",
  };
  const seed = Number(env("CITY_SEED") ?? seedOf(String(Date.now())));
  say(`seed ${seed}`);
  surviveResets(say);
  const demoFile = join(dataDir, "demo.json");
  const phones = [cityPlan.guestPhone, ...cityPlan.drivers.map(({ phone }) => phone)];
  const city = new City({
    plan: cityPlan,
    roads,
    dir: join(dataDir, "city"),
    ops: opsDoor(roads.baseUrl, demoFile, env),
    random: seeded(seed),
    say,
  });
  onEnd(async () => await city.stop());
  tellDrivers(demoFile, phones);
  for (;;) {
    try {
      await city.start();
      break;
    } catch (error) {
      say(`not yet: ${wordsOf(error)}`);
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
  tellDrivers(demoFile, phones); // the launcher may have written the file in between
  say(`up: ${cityPlan.piles.length} piles, ${cityPlan.drivers.length} drivers`);
}

function onEnd(stop: () => Promise<void>): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    const late = new Promise<void>((done) => setTimeout(done, STOP_MS_MAX));
    void Promise.race([stop(), late]).finally(() => Deno.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, end);
}

if (import.meta.main) await runCity((name) => Deno.env.get(name));
