// What an order in 充电中 takes in memory beyond its state. A real charge is started on a whole
// platform; its record, under many ids, is then loaded into a node of a process of its own.
import { startCrew } from "./crew.ts";
import type { Figure, Run } from "./figure.ts";
import { openGround } from "./ground.ts";
import { lookAtJournal } from "./journal.ts";
import { Phone } from "./phone.ts";
import { pause } from "./numbers.ts";
import type { Held } from "./runtime-memory-crew.ts";
import type { RuntimeOptions } from "./runtime.ts";

const ORDERS = 20_000;
const CHARGING_MS = 3_000;
const AIM_BYTES = 4_096;

export async function memory({ orders = ORDERS }: RuntimeOptions): Promise<Run> {
  const { id, text } = await chargingOrder();
  await using crew = startCrew("runtime-memory-crew.ts", ["--v8-flags=--expose-gc"]);
  const held = await crew.ask<Held>("hold", { id, text, orders });
  const area = "runtime" as const;
  const bytes = (measure: string, value: number): Figure => ({
    area,
    measure: `order in 充电中: ${measure}`,
    value: Math.round(value),
    unit: "B",
  });
  const { resident, active, state, record } = held;
  return {
    figures: [
      bytes("record as stored", text.length),
      bytes("state as JSON", JSON.stringify(JSON.parse(text).state).length),
      bytes("state alone in memory", state),
      bytes("whole record in memory", record),
      bytes("resident", resident),
      { ...bytes("resident, beyond its state", resident - state), aim: AIM_BYTES },
      bytes("resident, once it took a reading", active),
      { ...bytes("the same, beyond its state", active - state), aim: AIM_BYTES },
    ],
    notes: [
      `memory: ${orders} resident orders, heap after collections; state and record: parsed, in a list`,
    ],
  };
}

/** The newest record of an order that charges, as the platform stored it. */
async function chargingOrder(): Promise<{ id: string; text: string }> {
  await using ground = await openGround();
  await using piles = startCrew("native-crew.ts");
  const made = await ground.piles(1, "native");
  await piles.ask("link", { url: ground.world.nats.url, keys: made });
  const [driver] = await ground.drivers(1, 200_000);
  const phone = await Phone.open(driver!, made[0]!);
  await using journal = await lookAtJournal(ground.world);
  try {
    await phone.start();
    await piles.ask("tick", { everyMs: 1_000, forMs: CHARGING_MS });
    await pause(CHARGING_MS);
    return await journal.newestOf("order");
  } finally {
    phone.close();
  }
}
