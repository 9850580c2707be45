// A client whose actors are a table of answers: what was asked is kept, repeats are answered the same.
import type { Reply } from "../../wire/envelope.ts";
import type { Ask, Client, Read } from "../../server/ports.ts";

export interface Said {
  body?: unknown;
  v?: number;
  refused?: { code: string; facts?: Record<string, unknown> };
  fault?: "overloaded" | "unavailable" | "outcome.unknown";
}
type On<T> = (wanted: T) => Said | Promise<Said>;

export class FakeClient implements Client {
  readonly asks: Ask[] = [];
  readonly reads: Read[] = [];
  #asked = new Map<string, { text: string; reply: Reply }>();
  #onAsk = new Map<string, On<Ask>>();
  #onRead = new Map<string, On<Read>>();

  /** `order.StartCharge` */
  onAsk(what: string, answer: On<Ask>): this {
    this.#onAsk.set(what, answer);
    return this;
  }
  /** `order.show` */
  onRead(what: string, answer: On<Read>): this {
    this.#onRead.set(what, answer);
    return this;
  }

  async ask(command: Ask): Promise<Reply> {
    this.asks.push(command);
    const key = `${command.to.kind}/${command.to.id}|${command.id}`;
    const text = JSON.stringify([command.type, command.body]);
    const known = this.#asked.get(key);
    if (known && known.text !== text) return replyOf({ refused: { code: "key.reused" } });
    if (known && !("fault" in known.reply)) return { ...known.reply, replay: true };
    const on = this.#onAsk.get(`${command.to.kind}.${command.type}`);
    if (!on) return replyOf({ refused: { code: "auth.forbidden" } });
    const reply = replyOf(await on(command));
    this.#asked.set(key, { text, reply });
    return reply;
  }
  async read(read: Read): Promise<Reply> {
    this.reads.push(read);
    const on = this.#onRead.get(`${read.to.kind}.${read.name}`);
    return replyOf(on ? await on(read) : { refused: { code: `${read.to.kind}.unknown` } });
  }
  signal(): void {}
}

function replyOf({ body = null, v = 1, refused, fault }: Said): Reply {
  if (fault) return { ok: false, fault: { code: fault } };
  const asOf = 0;
  if (refused) {
    const { code, facts = {} } = refused;
    return { ok: false, v, asOf, refusal: { code, facts } };
  }
  return { ok: true, v, asOf, body };
}
