// Random gaps in the telemetry of one charge, on the pile's real actor and the simulator's cars: the bounds
// that were stated when the charge was billed, and what the meter had really counted.
import { newPile, opsPrincipal, ORDER, rigOf, toldTo } from "../../actors/pile/rig.ts";
import type { Rig } from "../../actors/pile/rig.ts";
import {
  type CarState,
  createCar,
  pickModel,
  type Random,
  seeded,
  stepCar,
} from "../../sim/mod.ts";

/** What makes the gap, each as likely as the others; whether it outlasts the charge comes out of it. */
export const CAUSES = ["link", "readings", "power", "end-forgotten"] as const;
type GapCause = (typeof CAUSES)[number];

export interface GapSeen {
  cause: GapCause;
  /** The end was not told when it was billed: the bill is an estimate. */
  estimated: boolean;
  trueWh: number;
  lowWh: number;
  highWh: number;
  billedWh: number;
  /** What the rated power could have made of the gap. */
  mostWh: number;
  /** The true meter came later and said so. */
  correctedWh: number | null;
  /** What the order was told: the end that it was billed by, and the true one that came later. */
  told: { end: Told; later: Told | null };
}
type Told = Record<string, unknown>;

const WH_MS = 3_600_000;
const RATED_W = [7_000, 30_000, 60_000, 120_000, 180_000, 250_000];
const STEP_MS = 10_000;
const MINUTE = 60_000;
/** How long a pile is away: each tenfold span as likely as the next, for no figures are known. */
const AWAY_MS: readonly [number, number] = [10_000, 12 * 60 * MINUTE];
/** Of those that are away, so many never come back. */
const GONE_SHARE = 0.02;
/** When the driver wants to stop: some time within the hour; soon where the pile is dark. */
const STAY_MS: readonly [number, number] = [MINUTE, 60 * MINUTE];
const DARK_STAY_MS: readonly [number, number] = [30_000, 10 * MINUTE];
/** A stop that reaches nobody: the gun is pulled within this. */
const PULL_MS_MAX = 170_000;
const LOST_MS = 180_000; // the setting `lostMs`
/** Nothing happens in a longer absence that did not before. */
const LATER_MS_MAX = 10 * MINUTE;

/** A pile as it physically is: a car that takes what it likes, and a meter that counts it. */
class Bench {
  wh = 1_000_000;
  powerW = 0;
  /** When the newest reading that the platform has was taken. */
  readAt = 0;
  charging = false;
  constructor(
    readonly rig: Rig,
    readonly ratedW: number,
    public car: CarState,
    readonly clockOffMs: number,
  ) {}

  get deviceAt(): number {
    return Math.max(0, this.rig.step.at + this.clockOffMs);
  }
  get registerWh(): number {
    return Math.floor(this.wh);
  }
  #tell(type: string, body: Record<string, unknown>): void {
    const { ok, refusal } = this.rig.tell(type, body);
    if (!ok) throw new TypeError(`${type} is refused: ${refusal?.code}`);
  }
  run(ms: number): void {
    const step = this.charging ? STEP_MS : LOST_MS;
    for (let left = ms; left > 0; left -= step) {
      const span = Math.min(left, step);
      if (this.charging) {
        const { car, reading } = stepCar(this.car, span, this.ratedW);
        this.car = car;
        this.wh += reading.wh;
        this.powerW = reading.powerW;
      }
      this.rig.step.advance(span);
    }
  }
  read(): void {
    this.readAt = this.rig.step.at;
    const { registerWh, powerW, deviceAt } = this;
    this.#tell("ReportMeter", { registerWh, powerW, deviceAt });
  }
  end(reason: string, deviceAt: number): void {
    this.charging = false;
    this.#tell("ReportEnded", { orderId: ORDER, registerWh: this.registerWh, reason, deviceAt });
  }
}

function charging(random: Random): Bench {
  const ratedW = random.pick(RATED_W);
  const kind = ratedW < 10_000 ? "ac" : "dc";
  const rig = rigOf(newPile());
  const plug = kind === "ac" ? "gb-ac" : "gb-dc";
  rig.step.send({
    type: "RegisterPile",
    stationId: "stn_east1",
    code: "100001",
    lane: "native",
    ratedPowerW: ratedW,
    connectors: [{ no: 1, plug, ratedPowerW: ratedW, reservable: true }],
  }, { principal: opsPrincipal });
  rig.setTariff();
  rig.openLink();
  rig.plug();
  const car = createCar({
    model: pickModel(random, kind),
    kind,
    socPct: random.between(5, 90),
    seed: Math.floor(random.next() * 1e9),
  });
  // Most clocks are about right; some are an hour, a day or half a century off.
  const off = random.weighted([6, 2, 1, 1]);
  const clockOffMs = [
    random.between(-100_000, 100_000),
    random.between(-3_600_000, 3_600_000),
    86_400_000,
    -rig.step.at,
  ][off]!;
  const bench = new Bench(rig, ratedW, car, Math.round(clockOffMs));
  rig.keep();
  rig.start(ORDER, {}, null);
  rig.says("start", "accepted");
  bench.run(2_000);
  bench.charging = true;
  const { registerWh, deviceAt } = bench;
  rig.tell("ReportStarted", { orderId: ORDER, registerWh, deviceAt });
  const minutes = Math.floor(random.between(1, 15));
  for (let i = 0; i < minutes; i++) {
    bench.run(span(random, 10_000, MINUTE));
    bench.read();
  }
  rig.step.take();
  return bench;
}

/** The newest word of an end that the order was told. */
function told(bench: Bench): Told | null {
  return toldTo(bench.rig.step.take()).findLast(({ type }) => type === "ConnectorEnded") ?? null;
}

const span = (random: Random, low: number, high: number) => Math.round(random.between(low, high));

interface Gap {
  ms: number;
  end: Told | null;
  later: Told | null;
}
type Act = (bench: Bench, random: Random) => Gap;

function awayMs(random: Random): number {
  if (random.next() < GONE_SHARE) return Infinity;
  const [low, high] = AWAY_MS.map(Math.log) as [number, number];
  return Math.round(Math.exp(random.between(low, high)));
}

/** Back with all that it knows. */
function back(bench: Bench, reason: string, endedAt: number, bootId?: string): void {
  bench.rig.openLink(bootId);
  bench.end(reason, endedAt);
}

/** The stop reaches nobody; the gun is pulled, and three minutes later the bill is due. */
function stopAway(
  bench: Bench,
  random: Random,
  leftMs: number,
  backAgain: (pulledAt: number) => void,
): Gap {
  bench.rig.stop();
  const pullMs = span(random, 0, PULL_MS_MAX);
  bench.run(Math.min(pullMs, leftMs));
  if (leftMs > pullMs) bench.charging = false;
  const pulledAt = bench.deviceAt;
  bench.run(Math.min(LOST_MS - pullMs, Math.max(leftMs - pullMs, 0)));
  const end = told(bench);
  const ms = bench.rig.step.at - bench.readAt;
  if (leftMs === Infinity) return { ms, end, later: null };
  bench.run(Math.min(Math.max(leftMs - LOST_MS, 0), LATER_MS_MAX));
  backAgain(pulledAt);
  const later = told(bench);
  return end === null ? { ms, end: later, later: null } : { ms, end, later };
}

const acts: Record<GapCause, Act> = {
  /** No way to the platform: the pile charges on and keeps its facts. */
  link(bench, random) {
    bench.run(span(random, 0, MINUTE));
    bench.rig.loseLink();
    const away = awayMs(random);
    const stay = span(random, ...STAY_MS);
    bench.run(Math.min(away, stay));
    if (away > stay) {
      return stopAway(bench, random, away - stay, (pulledAt) => back(bench, "local", pulledAt));
    }
    const ms = bench.rig.step.at - bench.readAt;
    bench.rig.openLink();
    bench.read();
    bench.end("local", bench.deviceAt);
    return { ms, end: told(bench), later: null };
  },
  /** The link stands and no reading comes; the end is told as always. */
  readings(bench, random) {
    bench.run(Math.min(awayMs(random), span(random, ...STAY_MS)));
    const ms = bench.rig.step.at - bench.readAt;
    bench.end("local", bench.deviceAt);
    return { ms, end: told(bench), later: null };
  },
  /** The mains fail: the charge is over, and the meter kept. */
  power(bench, random) {
    bench.run(span(random, 0, MINUTE));
    const endedAt = bench.deviceAt;
    bench.charging = false;
    bench.rig.loseLink();
    const away = awayMs(random);
    const stay = span(random, ...DARK_STAY_MS);
    bench.run(Math.min(away, stay));
    const on = () => back(bench, "power-loss", endedAt, "boot-2");
    if (away > stay) return stopAway(bench, random, away - stay, on);
    const ms = bench.rig.step.at - bench.readAt;
    on();
    return { ms, end: told(bench), later: null };
  },
  /** Found idle: its report of the end is lost, and its answers name no register. */
  "end-forgotten"(bench, random) {
    bench.run(span(random, 0, MINUTE));
    bench.rig.stop();
    bench.run(span(random, 500, 9_000));
    bench.charging = false;
    for (let i = 0; i < 2; i++) {
      bench.rig.says("stop", "accepted");
      bench.run(10_000);
      bench.rig.sees("idle");
    }
    return { ms: bench.rig.step.at - bench.readAt, end: told(bench), later: null };
  },
};

export function randomGap(seed: number): GapSeen {
  const random = seeded(seed);
  const bench = charging(random);
  const cause = random.pick(CAUSES);
  const { ms, end, later } = acts[cause](bench, random);
  if (end === null) throw new TypeError(`seed ${seed}: the order was never told of an end`);
  const { registerWh, estimated } = end as {
    registerWh: number;
    estimated?: { lowWh: number; highWh: number };
  };
  const { lowWh, highWh } = estimated ?? { lowWh: registerWh, highWh: registerWh };
  return {
    cause,
    estimated: estimated !== undefined,
    trueWh: bench.registerWh,
    lowWh,
    highWh,
    billedWh: registerWh,
    mostWh: bench.ratedW * ms / WH_MS,
    correctedWh: (later as { registerWh: number } | null)?.registerWh ?? null,
    told: { end, later },
  };
}
