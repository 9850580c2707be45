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

/** How often each happens: nearly every gap ends with the pile's own meter. */
const WEIGHTS = { link: 30, silent: 20, power: 20, lost: 15, "lost-power": 10, idle: 5 } as const;
const KINDS = Object.keys(WEIGHTS) as (keyof typeof WEIGHTS)[];
export type GapKind = keyof typeof WEIGHTS;

export interface GapSeen {
  kind: GapKind;
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
}

const WH_MS = 3_600_000;
const RATED_W = [7_000, 30_000, 60_000, 120_000, 180_000, 250_000];
const STEP_MS = 10_000;
const MINUTE = 60_000;

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
    for (let left = ms; left > 0; left -= STEP_MS) {
      const span = Math.min(left, STEP_MS);
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

/** The word of the end that the order was billed by. */
function told(bench: Bench): Record<string, unknown> | undefined {
  return toldTo(bench.rig.step.take()).findLast(({ type }) => type === "ConnectorEnded");
}

const span = (random: Random, low: number, high: number) => Math.round(random.between(low, high));

/** The pile is away, and comes back with all it knows, or never says a word before the bill. */
const acts: Record<GapKind, (bench: Bench, random: Random) => number> = {
  link(bench, random) {
    bench.rig.loseLink();
    const ms = span(random, 30_000, 30 * MINUTE);
    bench.run(ms);
    bench.rig.openLink();
    bench.read();
    bench.end("local", bench.deviceAt);
    return ms;
  },
  silent(bench, random) {
    const ms = span(random, 2 * MINUTE, 30 * MINUTE);
    bench.run(ms);
    bench.end("local", bench.deviceAt);
    return ms;
  },
  power(bench, random) {
    bench.run(span(random, 0, MINUTE));
    const endedAt = bench.deviceAt;
    bench.charging = false;
    bench.rig.loseLink();
    const ms = span(random, 30_000, 20 * MINUTE);
    bench.run(ms);
    bench.rig.openLink("boot-2");
    bench.end("power-loss", endedAt);
    return ms;
  },
  lost(bench, random) {
    bench.run(span(random, 0, MINUTE));
    bench.rig.loseLink();
    bench.run(span(random, 10_000, 10 * MINUTE));
    bench.rig.stop();
    bench.run(span(random, 0, 170_000)); // until the driver pulls the gun
    bench.charging = false;
    bench.run(180_000);
    return bench.rig.step.at - bench.readAt;
  },
  "lost-power"(bench, random) {
    bench.run(span(random, 0, MINUTE));
    bench.charging = false;
    bench.rig.loseLink();
    bench.run(span(random, 10_000, 10 * MINUTE));
    bench.rig.stop();
    bench.run(180_000);
    return bench.rig.step.at - bench.readAt;
  },
  idle(bench, random) {
    bench.run(span(random, 0, MINUTE));
    bench.rig.stop();
    bench.run(span(random, 500, 9_000));
    bench.charging = false; // its report is lost, and its answers name no register
    for (let i = 0; i < 2; i++) {
      bench.rig.says("stop", "accepted");
      bench.run(10_000);
      bench.rig.sees("idle");
    }
    return bench.rig.step.at - bench.readAt;
  },
};

export function randomGap(seed: number): GapSeen {
  const random = seeded(seed);
  const bench = charging(random);
  const kind = KINDS[random.weighted(Object.values(WEIGHTS))]!;
  const gapMs = acts[kind](bench, random);
  const billed = told(bench) as {
    registerWh: number;
    estimated?: { lowWh: number; highWh: number };
  };
  const { registerWh } = billed;
  const { lowWh, highWh } = billed.estimated ?? { lowWh: registerWh, highWh: registerWh };
  let correctedWh: number | null = null;
  if (kind === "lost" || kind === "lost-power") {
    const endedAt = bench.deviceAt - 120_000;
    bench.rig.openLink("boot-9");
    bench.end("local", endedAt);
    correctedWh = (told(bench) as { registerWh: number } | undefined)?.registerWh ?? null;
  }
  return {
    kind,
    estimated: billed.estimated !== undefined,
    trueWh: bench.registerWh,
    lowWh,
    highWh,
    billedWh: registerWh,
    mostWh: bench.ratedW * gapMs / WH_MS,
    correctedWh,
  };
}
