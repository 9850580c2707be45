// Runs a drill part by part: setup, fault, a check for each clause, what each party saw, the incident,
// and the records that prove it. A check that is red does not end the run; a broken setup does.
import { drillRows, type DrillStep, type Evidence } from "../../wire/drill.ts";
import { clauses, type Safeguard, safeguardsOf } from "../../wire/safeguards.ts";
import type { Incident } from "./console.ts";
import type { AnyPart, Check, Drill, Words } from "./drill.ts";
import { until } from "./see.ts";
import type { Stage } from "./stage.ts";

export interface Wish {
  readonly runId: string;
  /** Only the parts that have a clause of one of them are played. */
  readonly without?: readonly Safeguard[];
  onStep?(step: DrillStep): void | Promise<void>;
}
export interface Outcome {
  readonly row: string;
  readonly name: string;
  readonly passed: boolean;
  readonly steps: readonly DrillStep[];
  readonly evidence: readonly Evidence[];
  /** Clauses of the row that no check shows yet. */
  readonly open: readonly Safeguard[];
  readonly ms: number;
}

const SAID_MAX = 480;

export async function runDrill(drill: Drill, stage: Stage, wish: Wish): Promise<Outcome> {
  const { without = [] } = wish;
  const began = performance.now();
  const parts = drill.parts.filter((part) =>
    without.length === 0 || without.some((name) => Object.hasOwn(part.clauses, name))
  );
  const steps: DrillStep[] = [];
  const evidence: Evidence[] = [];
  for (const part of parts) {
    const settings = { ...drill.times, ...part.times };
    const off = new Set([...without, ...part.off ?? []]);
    await stage.begin({ runId: wish.runId, without: [...off], settings });
    const play = new Play(drill, stage, part, async (step) => {
      steps.push(step);
      await wish.onStep?.(step);
    });
    evidence.push(...await play.whole());
    await stage.end();
  }
  return {
    row: drill.row,
    name: drillRows[drill.row].en,
    passed: steps.length > 0 && steps.every(({ ok }) => ok),
    steps,
    evidence,
    open: openClauses(drill),
    ms: Math.round(performance.now() - began),
  };
}

/** Clauses without a check. */
export const openClauses = (drill: Drill): Safeguard[] =>
  safeguardsOf(drill.row)
    .filter((name) => !drill.parts.some((part) => Object.hasOwn(part.clauses, name)));

class Play {
  constructor(
    private readonly drill: Drill,
    private readonly stage: Stage,
    private readonly part: AnyPart,
    private readonly note: (step: DrillStep) => Promise<void>,
  ) {}

  async whole(): Promise<Evidence[]> {
    const { part, stage } = this;
    let cast: unknown;
    const isSet = await this.#step("setup", part.words, async () => {
      cast = await part.setup(stage);
      return "ready";
    });
    if (!isSet) return [];
    const hasHit = await this.#step("fault", FAULT, async () => {
      const hit = await part.fault(cast, stage);
      if (hit === "") throw new RangeError("the fault hit nothing");
      return hit;
    });
    if (!hasHit) return [];
    for (const [name, check] of Object.entries(part.clauses) as [Safeguard, Check<unknown>][]) {
      await this.#step("clause", clauses[name], () => check(cast, stage), name);
    }
    for (const kind of ["user", "ops", "money", "log"] as const) {
      await this.#step(kind, PARTIES[kind], () => part[kind](cast, stage));
    }
    const found: Evidence[] = [];
    const targets = part.proof(cast);
    if (part.incident) {
      await this.#step("incident", INCIDENT, () => this.#incident(targets, found));
    }
    await this.#step("proof", PROOF, () => this.#proof(targets, found));
    return found;
  }

  async #step(
    kind: DrillStep["kind"],
    { zh, en }: Words,
    run: () => Promise<string>,
    safeguard?: Safeguard,
  ): Promise<boolean> {
    const began = performance.now();
    const [ok, said] = await Promise.resolve().then(run).then( // a check may throw at once
      (words) => [true, words] as const,
      (error: unknown) => [false, error instanceof Error ? error.message : String(error)] as const,
    );
    await this.note({
      kind,
      words: { zh, en },
      ok,
      said: said.slice(0, SAID_MAX),
      ...(safeguard ? { safeguard } : {}),
      ms: Math.round(performance.now() - began),
    });
    return ok;
  }

  async #incident(targets: ReturnType<AnyPart["proof"]>, found: Evidence[]): Promise<string> {
    const { cause, outcome, row = this.drill.row } = this.part.incident!;
    const actors = targets.map(({ kind, id }) => `${kind}/${id}`);
    const isIt = (said: string) => typeof cause === "string" ? said === cause : cause.test(said);
    const isOurs = ({ actor, facts }: Incident) =>
      !actor.startsWith("auditor/") || targets.some(({ id }) => String(facts.where).includes(id));
    const one = await until(`incident ${row} ${String(cause)}`, async () => {
      const all = (await this.stage.console.incidents(row, actors)).filter(isOurs);
      return all.find((each) => isIt(each.cause) && (!outcome || each.outcome === outcome));
    });
    const v = Number(one.id.split("/").at(-2));
    found.push({ kind: "incident", id: one.id, v, words: `${row} ${one.cause} ${one.outcome}` });
    return `${one.cause}, ${one.action}, ${one.outcome}`;
  }

  /** Each of them opens, and holds what happened in this run. */
  async #proof(targets: ReturnType<AnyPart["proof"]>, found: Evidence[]): Promise<string> {
    for (const { kind, id } of targets) {
      const records = await this.stage.console.records(kind, id);
      const last = records.at(-1);
      if (!last) throw new RangeError(`${kind}/${id} has no record`);
      found.push({ kind, id, v: last.v, words: last.type });
    }
    return found.map(({ kind, id, v }) => `${kind}/${id} v${v}`).join(", ");
  }
}

const FAULT = { zh: "制造故障", en: "The fault is brought about" };
const INCIDENT = { zh: "事件已记录", en: "The incident is kept" };
const PROOF = { zh: "证据：本次记录", en: "Proof: records of this run" };
const PARTIES = {
  user: { zh: "车主看到", en: "What the driver saw" },
  ops: { zh: "运维看到", en: "What ops saw" },
  money: { zh: "资金", en: "What the money did" },
  log: { zh: "日志保留", en: "What the log kept" },
} as const;
