// Names that a lock's actor makes itself: timers and command ids.
import type { Move } from "./state.ts";

/** step: of the move under way. end: its deadline. release: of what was wanted for a time. check: of a fault. */
export const timers = { step: "step", end: "end", release: "release", check: "check" } as const;

export const moveIdOf = (lockId: string, count: number): string => `${lockId}-m${count}`;
/** The same on every try of a round: the device acts on it at most once. */
export const commandIdOf = ({ commandId, round }: Pick<Move, "commandId" | "round">): string =>
  round === 1 ? commandId : `${commandId}-${round}`;
