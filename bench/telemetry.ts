// Readings of charging piles on their way to screens: from the pile's tick to the tick on the socket of
// whoever watches the order, how many get lost, and what it costs the server.
import { chargeAll } from "./charge-all.ts";
import { type Crew, startCrew } from "./crew.ts";
import { type Run, spans } from "./figure.ts";
import { type Ground, openGround } from "./ground.ts";
import { type Load, loadInWords, watchLoad } from "./machine.ts";
import { pause } from "./numbers.ts";

export interface TelemetryOptions {
  /** Charging piles, each with a tick a second. */
  piles?: number;
  seconds?: number;
  profile?: string;
}

/** A driver's socket watches this many orders: one address may hold 500 sockets, not 1,000. */
const ORDERS_EACH = 20;
const MONEY_FEN = 1_000_000;
const EVERY_MS = 1_000;
const WARM_MS = 5_000;
const LATE_MS = 2_000;

/** Ticks that came, by when they were made (microseconds since 1970) and how long they took (ms). */
type Came = { madeAt: number; tookMs: number }[];

export async function run(options: TelemetryOptions = {}): Promise<Run> {
  const { piles = 1_000, seconds = 30, profile } = options;
  await using ground = await openGround({ ordersPerUser: ORDERS_EACH });
  await using crew = startCrew("native-crew.ts");
  const made = await ground.piles(piles, "native");
  await crew.ask("link", { url: ground.world.nats.url, keys: made });
  const drivers = await ground.drivers(Math.ceil(piles / ORDERS_EACH), MONEY_FEN);
  const came: Came = [];
  const sockets = await chargeAll(crew, made, drivers, {
    tick({ n }) {
      const now = performance.timeOrigin + performance.now();
      came.push({ madeAt: n, tookMs: now - n / 1_000 });
    },
  });
  try {
    const watched = await watchTicks(ground, crew, { came, seconds, profile });
    return runOf(ground, piles, watched);
  } finally {
    for (const socket of sockets) socket.close();
  }
}

interface Watched {
  tookMs: number[];
  sent: number;
  load: Load;
}

async function watchTicks(
  { world, server, inspector }: Ground,
  crew: Crew,
  { came, seconds, profile }: { came: Came; seconds: number; profile: string | undefined },
): Promise<Watched> {
  await crew.ask("tick", { everyMs: EVERY_MS, forMs: WARM_MS });
  await pause(LATE_MS);
  came.length = 0;
  if (profile !== undefined) await inspector.profile();
  const { nats, mongo } = world;
  const pids = { server: server.pid, nats: nats.pid, mongo: mongo.pid, piles: crew.pid };
  const load = watchLoad(pids);
  const sent = await crew.ask<number>("tick", { everyMs: EVERY_MS, forMs: seconds * 1_000 });
  const used = load();
  if (profile !== undefined) await inspector.writeProfile(profile);
  await pause(LATE_MS);
  return { tookMs: came.map(({ tookMs }) => tookMs), sent, load: used };
}

function runOf({ words }: Ground, piles: number, { tookMs, sent, load }: Watched): Run {
  const area = "telemetry" as const;
  const among = `${piles} charging piles at 1 Hz`;
  return {
    figures: [
      ...spans(area, `pile's tick -> driver's socket, ${among}`, tookMs),
      { area, measure: `ticks lost, ${among}`, value: 100 * (1 - tookMs.length / sent), unit: "%" },
      { area, measure: `ticks sent, ${among}`, value: sent / load.seconds, unit: "1/s" },
      {
        area,
        measure: "CPU of the server for one tick",
        value: load.cores["server"]! * load.seconds * 1e6 / sent,
        unit: "us",
      },
      { area, measure: `CPU of the server, ${among}`, value: load.cores["server"]!, unit: "cores" },
      { area, measure: `CPU of nats-server, ${among}`, value: load.cores["nats"]!, unit: "cores" },
    ],
    notes: [
      `telemetry: ${words}; one server (all roles); ${sent} ticks`,
      `piles are light clients in a process of their own; ${ORDERS_EACH} orders to a driver's socket`,
      "lost: also what the socket leaves out by design, ticks more than 0.4 s early",
      loadInWords(load),
    ],
  };
}
