// A task is opened by a rule or a driver, taken and finished by ops with a photo, withdrawn where the car
// has gone by itself. Each opening rings the console.
import type { IncidentRaised } from "../../wire/incident.ts";
import type { PatrolCommand } from "../../wire/patrol.ts";
import { type Ctx, type Decision, nothing, refuse, replied } from "../kit/mod.ts";
import { hasRole, inScope, isActor } from "../kit/who.ts";
import type { About, KnownPatrol, Of, PatrolEvent, PatrolState } from "./state.ts";

type Decided = Decision<PatrolEvent, PatrolState>;

export function decide(state: PatrolState, command: PatrolCommand, ctx: Ctx): Decided {
  switch (command.type) {
    case "OpenPatrol":
      return openPatrol(state, command, ctx);
    case "ReportBay":
      return reportBay(state, command, ctx);
    case "WithdrawPatrol":
      return withdraw(state, command, ctx);
    case "TakePatrol":
    case "FinishPatrol":
      return byOps(state, command, ctx);
  }
}

function opened(about: About, ctx: Ctx): PatrolEvent[] {
  return [{ type: "PatrolOpened", ...about }, ringing(about, ctx)];
}
function ringing({ cause, pileId, connector, orderId }: About, { self }: Ctx): IncidentRaised {
  return {
    type: "IncidentRaised",
    row: "7.3",
    cause: `bay-${cause}`,
    actor: `patrol/${self.id}`,
    words: "bay.patrol",
    action: "patrol-opened",
    outcome: "needs-person",
    facts: {
      pileId,
      ...(connector === undefined ? {} : { connector }),
      ...(orderId === undefined ? {} : { orderId }),
    },
  };
}

function openPatrol(state: PatrolState, command: Of<"OpenPatrol">, ctx: Ctx): Decided {
  const { type: _type, ...about } = command;
  if (!isActor(ctx.principal, "order", about.orderId)) return refuse("auth.forbidden");
  return state.status === "absent" ? opened(about, ctx) : nothing;
}

/** A driver stands before a bay that somebody blocks. */
function reportBay(state: PatrolState, command: Of<"ReportBay">, ctx: Ctx): Decided {
  const { type: _type, text, photo, ...about } = command;
  const userId = ctx.principal.id;
  if (state.status !== "absent") {
    return state.userId === userId ? replied([], (_s, v) => ({ v })) : refuse("patrol.unknown");
  }
  const said = {
    ...(text === "" ? {} : { text }),
    ...(photo ? { reportPhoto: photo } : {}),
  };
  return replied(
    opened({ cause: "reported", ...about, userId, ...said }, ctx),
    (_state, v) => ({ v }),
  );
}

const isOver = ({ status }: KnownPatrol): boolean => status === "done" || status === "withdrawn";

function withdraw(state: PatrolState, { why }: Of<"WithdrawPatrol">, ctx: Ctx): Decided {
  if (state.status === "absent" || isOver(state)) return nothing;
  if (!isActor(ctx.principal, "order", state.orderId ?? "")) return refuse("auth.forbidden");
  return state.status === "open" ? [{ type: "PatrolWithdrawn", why }] : nothing; // somebody is there
}

function byOps(
  state: PatrolState,
  command: Of<"TakePatrol" | "FinishPatrol">,
  { principal }: Ctx,
): Decided {
  if (state.status === "absent" || !inScope(principal, state.stationId)) {
    return refuse("patrol.unknown");
  }
  if (!hasRole(principal, "service", "operator")) return refuse("auth.forbidden");
  if (isOver(state)) return refuse("patrol.over", { status: state.status });
  const by = principal.id;
  if (command.type === "TakePatrol") {
    return state.takenBy === by ? nothing : [{ type: "PatrolTaken", by }];
  }
  const { note, found, photo } = command;
  return [{ type: "PatrolDone", by, note, found, photo }];
}
