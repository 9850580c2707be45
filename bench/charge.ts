// One charge as its driver sees it: from the tap to 充电中 on the socket, alone and among many; how many
// starts a second one server takes, as a share of raw appends; what an order in 充电中 costs in memory.
import { type Crew, startCrew } from "./crew.ts";
import { type Figure, type Run, spans } from "./figure.ts";
import { type Ground, openGround } from "./ground.ts";
import { type JournalLook, lookAtJournal } from "./journal.ts";
import { loadInWords, memoryOf, watchLoad } from "./machine.ts";
import { each, median, pause } from "./numbers.ts";
import { Phone } from "./phone.ts";

export interface ChargeOptions {
  /** Piles, and drivers with a phone each. */
  piles?: number;
  /** Starts under way at once where many start. */
  atOnce?: number;
  rounds?: number;
  /** Where to write a CPU profile of the server while many start. */
  profile?: string;
}

const ALONE = 50; // taps with nothing else going on
const MONEY_FEN = 200_000;
const OPEN_AT_ONCE = 8;
const RAW_APPENDS = 6_000; // before each round
const SETTLE_MS = 3_000;
const MIB = 1_048_576;
const KIB = 1_024;

interface Round {
  startsPerS: number;
  recordsPerS: number;
  recordsPerStart: number;
  tapMs: number[];
  stopMs: number[];
  /** CPU that the server used for one start, in ms. */
  cpuMs: number;
  load: string;
}
interface Memory {
  heap: number;
  resident: number;
}

export async function run(options: ChargeOptions = {}): Promise<Run> {
  const { piles = 400, atOnce = 32, rounds = 3, profile } = options;
  await using ground = await openGround();
  await using crew = startCrew("native-crew.ts");
  const phones = await makePhones(ground, crew, piles);
  await using journal = await lookAtJournal(ground.world);
  try {
    const before = await journal.records();
    const alone = await each(phones.slice(0, ALONE), 1, (phone) => phone.start());
    const aloneStop = await each(phones.slice(0, ALONE), 1, (phone) => phone.stop());
    const now = await journal.records();
    const meanBytes = (now.bytes - before.bytes) / (now.count - before.count);
    const all: Round[] = [];
    let memory = { before: NO_MEMORY, after: NO_MEMORY };
    const raws: number[] = [];
    for (let n = 1; n <= rounds; n++) {
      raws.push(await journal.rawAppends(RAW_APPENDS, Math.round(meanBytes)));
      const inspected = n === 1 && profile !== undefined ? profile : null;
      const idle = n === rounds ? await memoryNow(ground) : NO_MEMORY;
      const charging = await startAll({ ground, crew, journal, phones, atOnce }, inspected);
      if (n === rounds) memory = { before: idle, after: await memoryNow(ground) };
      all.push({ ...charging, stopMs: await each(phones, atOnce, (phone) => phone.stop()) });
    }
    const figures = [
      ...spans("charge", "tap -> 充电中 on the socket, alone", alone),
      ...spans("charge", "stop -> 已支付 on the socket, alone", aloneStop),
      ...manyFigures(all, median(raws), atOnce),
      ...memoryFigures(memory, piles),
    ];
    return { figures, notes: notesOf(ground, piles, meanBytes, all) };
  } finally {
    for (const phone of phones) phone.close();
  }
}

async function makePhones(ground: Ground, crew: Crew, count: number): Promise<Phone[]> {
  const made = await ground.piles(count, "native");
  await crew.ask("link", { url: ground.world.nats.url, keys: made });
  const drivers = await ground.drivers(count, MONEY_FEN);
  return await each(drivers, OPEN_AT_ONCE, (driver, n) => Phone.open(driver, made[n]!));
}

interface Stage {
  ground: Ground;
  crew: Crew;
  journal: JournalLook;
  phones: Phone[];
  atOnce: number;
}

async function startAll(
  { ground, crew, journal, phones, atOnce }: Stage,
  profile: string | null,
): Promise<Omit<Round, "stopMs">> {
  const { server, world, inspector } = ground;
  if (profile !== null) await inspector.profile();
  const before = (await journal.records()).count;
  const load = watchLoad({
    server: server.pid,
    nats: world.nats.pid,
    mongo: world.mongo.pid,
    piles: crew.pid,
  });
  const begun = performance.now();
  const tapMs = await each(phones, atOnce, (phone) => phone.start());
  const seconds = (performance.now() - begun) / 1_000;
  const used = load();
  if (profile !== null) await inspector.writeProfile(profile);
  const records = (await journal.records()).count - before;
  return {
    startsPerS: phones.length / seconds,
    recordsPerS: records / seconds,
    recordsPerStart: records / phones.length,
    tapMs,
    cpuMs: (used.cores["server"] ?? NaN) * seconds * 1_000 / phones.length,
    load: loadInWords(used),
  };
}

const NO_MEMORY: Memory = { heap: 0, resident: 0 };

async function memoryNow({ inspector, server }: Ground): Promise<Memory> {
  await pause(SETTLE_MS); // views and archive catch up
  const heap = await inspector.heapUsed();
  return { heap, resident: memoryOf(server.pid) ?? 0 };
}

function manyFigures(rounds: Round[], raw: number, atOnce: number): Figure[] {
  const area = "charge" as const;
  const among = `, ${atOnce} at once`;
  const recordsPerS = median(rounds.map((round) => round.recordsPerS));
  return [
    {
      area,
      measure: `charge starts${among}`,
      value: median(rounds.map(({ startsPerS }) => startsPerS)),
      unit: "1/s",
    },
    {
      area,
      measure: `records a second while they start${among}`,
      value: recordsPerS,
      unit: "1/s",
      baseline: Math.round(raw),
      ratio: recordsPerS / raw,
    },
    {
      area,
      measure: "records of one start",
      value: median(rounds.map(({ recordsPerStart }) => recordsPerStart)),
      unit: "records",
    },
    {
      area,
      measure: "CPU of the server for one start",
      value: median(rounds.map(({ cpuMs }) => cpuMs)),
      unit: "ms",
    },
    ...spans(area, `tap -> 充电中 on the socket${among}`, rounds.flatMap(({ tapMs }) => tapMs)),
    ...spans(area, `stop -> 已支付 on the socket${among}`, rounds.flatMap(({ stopMs }) => stopMs)),
  ];
}

function memoryFigures({ before, after }: { before: Memory; after: Memory }, count: number) {
  const area = "charge" as const;
  const figures: Figure[] = [{
    area,
    measure: "memory per order in 充电中, heap after a collection",
    value: (after.heap - before.heap) / count / KIB,
    unit: "KiB",
  }];
  if (after.resident === 0) return figures;
  return [...figures, {
    area,
    measure: `server with ${count} orders in 充电中, resident`,
    value: after.resident / MIB,
    unit: "MiB",
  }];
}

function notesOf({ words }: Ground, piles: number, meanBytes: number, rounds: Round[]): string[] {
  return [
    `charge: ${words}; one server (all roles), sandbox provider, ${piles} piles and drivers`,
    "piles are light clients in a process of their own; their start takes no time",
    `raw appends: 16 streams, 256 callers, ${
      Math.round(meanBytes)
    } B as the platform's mean record`,
    ...rounds.map(({ load, startsPerS }) => `round: ${startsPerS.toFixed(1)} starts/s; ${load}`),
  ];
}
