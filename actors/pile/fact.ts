// Which facts of a device are taken: of the present link, in their order, each once.
import { nothing, refuse, type Refused, type Replied, replied } from "../kit/mod.ts";
import type { PileCommand } from "../../wire/pile.ts";
import type { PileEvent } from "./events.ts";
import type { PileState, Registered } from "./state.ts";
import { openTurn, type PileCtx, type Turn } from "./turn.ts";

export type Of<T extends PileCommand["type"]> = Extract<PileCommand, { type: T }>;
export type PileDecision = readonly PileEvent[] | Refused | Replied<PileEvent, PileState>;
type Fact = Exclude<Extract<PileCommand, { linkEpoch: number }>, { type: "LoseLink" }>;

/** Refused, done before, or (null) to be taken. */
function gate(state: Registered, { linkEpoch, fact }: Fact): Refused | "done" | null {
  if (linkEpoch !== state.link.linkEpoch) {
    return refuse("pile.link-stale", { linkEpoch: state.link.linkEpoch });
  }
  if (!fact || fact.seq === state.factSeq + 1) return null;
  if (fact.seq <= state.factSeq) return "done";
  return refuse("fact.gap", { expect: state.factSeq + 1 });
}

/** What taking a fact comes to, beside its events. */
export interface Taken {
  body?: unknown;
  later?: true;
}

/**
 * Takes a fact through its gate. `repeat` answers one that was taken before; `take` adds events to the
 * turn and may give an answer. The fact's place in the sequence is stored in the same record.
 */
export function takeFact<C extends Fact>(
  state: Registered,
  command: C,
  ctx: PileCtx,
  take: (turn: Turn, command: C) => Taken | void,
  repeat: (state: Registered, command: C) => unknown = () => null,
): PileDecision {
  const gated = gate(state, command);
  if (gated === "done") return replied(nothing, () => repeat(state, command));
  if (gated) return gated;
  const turn = openTurn(state, ctx);
  const taken = take(turn, command) ?? {};
  if (command.fact) {
    turn.add({ type: "FactTaken", bootId: command.fact.bootId, seq: command.fact.seq });
  }
  if (taken.later) return { events: turn.events, later: true };
  return replied(turn.events, () => taken.body ?? null);
}
