// Folds a lock's events; each is a step of its timeline as well.
import { assert } from "../kit/assert.ts";
import {
  ENTRIES_MAX,
  type Entry,
  type EventOf,
  type Fitted,
  type LockActorState,
  type LockEvent,
  type Move,
} from "./state.ts";

interface Ctx {
  at: number;
}

export function evolve(state: LockActorState, event: LockEvent, { at }: Ctx): LockActorState {
  if (event.type === "LockFitted") return noted(fitted(event, state), event, at);
  assert(state.status === "fitted", "nothing happens to a lock that is not there", {
    event: event.type,
  });
  return noted(changed(state, event, at), event, at);
}

/** Fitted anew (another maker, another rule) it keeps its counters: no id is used twice. */
function fitted(event: EventOf<"LockFitted">, before: LockActorState): Fitted {
  const { type: _type, by: _by, ...facts } = event;
  const known = before.status === "fitted" ? before : null;
  return {
    status: "fitted",
    ...facts,
    position: "unknown",
    bay: "unknown",
    toldAt: 0,
    fault: null,
    move: null,
    wish: known?.wish ?? null,
    moves: known?.moves ?? 0,
    calls: known?.calls ?? 0,
    entries: known?.entries ?? [],
  };
}

function moving(state: Fitted, change: (move: Move) => Move): Fitted {
  assert(state.move !== null, "a move is under way");
  return { ...state, move: change(state.move) };
}

function changed(
  state: Fitted,
  event: Exclude<LockEvent, { type: "LockFitted" }>,
  at: number,
): Fitted {
  switch (event.type) {
    case "LockWished": {
      const { to, causeId, until, after } = event;
      const forAWhile = until === undefined ? {} : { until, ...(after && { after }) };
      return { ...state, wish: { to, causeId, ...forAWhile } };
    }
    case "MoveBegun": {
      const { commandId, to, causeId, by } = event;
      const who = { commandId, to, causeId, by, since: at };
      const move: Move = { ...who, phase: "due", tries: 0, round: 1, heard: false };
      return { ...state, move, moves: state.moves + 1 };
    }
    case "LockCalled":
      return called({ ...state, calls: event.n }, event);
    case "LockReplied":
      return replied(state, event);
    case "MoveStepped":
      return moving(state, (move) => {
        const { round, heard } = move;
        const anew = event.newId ? { round: round + 1, heard: false } : { round, heard };
        return { ...move, phase: event.phase, ...anew };
      });
    case "LockSeen":
      return {
        ...state,
        position: event.position,
        bay: event.bay ?? state.bay,
        toldAt: Math.max(state.toldAt, event.deviceAt),
      };
    case "MoveEnded":
      return { ...state, move: null };
    case "LockFaulted": {
      const { code, raw } = event;
      const own = raw === undefined ? {} : { raw };
      return { ...state, fault: { code, ...own, since: at, at: event.at, checks: 0 } };
    }
    case "LockFaultCleared":
      return { ...state, fault: null };
    case "LateWord":
    case "LockReleased":
    case "IncidentRaised":
      return state;
  }
}

function called(state: Fitted, { op }: EventOf<"LockCalled">): Fitted {
  if (state.move === null) {
    const { fault } = state;
    return fault === null ? state : { ...state, fault: { ...fault, checks: fault.checks + 1 } };
  }
  return moving(
    state,
    (move) =>
      op === "move"
        ? { ...move, phase: "sent", tries: move.tries + 1 }
        : { ...move, phase: "asked" },
  );
}

function replied(state: Fitted, { op, n, outcome, code }: EventOf<"LockReplied">): Fitted {
  if (state.move === null || op !== "move" || n !== state.calls) return state;
  switch (outcome) {
    case "accepted":
      return moving(state, (move) => ({ ...move, phase: "moves", heard: true }));
    case "refused":
      return moving(state, (move) => ({ ...move, heard: true, refusal: code ?? "refused" }));
    default: // told or none: what comes next is an event of its own
      return state;
  }
}

function noted(state: Fitted, event: LockEvent, at: number): Fitted {
  if (event.type === "IncidentRaised") return state;
  const { type, ...fields } = event;
  const facts: Entry["facts"] = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      facts[name] = value;
    }
  }
  return { ...state, entries: [...state.entries, { at, what: type, facts }].slice(-ENTRIES_MAX) };
}
