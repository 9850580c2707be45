// Every command from outside goes through here: repeated with its key until the answer is definite,
// and every answer is held against what the journal shows.
import type { Reply } from "../../wire/envelope.ts";
import { type Ask, type Client, keyOf } from "../../server/runtime/mod.ts";
import type { Random } from "../../sim/random.ts";
import type { Time } from "./time.ts";

export type Settled = Exclude<Reply, { fault: unknown }>;

/** What the checker knows of stored records. */
export interface Stored {
  /** Newest version of an actor. */
  v(actor: string): number;
  /** Is there a record of this command? */
  isDone(actor: string, command: string): boolean;
}

const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 1_500;
const TTL_MS = 4_000;

export class Asker {
  readonly #answers = new Map<string, string>();

  constructor(
    readonly time: Time,
    readonly random: Random,
    readonly stored: Stored,
    readonly breach: (invariant: string, what: string) => void,
    readonly count: (name: string) => void,
  ) {}

  /** Null: given up after `forMs`. */
  async insist(client: Client, ask: Ask, forMs = Infinity): Promise<Settled | null> {
    const until = this.time.tick + forMs;
    for (let n = 0;; n++) {
      const reply = await this.ask(client, ask);
      if (!("fault" in reply)) return reply;
      const pause = Math.min(PAUSE_MS_MIN * 2 ** n, PAUSE_MS_MAX) * (0.5 + this.random.next());
      if (this.time.tick + pause >= until) return null;
      await this.time.sleep(pause);
    }
  }

  async ask(client: Client, ask: Ask): Promise<Reply> {
    const reply = await client.ask({ ttlMs: TTL_MS, ...ask });
    if ("fault" in reply) this.count(`answer-${reply.fault.code}`);
    else this.#heard(`${keyOf(ask.to)} ${ask.id}`, ask, reply);
    return reply;
  }

  #heard(key: string, ask: Ask, reply: Settled): void {
    const actor = keyOf(ask.to);
    if (reply.v > this.stored.v(actor)) {
      this.breach("J4", `${ask.type} to ${actor}: answered before its record was stored`);
    }
    if (ask.principal.kind === "device") return; // told apart by the domain, not by key
    const lasting = this.stored.isDone(actor, ask.id);
    if (!lasting) {
      const refused = reply.ok ? "ok" : reply.refusal.code;
      if (refused !== "auth.forbidden" && refused !== "command.malformed") {
        this.breach("J4", `${ask.type} to ${actor}: answered '${refused}' without a record`);
      }
      return;
    }
    if (reply.replay) this.count("answer-replayed");
    const text = JSON.stringify([reply.v, reply.asOf, reply.ok ? reply.body : reply.refusal]);
    const before = this.#answers.get(key);
    if (before === undefined) this.#answers.set(key, text);
    else if (before !== text) this.breach("J4", `${ask.type} to ${actor}: two answers to one key`);
  }
}
