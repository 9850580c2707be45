// One reading of an OCPP 1.6 meter, in our units: which of its sampled values count, how phases come
// together, and what cannot be understood.
import type { OCPP16 } from "typed-ocpp/dist/ocpp16/index.js";
import { momentOf } from "./moments.ts";

export interface MeterSample {
  t: number;
  registerWh?: number;
  powerW?: number;
  mV?: number;
  mA?: number;
  socPct?: number;
  /** Why parts were left out; absent: all is well. */
  flag?: "unparseable" | "out-of-range" | "clock";
  /** What was left out, as sent. */
  raw?: string;
}
type Field = "registerWh" | "powerW" | "mV" | "mA" | "socPct";
interface Rule {
  field: Field;
  /** Several phases: added, averaged, or the largest. */
  join: "sum" | "mean" | "max";
  max: number;
  min: number;
  factors: Record<string, number>;
}

const rules = new Map<string, Rule>([
  ["Energy.Active.Import.Register", {
    field: "registerWh",
    join: "sum",
    min: 0,
    max: 1_000_000_000_000,
    factors: { "": 1, Wh: 1, kWh: 1000 },
  }],
  ["Power.Active.Import", {
    field: "powerW",
    join: "sum",
    min: 0,
    max: 10_000_000,
    factors: { "": 1, W: 1, kW: 1000 },
  }],
  ["Voltage", {
    field: "mV",
    join: "mean",
    min: 0,
    max: 2_000_000,
    factors: { "": 1000, V: 1000 },
  }],
  ["Current.Import", {
    field: "mA",
    join: "max",
    min: -2_000_000,
    max: 2_000_000,
    factors: { "": 1000, A: 1000 },
  }],
  ["SoC", { field: "socPct", join: "max", min: 0, max: 100, factors: { "": 1, Percent: 1 } }],
]);
const DEFAULT_MEASURAND = "Energy.Active.Import.Register"; // OCPP 1.6, 7.43

/** Whole values win over phases, the outlet over any other place; then phases are joined. */
const RANK_WHOLE = 0;
const RANK_PHASE = 1;
const RANK_ELSEWHERE = 2;

interface Gathered {
  rank: number;
  sum: number;
  count: number;
  largest: number;
}

const RAW_LENGTH_MAX = 500;
const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;

export function readMeter(entry: OCPP16.MeterValue): MeterSample {
  const moment = momentOf(entry.timestamp);
  const sample: MeterSample = { t: moment.at };
  if (!moment.plausible) note(sample, "clock", entry.timestamp);
  const gathered = new Map<Rule, Gathered>();
  for (const value of entry.sampledValue) gather(sample, gathered, value);
  for (const [rule, found] of gathered) {
    const joined = rule.join === "sum"
      ? found.sum
      : rule.join === "mean"
      ? found.sum / found.count
      : found.largest;
    const rounded = Math.round(joined);
    if (rounded >= rule.min && rounded <= rule.max) sample[rule.field] = rounded;
    else note(sample, "out-of-range", `${rule.field}=${joined}`);
  }
  return sample;
}

function gather(
  sample: MeterSample,
  gathered: Map<Rule, Gathered>,
  value: OCPP16.SampledValue,
): void {
  const rule = rules.get(value.measurand ?? DEFAULT_MEASURAND);
  if (rule === undefined) return;
  const factor = rule.factors[value.unit ?? ""];
  if (factor === undefined || value.format === "SignedData" || !number.test(value.value)) {
    note(sample, "unparseable", `${rule.field}=${value.value} ${value.unit ?? ""}`.trim());
    return;
  }
  const read = Number(value.value) * factor;
  const rank = rankOf(value, rule);
  const found = gathered.get(rule);
  if (found === undefined || rank < found.rank) {
    gathered.set(rule, { rank, sum: read, count: 1, largest: read });
  } else if (rank === found.rank && value.phase !== undefined) {
    found.sum += read;
    found.count += 1;
    if (Math.abs(read) > Math.abs(found.largest)) found.largest = read;
  }
}

function rankOf(value: OCPP16.SampledValue, rule: Rule): number {
  const here = value.location === undefined || value.location === "Outlet" ||
    rule.field === "socPct";
  if (!here) return RANK_ELSEWHERE;
  return value.phase === undefined ? RANK_WHOLE : RANK_PHASE;
}

function note(sample: MeterSample, flag: NonNullable<MeterSample["flag"]>, raw: string): void {
  sample.flag ??= flag;
  sample.raw = (sample.raw === undefined ? raw : `${sample.raw}; ${raw}`).slice(0, RAW_LENGTH_MAX);
}
