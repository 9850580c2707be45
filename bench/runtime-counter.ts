// The actor of the runtime's bench: adds up and answers the sum; its records weigh as much as wanted.
import { type ActorDefinition, replied } from "../actors/kit/mod.ts";
import type { Address, JournalRecord } from "../wire/envelope.ts";

export interface State {
  total: number;
  pad: string;
}
type Command = { type: "Add"; by: number } | { type: "TimerFired" };

/** `pad`: characters beside the sum; 900 make a record of 1.5 KB, as an order's. */
export function counterOf(
  pad: number,
): ActorDefinition<State, Command, { type: "Added"; by: number }> {
  return {
    kind: "counter",
    sv: 1,
    initial: { total: 0, pad: "x".repeat(pad) },
    parse: (command) => command as unknown as Command,
    grants: { Add: ["driver", "device"], TimerFired: ["system"] },
    decide: (_state, command) =>
      command.type === "TimerFired"
        ? []
        : replied([{ type: "Added", by: command.by }], (state) => ({ total: state.total })),
    evolve: (state, { by }) => ({ ...state, total: state.total + by }),
    react: () => [],
    read: (_name, state) => ({ body: state.total }),
  };
}
export const PAD = 900;

export const counterAt = (id: string): Address => ({ tenant: "main", kind: "counter", id });

/** The first record of a counter, as the runtime would write it after one `Add`. */
export function firstRecord(id: string, pad: number): Omit<JournalRecord, "sum"> {
  const principal = { kind: "device", id: "pile_bench" } as const;
  const command = `seed-${id}`;
  return {
    v: 1,
    sv: 1,
    at: 1_700_000_000_000,
    cause: { command, type: "Add", principal, correlation: command },
    events: [{ type: "Added", sv: 1, by: 1 }],
    state: { total: 1, pad: "x".repeat(pad) },
    done: [],
    in: {},
    out: [],
    timers: {},
  };
}
