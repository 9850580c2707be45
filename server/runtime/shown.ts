// What an actor in memory shows of itself to operators: what it is busy with, never its state.
import type { Address, OutItem } from "../../wire/envelope.ts";
import type { Head } from "./turn.ts";

export interface ParkedLane {
  item: OutItem;
  failures: number;
}
/** What one actor in memory shows of itself. */
export interface Shown {
  actor: Address;
  /** Since it was loaded. */
  commands: number;
  waiting: number;
  parked: readonly ParkedLane[];
  quarantined: boolean;
}

export type Inspection = ReturnType<typeof inspection>;

export function inspection(
  node: string,
  { seq, draft }: Head,
  { waiting, parked, quarantined }: Shown,
  waiters: number,
) {
  return {
    mailbox: waiting,
    waiters,
    parked: parked.length,
    quarantined,
    v: draft.v,
    at: draft.at,
    seq,
    node,
    out: draft.out.map(({ id, lane, at, message: m }) => {
      return { id, lane, at, to: m.to === "port" ? m.port : m.type };
    }),
    timers: Object.fromEntries(Object.entries(draft.timers).map(([name, t]) => [name, t.at])),
    done: draft.done.length,
    senders: Object.keys(draft.in).length,
  };
}
