// A run of a drill: what was asked for and what its runner reports, one step after the other. It decides
// nothing about charging; the runner drives the platform from outside, as a real party would.
import {
  DRILL_STEPS_MAX,
  type DrillCommand,
  drillCommand,
  type DrillView,
} from "../../wire/drill.ts";
import { isoOf } from "../../wire/units.ts";
import {
  type ActorDefinition,
  CancelTimer,
  type Ctx,
  type Decision,
  nothing,
  onEvent,
  refuse,
  type Refused,
  StartTimer,
} from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { hasRole } from "../kit/who.ts";
import { type DrillEvent, type DrillState, LOST_MS, type Over } from "./state.ts";

export type { DrillEvent, DrillState } from "./state.ts";

type Decided = Decision<DrillEvent, DrillState>;
const isOver = (state: DrillState): state is Over =>
  state.status === "passed" || state.status === "failed" || state.status === "lost";

function decide(state: DrillState, command: DrillCommand, ctx: Ctx): Decided {
  if (command.type === "TimerFired") {
    return state.status === "absent" || isOver(state) ? nothing : [{ type: "DrillLost" }];
  }
  if (!hasRole(ctx.principal, "operator")) return refuse("auth.forbidden");
  if (command.type === "RequestDrill") {
    if (state.status !== "absent") return nothing;
    const { row, without } = command;
    return [{ type: "DrillRequested", row, without, by: ctx.principal.id }];
  }
  if (state.status === "absent") return refuse("drill.unknown", { runId: ctx.self.id });
  if (isOver(state)) return refuse("drill.over", { status: state.status });
  if (command.type === "EndDrill") {
    const { passed, evidence } = command;
    return [{ type: "DrillEnded", passed, evidence }];
  }
  const before = state.status === "running" ? state.steps.length : 0;
  const steps = command.steps.slice(0, DRILL_STEPS_MAX - before);
  return steps.length === 0 ? nothing : [{ type: "StepsNoted", steps }];
}

function evolve(state: DrillState, event: DrillEvent, { at }: { at: number }): DrillState {
  if (event.type === "DrillRequested") {
    const { row, without, by } = event;
    return { status: "requested", row, without, by, requestedAt: at };
  }
  if (state.status === "absent" || isOver(state)) return state;
  const { row, without, by, requestedAt } = state;
  const asked = { row, without, by, requestedAt };
  const steps = state.status === "running" ? state.steps : [];
  const startedAt = state.status === "running" ? state.startedAt : null;
  switch (event.type) {
    case "StepsNoted":
      return {
        ...asked,
        status: "running",
        startedAt: startedAt ?? at,
        steps: [...steps, ...event.steps],
      };
    case "DrillEnded": {
      const status = event.passed ? "passed" : "failed";
      return { ...asked, status, startedAt, endedAt: at, steps, evidence: event.evidence };
    }
    case "DrillLost":
      return { ...asked, status: "lost", startedAt, endedAt: at, steps, evidence: [] };
  }
}

const lost = (at: number) => StartTimer("lost", at + LOST_MS);

function read(name: string, state: DrillState, ctx: Ctx): { body: unknown } | Refused {
  const { kind } = ctx.principal;
  if (state.status === "absent" || (kind !== "ops" && kind !== "system")) {
    return refuse("drill.unknown", { runId: ctx.self.id });
  }
  if (name !== "show") return refuse("request.not-found", { read: name });
  const { row, without, by, status, requestedAt } = state;
  const startedAt = state.status === "requested" ? null : state.startedAt;
  const view: DrillView = {
    id: ctx.self.id,
    v: ctx.v,
    row,
    without,
    by,
    status,
    requestedAt: isoOf(requestedAt),
    startedAt: startedAt === null ? null : isoOf(startedAt),
    endedAt: isOver(state) ? isoOf(state.endedAt) : null,
    steps: state.status === "requested" ? [] : state.steps,
    evidence: isOver(state) ? state.evidence : [],
  };
  return { body: view };
}

export const drill: ActorDefinition<DrillState, DrillCommand, DrillEvent> = {
  kind: "drill",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(drillCommand),
  grants: {
    RequestDrill: ["ops"],
    NoteSteps: ["ops"],
    EndDrill: ["ops"],
    TimerFired: ["system"],
  },
  decide,
  evolve,
  react: onEvent<DrillEvent, DrillState>({
    DrillRequested: (_event, _state, ctx) => [lost(ctx.at)],
    StepsNoted: (_event, _state, ctx) => [lost(ctx.at)],
    DrillEnded: () => [CancelTimer("lost")],
  }),
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
  ended: isOver,
};
