// One small actor in three shapes and the five releases that bring them: it counts what is put in and
// tells a neighbour of every third. For the proofs of shapes over time.
import { type ActorDefinition, onEvent, replied, Tell } from "../../actors/kit/mod.ts";
import { lift, type Step } from "../../wire/upgrade.ts";

type Command = { type: "Put"; by: number; word: string; tell?: string };
type Definition<S, E extends { type: string }> = ActorDefinition<S, Command, E>;

interface State1 {
  total: number;
  words: Record<string, number>;
}
interface State2 {
  sum: { whole: number };
  words: Record<string, number>;
}
export interface State3 {
  sum: { whole: number };
  words: [word: string, times: number][];
}
interface Event1 {
  type: "Added";
  by: number;
  word: string;
  tell: string | null;
}
interface Event2 {
  type: "Added";
  amount: number;
  word: string;
  tell: string | null;
}
interface Event3 {
  type: "Added";
  amount: { whole: number };
  word: string;
  tell: string | null;
}

const stateSteps: Step[] = [
  ({ total, words }: State1): State2 => ({ sum: { whole: total }, words }),
  ({ sum, words }: State2): State3 => ({ sum, words: Object.entries(words).sort(byWord) }),
];
const eventSteps: Step[] = [
  ({ by, ...event }: Event1): Event2 => ({ ...event, amount: by }),
  ({ amount, ...event }: Event2): Event3 => ({ ...event, amount: { whole: amount } }),
];
const byWord = ([a]: [string, number], [b]: [string, number]) => (a < b ? -1 : 1);

const grants = { Put: ["driver", "actor"] } as const;
const shared = {
  kind: "crate",
  parse: (command: { type: string }) => command as Command,
  grants,
};
const tell = onEvent<{ type: "Added"; word: string; tell: string | null }, unknown>({
  Added: ({ word, tell }) =>
    tell === null ? [] : [Tell({ kind: "crate", id: tell }, "Put", { by: 1, word: `${word}+` })],
});
const more = (words: Record<string, number>, word: string) => ({
  ...words,
  [word]: (words[word] ?? 0) + 1,
});
/** Told the same whatever the shape. */
const told = (total: number, words: number) => ({ body: { total, words } });

const first: Definition<State1, Event1> = {
  ...shared,
  sv: 1,
  initial: { total: 0, words: {} },
  decide: (_state, { by, word, tell = null }) =>
    replied([{ type: "Added", by, word, tell }], (after) => ({ total: after.total })),
  evolve: ({ total, words }, { by, word }) => ({ total: total + by, words: more(words, word) }),
  react: tell,
  read: (_name, { total, words }) => told(total, Object.keys(words).length),
};

const second: Definition<State2, Event2> = {
  ...shared,
  sv: 2,
  eventVersions: { Added: 2 },
  initial: { sum: { whole: 0 }, words: {} },
  upcastState: (sv, state) => lift(stateSteps.slice(0, 1), sv, state) as State2,
  upcastEvent: (event) => lift(eventSteps.slice(0, 1), event.sv, event) as Event2,
  decide: (_state, { by, word, tell = null }) =>
    replied([{ type: "Added", amount: by, word, tell }], (after) => ({ total: after.sum.whole })),
  evolve: ({ sum: { whole }, words }, { amount, word }) => ({
    sum: { whole: whole + amount },
    words: more(words, word),
  }),
  react: tell,
  read: (_name, { sum, words }) => told(sum.whole, Object.keys(words).length),
};

const third: Definition<State3, Event3> = {
  ...shared,
  sv: 3,
  eventVersions: { Added: 3 },
  initial: { sum: { whole: 0 }, words: [] },
  upcastState: (sv, state) => lift(stateSteps, sv, state) as State3,
  upcastEvent: (event) => lift(eventSteps, event.sv, event) as Event3,
  decide: (_state, { by, word, tell = null }) =>
    replied(
      [{ type: "Added", amount: { whole: by }, word, tell }],
      (after) => ({ total: after.sum.whole }),
    ),
  evolve: ({ sum: { whole }, words }, { amount, word }) => ({
    sum: { whole: whole + amount.whole },
    words: Object.entries(more(Object.fromEntries(words), word)).sort(byWord),
  }),
  react: tell,
  read: (_name, { sum, words }) => told(sum.whole, words.length),
};

/** By what they know and write: `r2w1` knows shape 2 and still writes shape 1. */
export const releases = {
  r1: first,
  r2w1: {
    ...second,
    writes: {
      sv: 1,
      state: ({ sum, words }: State2): State1 => ({ total: sum.whole, words }),
      event: ({ amount, ...event }: Event2 & { sv: number }) => ({ ...event, by: amount, sv: 1 }),
    },
  },
  r2: second,
  r3w2: {
    ...third,
    writes: {
      sv: 2,
      state: ({ sum, words }: State3): State2 => ({ sum, words: Object.fromEntries(words) }),
      event: ({ amount, ...event }: Event3 & { sv: number }) => (
        { ...event, amount: amount.whole, sv: 2 }
      ),
    },
  },
  r3: third,
};
export type Release = keyof typeof releases;
