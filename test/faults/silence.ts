// How long an actor stays silent: from the fault to its next answer to a new command. Asked are orders
// that are over; a stop is a command that each of them takes at any time, and records.
import { newKey } from "../../sim/mod.ts";
import { askOnce } from "./phone.ts";
import { nodeName, type Scene } from "./scene.ts";
import type { Charge } from "./traffic.ts";
import { FINAL } from "./traffic.ts";

export interface ProbePlan {
  /** Actors that live on this node; absent: any. */
  readonly victim?: number;
  /** Nodes that are asked; absent: all. */
  readonly asked?: readonly number[];
  readonly withinMs?: number;
}

const PROBES = 8;
const EVERY_MS = 250; // a new command each time: one that was on its way at the fault says little
const WITHIN_MS = 60_000;
const PATIENCE_MS = 20_000;

/** An actor to ask, by its order and the driver whose it is. */
export type Probed = Pick<Charge, "orderId" | "userId">;

/** Which orders to ask: the newest that are over and live where the fault will be. */
export async function chooseProbes(
  scene: Scene,
  charges: readonly Charge[],
  victim?: number,
): Promise<Probed[]> {
  const over = charges.filter(({ status }) => FINAL.has(status)).reverse();
  const chosen: Probed[] = [];
  for (const charge of over.slice(0, PROBES * 6)) {
    if (chosen.length === PROBES) break;
    if (victim === undefined || await ownerOf(scene, charge.orderId) === nodeName(victim)) {
      chosen.push(charge);
    }
  }
  return chosen;
}

async function ownerOf({ place }: Scene, orderId: string): Promise<string | null> {
  try {
    const path = `/v1/ops/actors/order/${orderId}`;
    return (await place.ops.api.get<{ node: string }>(path)).node;
  } catch {
    return null; // not known now: another will do
  }
}

/** From now on: each actor's silence in ms; the time limit where it never answered. */
export async function silences(
  scene: Scene,
  probes: readonly Probed[],
  { asked, withinMs = WITHIN_MS }: ProbePlan = {},
): Promise<number[]> {
  const origins = scene.phones.origins.filter((_, n) => asked?.includes(n) ?? true);
  return await Promise.all(
    probes.map((probe, n) => silenceOf(scene, probe, { origins, n, withinMs })),
  );
}

function silenceOf(
  { seats }: Scene,
  { orderId, userId }: Probed,
  { origins, n, withinMs }: { origins: string[]; n: number; withinMs: number },
): Promise<number> {
  const { driver } = seats.find((seat) => seat.driver.userId === userId)!;
  const path = `/v1/orders/${orderId}/stop`;
  const begun = performance.now();
  return new Promise((done) => {
    let turn = n;
    const answered = () => {
      clearInterval(asking);
      clearTimeout(limit);
      done(Math.round(performance.now() - begun));
    };
    const ask = async () => {
      const origin = origins[turn++ % origins.length]!;
      const question = { method: "POST", path, key: newKey(), body: {} } as const;
      const answer = await askOnce(origin, driver, { ...question, patienceMs: PATIENCE_MS });
      if (answer !== null && answer.status < 300) answered();
    };
    const asking = setInterval(() => void ask(), EVERY_MS);
    const limit = setTimeout(answered, withinMs);
    void ask();
  });
}
