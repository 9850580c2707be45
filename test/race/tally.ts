// A small actor that uses everything the runtime offers: counts, tells others, calls a port, waits,
// answers later. Each effect leaves a trace in the state, so that doubles and losses can be counted.
import {
  type ActorDefinition,
  Answer,
  AnswerRefused,
  Call,
  CancelTimer,
  type Decision,
  onEvent,
  refuse,
  replied,
  StartTimer,
  Tell,
} from "../../actors/kit/mod.ts";
import { later } from "../../actors/kit/mod.ts";

export interface TallyState {
  total: number;
  /** How often each word was added: more than once is a double. */
  words: Record<string, number>;
  /** Answers that came back, by reference. */
  answers: Record<string, unknown>;
  rung: string[];
}

export type TallyCommand =
  | { type: "Add"; by: number; word?: string }
  | { type: "Send"; to: string; by: number; word: string; last?: boolean; silent?: boolean }
  | { type: "Fetch"; word: string; lane?: string }
  | { type: "AskLater"; word: string }
  | { type: "Ring"; name: string; at: number }
  | { type: "Hush"; name: string }
  | { type: "Break"; when: "decide" | "evolve" }
  | { type: "TimerFired"; name: string }
  | { type: "Back"; ref: { word: string; waits?: string }; answer: AnswerBody };
type AnswerBody = { ok: true; body: unknown } | {
  ok: false;
  refusal: { code: string; facts: Record<string, unknown> };
};

export type TallyEvent =
  | { type: "Added"; by: number; word?: string }
  | { type: "SendAsked"; to: string; by: number; word: string; last: boolean; silent: boolean }
  | { type: "FetchAsked"; word: string; lane: string; waits?: string }
  | { type: "AnswerCame"; word: string; answer: AnswerBody; waits?: string }
  | { type: "RingSet"; name: string; at: number }
  | { type: "RingHushed"; name: string }
  | { type: "Rang"; name: string }
  | { type: "Broken" };

const MOST = 1_000_000;

class TallyBroken extends Error {}

function decide(
  state: TallyState,
  command: TallyCommand,
  ctx: { commandId: string },
): Decision<TallyEvent, TallyState> {
  switch (command.type) {
    case "Add":
      if (state.total + command.by > MOST) return refuse("tally.full", { total: state.total });
      return replied(
        [{
          type: "Added",
          by: command.by,
          ...(command.word === undefined ? {} : { word: command.word }),
        }],
        (after) => ({ total: after.total }),
      );
    case "Send": {
      const { to, by, word, last = false, silent = false } = command;
      return [{ type: "SendAsked", to, by, word, last, silent }];
    }
    case "Fetch":
      return [{ type: "FetchAsked", word: command.word, lane: command.lane ?? "shop" }];
    case "AskLater":
      return later([
        { type: "FetchAsked", word: command.word, lane: "shop", waits: ctx.commandId },
      ]);
    case "Ring":
      return [{ type: "RingSet", name: command.name, at: command.at }];
    case "Hush":
      return [{ type: "RingHushed", name: command.name }];
    case "Break":
      if (command.when === "decide") throw new TallyBroken("decide broke");
      return [{ type: "Broken" }];
    case "TimerFired":
      return [{ type: "Rang", name: command.name }];
    case "Back":
      return [{ type: "AnswerCame", answer: command.answer, ...command.ref }];
  }
}

function evolve(state: TallyState, event: TallyEvent): TallyState {
  switch (event.type) {
    case "Added": {
      const total = state.total + event.by;
      if (event.word === undefined) return { ...state, total };
      const words = { ...state.words, [event.word]: (state.words[event.word] ?? 0) + 1 };
      return { ...state, total, words };
    }
    case "AnswerCame": {
      const came = event.answer.ok ? event.answer.body : event.answer.refusal.code;
      return { ...state, answers: { ...state.answers, [event.word]: came } };
    }
    case "Rang":
      return { ...state, rung: [...state.rung, event.name] };
    case "Broken":
      throw new TallyBroken("evolve broke");
    case "SendAsked":
    case "FetchAsked":
    case "RingSet":
    case "RingHushed":
      return state;
  }
}

const react = onEvent<TallyEvent, TallyState>({
  SendAsked: ({ to, by, word, last, silent }) => [
    Tell({ kind: "tally", id: to }, "Add", { by, word }, {
      ...(silent ? {} : { onReply: "Back", ref: { word } }),
      last,
    }),
  ],
  FetchAsked: ({ word, lane, waits }) => [
    Call("shop", lane, { word }, {
      onReply: "Back",
      ref: { word, ...(waits === undefined ? {} : { waits }) },
    }),
  ],
  AnswerCame: ({ waits, answer }) => {
    if (waits === undefined) return [];
    return [answer.ok ? Answer(waits, answer.body) : AnswerRefused(waits, answer.refusal)];
  },
  RingSet: ({ name, at }) => [StartTimer(name, at)],
  RingHushed: ({ name }) => [CancelTimer(name)],
});

const anybody = ["driver", "ops", "actor", "system", "provider"] as const;

export const tally: ActorDefinition<TallyState, TallyCommand, TallyEvent, { seen: number }> = {
  kind: "tally",
  sv: 1,
  initial: { total: 0, words: {}, answers: {}, rung: [] },
  parse: (command) => command as TallyCommand,
  grants: {
    Add: [...anybody, "device"],
    Send: anybody,
    Fetch: anybody,
    AskLater: anybody,
    Ring: anybody,
    Hush: anybody,
    Break: anybody,
    TimerFired: ["system"],
    Back: ["system"],
  },
  decide,
  evolve,
  react,
  read(name, state, memory) {
    if (name === "state") return { body: state };
    if (name === "seen") return { body: memory?.seen ?? 0 };
    return refuse("request.not-found", { read: name });
  },
  signal(state, memory, signal) {
    const seen = (memory?.seen ?? 0) + 1;
    const by = Number(signal["add"] ?? 0);
    return {
      memory: { seen },
      live: [{ to: { kind: "tally", id: "screen" }, data: { seen, total: state.total } }],
      ...(by > 0 ? { command: { type: "Add" as const, by } } : {}),
    };
  },
};
