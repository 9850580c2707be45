// What a patrol task is after each event.
import { assert } from "../kit/assert.ts";
import type { PatrolEvent, PatrolState } from "./state.ts";

export function evolve(
  state: PatrolState,
  event: PatrolEvent,
  { at }: { at: number },
): PatrolState {
  if (event.type === "IncidentRaised") return state;
  if (event.type === "PatrolOpened") {
    const { type: _type, ...about } = event;
    return { status: "open", ...about, openedAt: at };
  }
  assert(state.status !== "absent", "nothing happens to an unknown task", { event: event.type });
  switch (event.type) {
    case "PatrolTaken":
      return { ...state, status: "taken", takenAt: at, takenBy: event.by };
    case "PatrolDone": {
      const { by: takenBy, note, found, photo } = event;
      return { ...state, status: "done", takenBy, note, found, photo, endedAt: at };
    }
    case "PatrolWithdrawn":
      return { ...state, status: "withdrawn", why: event.why, endedAt: at };
  }
}
