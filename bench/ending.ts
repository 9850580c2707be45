// From a pile's abnormal end to the driver's socket, while all the others charge and tick.
import { BenchFault } from "./bench-fault.ts";
import { chargeAll } from "./charge-all.ts";
import { startCrew } from "./crew.ts";
import { type Run, spans } from "./figure.ts";
import { openGround } from "./ground.ts";
import { loadInWords, watchLoad } from "./machine.ts";
import { pause } from "./numbers.ts";

export interface EndingOptions {
  /** Charging piles, each with a tick a second. */
  piles?: number;
  /** For so long piles break down, ten a second. */
  seconds?: number;
}

const ORDERS_EACH = 20; // to a driver's socket
const MONEY_FEN = 1_000_000;
const WARM_MS = 3_000;
const EVERY_MS = 100;
const LATE_MS = 5_000; // mission.md 1.8: the driver hears within 5 s
const ENDED = "ChargeEnded";

export async function run({ piles = 1_000, seconds = 20 }: EndingOptions = {}): Promise<Run> {
  const count = Math.min(piles, Math.round(seconds * 1_000 / EVERY_MS));
  await using ground = await openGround({ ordersPerUser: ORDERS_EACH });
  await using crew = startCrew("native-crew.ts");
  const made = await ground.piles(piles, "native");
  await crew.ask("link", { url: ground.world.nats.url, keys: made });
  const drivers = await ground.drivers(Math.ceil(piles / ORDERS_EACH), MONEY_FEN);
  const heard = new Map<string, number>();
  const sockets = await chargeAll(crew, made, drivers, {
    fact({ room, data }) {
      if (data.events.includes(ENDED)) {
        heard.set(room.slice("order:".length), performance.timeOrigin + performance.now());
      }
    },
  });
  try {
    const { world, server } = ground;
    const ticks = crew.ask("tick", { everyMs: 1_000, forMs: WARM_MS + count * EVERY_MS + LATE_MS });
    await pause(WARM_MS);
    const load = watchLoad({ server: server.pid, nats: world.nats.pid, mongo: world.mongo.pid });
    const ends = await crew.ask<[orderId: string, at: number][]>("break", {
      count,
      everyMs: EVERY_MS,
    });
    const used = load();
    await pause(LATE_MS);
    await ticks;
    const took = ends.flatMap(([orderId, at]) => {
      const came = heard.get(orderId);
      return came === undefined ? [] : [came - at];
    });
    if (took.length === 0) throw new BenchFault("no end reached a socket");
    const area = "ending" as const;
    const among = `${piles} charging piles at 1 Hz`;
    return {
      figures: [
        ...spans(area, `pile's abnormal end -> driver's socket, ${among}`, took),
        {
          area,
          measure: `ends unheard after 5 s, ${among}`,
          value: ends.length - took.length,
          unit: "",
        },
      ],
      notes: [
        `ending: ${ground.words}; one server (all roles); ${count} piles break down, ten a second`,
        "piles are light clients in a process of their own; heard: the order's fact on its room",
        loadInWords(used),
      ],
    };
  } finally {
    for (const socket of sockets) socket.close();
  }
}
