// A patrol task as the console sees it; who reported it, their ticket and photo tell.
import type { PatrolView } from "../../wire/patrol.ts";
import { isoOf } from "../../wire/units.ts";
import { type Ctx, refuse, type Refused } from "../kit/mod.ts";
import { inScope } from "../kit/who.ts";
import type { KnownPatrol, PatrolState } from "./state.ts";

export function read(name: string, state: PatrolState, ctx: Ctx): { body: unknown } | Refused {
  const { principal, self, v } = ctx;
  const may = principal.kind === "system" || principal.kind === "ops";
  if (state.status === "absent" || !may || !inScope(principal, state.stationId)) {
    return refuse("patrol.unknown");
  }
  if (name !== "show") return refuse("request.not-found", { read: name });
  return { body: viewOf(state, self.id, v) };
}

function viewOf(state: KnownPatrol, id: string, v: number): PatrolView {
  const { userId: _reporter, openedAt, takenAt, endedAt, ...rest } = state;
  return {
    id,
    v,
    ...rest,
    openedAt: isoOf(openedAt),
    ...(takenAt === undefined ? {} : { takenAt: isoOf(takenAt) }),
    ...(endedAt === undefined ? {} : { endedAt: isoOf(endedAt) }),
  };
}
