// What a ticket is after each event.
import { assert } from "../kit/assert.ts";
import { type Line, LINES_MAX, type TicketEvent, type TicketState } from "./state.ts";

const added = (lines: Line[], line: Line): Line[] =>
  (line.text === "" ? lines : [...lines, line]).slice(-LINES_MAX);

export function evolve(
  state: TicketState,
  event: TicketEvent,
  { at }: { at: number },
): TicketState {
  if (event.type === "HelpAsked" || event.type === "AppealBrought") {
    const { type: _type, text, ...about } = event;
    return {
      status: "open",
      ...about,
      openedAt: at,
      lines: added([], { at, by: "driver", text }),
    };
  }
  assert(state.status !== "absent", "nothing happens to an unknown ticket", { event: event.type });
  switch (event.type) {
    case "HelpAskedAgain": {
      const lines = added(state.lines, { at, by: "driver", text: event.text });
      if (state.status !== "closed") return { ...state, lines };
      const { takenAt: _taken, takenBy: _by, closedAt: _closed, ...rest } = state;
      return { ...rest, status: "open", lines };
    }
    case "TicketTaken":
      return { ...state, status: "taken", takenAt: at, takenBy: event.by };
    case "TicketClosed": {
      const lines = added(state.lines, { at, by: "ops", text: event.note });
      return { ...state, status: "closed", closedAt: at, lines };
    }
    case "IncidentRaised":
      return state;
  }
}
