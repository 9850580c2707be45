// Load for races with real processes: one command after the other at each of many actors, each
// repeated under its key until the answer is definite.
import type { Reply } from "../../wire/envelope.ts";
import { type Client, type JournalEntry, unseal } from "../../server/runtime/mod.ts";
import { type Breach, distinctAnswers } from "./history.ts";
import type { TallyState } from "./tally.ts";

const ACTORS = 80;
const PAUSE_MS = 150; // an actor remembers its commands of a day: a few dozen of each will do
const AGAIN_MS = 20;
const TTL_MS = 2_000;
const driver = { kind: "driver", id: "usr_1" } as const;
export const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export interface Load {
  answers: Map<string, Reply[]>;
  /** Longest time between two answers of one actor since this was asked last. */
  silenceMs(): number;
  stop(): Promise<void>;
  /** Keys with unequal answers, and answered commands that are not in the journal. */
  wrong(all: Map<string, JournalEntry[]>): Breach[];
}

export function load(client: Client): Load {
  const answers = new Map<string, Reply[]>();
  let silences: number[] = [];
  let running = true;

  async function side(actor: number): Promise<void> {
    const to = { tenant: "main", kind: "tally", id: `t${actor}` };
    let answeredAt = performance.now();
    for (let n = 0; running; n++) {
      const id = `key-${actor}-${n}`;
      const ask = { id, to, type: "Add", body: { by: 1, word: id }, principal: driver };
      let reply: Reply;
      do {
        reply = await client.ask({ ...ask, ttlMs: TTL_MS });
        answers.set(id, [...answers.get(id) ?? [], reply]);
        if ("fault" in reply) await sleep(AGAIN_MS);
      } while ("fault" in reply);
      silences.push(performance.now() - answeredAt);
      await sleep(PAUSE_MS);
      answeredAt = performance.now();
    }
  }
  const sides = Array.from({ length: ACTORS }, (_, actor) => side(actor));
  return {
    answers,
    silenceMs() {
      const longest = Math.max(0, ...silences);
      silences = [];
      return longest;
    },
    async stop() {
      running = false;
      await Promise.all(sides);
    },
    wrong(all) {
      const stored = new Set([...all.values()].flatMap(wordsIn));
      return [...answers].flatMap(([word, replies]) => {
        const actor = word;
        const breaches: Breach[] = [];
        if (distinctAnswers(replies).length !== 1) {
          breaches.push({ actor, v: 0, what: "unequal answers" });
        }
        if (!stored.has(word)) breaches.push({ actor, v: 0, what: "answered but not stored" });
        return breaches;
      });
    },
  };
}

function wordsIn(entries: JournalEntry[]): string[] {
  const { bytes, prevSum } = entries.at(-1)!;
  return Object.keys((unseal(bytes, prevSum).state as TallyState).words);
}
