// A patrol task (巡查任务): a bay that is kept or blocked is looked at by somebody, with a photo.
import type { ActorDefinition } from "../kit/mod.ts";
import { parseBy } from "../kit/parse.ts";
import { type PatrolCommand, patrolCommand } from "../../wire/patrol.ts";
import { decide } from "./decide.ts";
import { evolve } from "./evolve.ts";
import { read } from "./read.ts";
import type { PatrolEvent, PatrolState } from "./state.ts";

export type { PatrolEvent, PatrolState } from "./state.ts";

export const patrol: ActorDefinition<PatrolState, PatrolCommand, PatrolEvent> = {
  kind: "patrol",
  sv: 1,
  initial: { status: "absent" },
  parse: parseBy(patrolCommand),
  grants: {
    OpenPatrol: ["actor"],
    ReportBay: ["driver"],
    WithdrawPatrol: ["actor"],
    TakePatrol: ["ops"],
    FinishPatrol: ["ops"],
  },
  decide,
  evolve,
  react: () => [], // the console is rung by its incident; nobody waits for more
  read: (name, state, _memory, _query, ctx) => read(name, state, ctx),
  ended: ({ status }) => status === "done" || status === "withdrawn",
};
