// MeterValues of OCPP 1.6J piles in a closed loop: each sends the next when the last was answered, and
// answered means stored. As a share of a bare WebSocket server that answers and stores nothing.
import { jetstream } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import { startProcess } from "../test/kit/processes.ts";
import { ROOT } from "../test/kit/world.ts";
import { freePort } from "../server/engines/mod.ts";
import { telemetryStream } from "../wire/subjects.ts";
import { BenchFault } from "./bench-fault.ts";
import { type Crew, startCrew } from "./crew.ts";
import { type Figure, type Run, spans } from "./figure.ts";
import { type Ground, openGround } from "./ground.ts";
import { type JournalLook, lookAtJournal } from "./journal.ts";
import { loadInWords, watchLoad } from "./machine.ts";
import { each, median } from "./numbers.ts";

export interface OcppOptions {
  piles?: number;
  seconds?: number;
  rounds?: number;
  profile?: string;
}

const ORDERS_EACH = 20;
const MONEY_FEN = 1_000_000;
const CARDS_AT_ONCE = 8;
const AIM_PER_S = 12_000;

/** What the crew tells of one round. */
interface Answered {
  answered: number;
  failed: number;
  seconds: number;
  ms: number[];
}
interface Round extends Answered {
  stored: number;
  /** CPU that the server used for one message, in microseconds. */
  cpuUs: number;
  load: string;
}

export async function run(options: OcppOptions = {}): Promise<Run> {
  const { piles = 100, seconds = 10, rounds = 3, profile } = options;
  await using ground = await openGround({ ordersPerUser: ORDERS_EACH });
  const echo = await echoAlone(ground, piles, seconds / 2);
  await using crew = startCrew("ocpp-crew.ts");
  await plugIn(ground, crew, piles);
  await using journal = await lookAtJournal(ground.world);
  const all: Round[] = [];
  await crew.ask("meter", { seconds: 3 }); // warm
  for (let n = 1; n <= rounds; n++) {
    const inspected = n === 1 && profile !== undefined;
    if (inspected) await ground.inspector.profile();
    all.push(await round(ground, crew, journal, seconds));
    if (inspected) await ground.inspector.writeProfile(profile);
  }
  return runOf(ground, piles, echo, all);
}

/** The same client against a server that only answers. */
async function echoAlone(ground: Ground, piles: number, seconds: number): Promise<Answered> {
  const port = freePort();
  await using echo = await startProcess(
    () => ({
      name: "echo",
      command: Deno.execPath(),
      args: ["run", "-A", `${ROOT}/bench/echo-server.ts`, String(port)],
      logFile: `${ground.world.dir}/echo.log`,
    }),
    `ws://127.0.0.1:${port}`,
    `http://127.0.0.1:${port}/`,
  );
  await using crew = startCrew("ocpp-crew.ts");
  const keys = Array.from({ length: piles }, (_, n) => ({ id: `ECHO-${n}`, secret: "x" }));
  await crew.ask("connect", { url: echo.url, keys });
  await crew.ask("meter", { seconds: 2 }); // warm
  return await crew.ask<Answered>("meter", { seconds });
}

/** Piles on the platform, each with a card that starts a charge. */
async function plugIn({ ops, server, ...ground }: Ground, crew: Crew, count: number) {
  const made = await ground.piles(count, "ocpp1.6");
  const drivers = await ground.drivers(Math.ceil(count / ORDERS_EACH), MONEY_FEN);
  const cards = await each(made, CARDS_AT_ONCE, async ({ id, secret }, n) => {
    const idTag = `BENCH${n}`;
    await ops.giveCard({ idTag, userId: drivers[n % drivers.length]!.userId });
    return { id, secret, idTag };
  });
  await crew.ask("connect", { url: `${server.url.replace(/^http/, "ws")}/ocpp`, keys: cards });
  const started = await crew.ask<number>("start");
  if (started !== count) throw new BenchFault(`${started} of ${count} charges were started`);
}

async function round(
  { world, server }: Ground,
  crew: Crew,
  journal: JournalLook,
  seconds: number,
): Promise<Round> {
  const before = await journal.telemetrySeq();
  const pids = { server: server.pid, nats: world.nats.pid, mongo: world.mongo.pid };
  const load = watchLoad({ ...pids, piles: crew.pid });
  const answered = await crew.ask<Answered>("meter", { seconds });
  const used = load();
  const cpuUs = (used.cores["server"] ?? NaN) * used.seconds * 1e6 / answered.answered;
  const stored = await readingsAfter(journal, before);
  return { ...answered, stored, cpuUs, load: loadInWords(used) };
}

/** Readings that the stream holds beyond a sequence. */
async function readingsAfter({ connection, telemetrySeq }: JournalLook, seq: number) {
  const last = await telemetrySeq();
  if (last === seq) return 0;
  const consumer = await jetstream(connection).consumers.get(telemetryStream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: seq + 1,
  });
  let readings = 0;
  const messages = await consumer.consume();
  for await (const message of messages) {
    readings += message.json<unknown[]>().length;
    if (message.seq >= last) break;
  }
  return readings;
}

function runOf({ words }: Ground, piles: number, echo: Answered, rounds: Round[]): Run {
  const area = "ocpp" as const;
  const bare = echo.answered / echo.seconds;
  const perS = median(rounds.map(({ answered, seconds }) => answered / seconds));
  const figures: Figure[] = [
    { area, measure: `bare ws answered, ${piles} piles`, value: bare, unit: "1/s" },
    {
      area,
      measure: `MeterValues answered, ${piles} piles closed loop`,
      value: perS,
      unit: "1/s",
      baseline: Math.round(bare),
      ratio: perS / bare,
      aim: AIM_PER_S,
    },
    {
      area,
      measure: "CPU of the server for one MeterValues",
      value: median(rounds.map(({ cpuUs }) => cpuUs)),
      unit: "us",
    },
    ...spans(area, `MeterValues, ${piles} piles closed loop`, rounds.flatMap(({ ms }) => ms)),
    {
      area,
      measure: "answered, but not in the readings' stream",
      value: rounds.reduce((sum, { answered, stored }) => sum + answered - stored, 0),
      unit: "readings",
    },
  ];
  return {
    figures,
    notes: [
      `ocpp: ${words}; one server (all roles); ${piles} piles, each in a charge of its own`,
      ...rounds.map(({ answered, seconds, failed, stored, load }) =>
        `round: ${(answered / seconds).toFixed(0)}/s, ${stored} of ${answered} stored, ` +
        `${failed} failed; ${load}`
      ),
    ],
  };
}
