// Callbacks: sent until the platform says that it has recorded them, over restarts as well; late,
// twice, behind the next one or with another amount where they are told to.
import { randomUUID } from "node:crypto";
import type { MischiefQueue } from "./mischief.ts";
import type { Channel, Letter, Pact, Refunded, Store, Told, Trade } from "./store.ts";

/** The providers' own schedules run over 24 h; a sandbox's users do not wait that long. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
const SEND_MS = 10_000;
const LATE_MS = 20_000;
const TRUTH_MS = 4_000;
const BEHIND_MS = 500;
const TICK_MS = 250;
const AT_ONCE_MAX = 32;

/** A callback as it goes out, and whether an answer to it means that it was heard. */
export interface Envelope {
  headers: Record<string, string>;
  body: string;
}
export interface Pen {
  trade(trade: Trade): Told;
  refund(trade: Trade, refunded: Refunded): Told;
  pact(pact: Pact): Told;
  write(letter: Letter): Envelope;
  isHeard(status: number, text: string): boolean;
}

export interface Postman {
  /** Told after so long. */
  tradeChanged(trade: Trade, inMs: number): void;
  refunded(trade: Trade, refunded: Refunded): void;
  pactChanged(pact: Pact): void;
  /** A stranger's claim that the trade was paid. */
  forge(trade: Trade): void;
  stop(): void;
}
interface Deps {
  store: Store;
  pens: Record<Channel, Pen>;
  mischief: MischiefQueue;
  /** Shortens or lengthens every wait. */
  pace: number;
  now(): number;
}

export function startPostman(deps: Deps): Postman {
  const { pens, now } = deps;
  const box = new LetterBox(deps);
  return {
    tradeChanged: (trade, inMs) => {
      const pen = pens[trade.by];
      box.post(trade, pen.trade(trade), pen.trade({ ...trade, fen: trade.fen + 1 }), inMs);
    },
    refunded: (trade, one) => box.post(trade, pens[trade.by].refund(trade, one), null),
    pactChanged: (pact) => box.post(pact, pens[pact.by].pact(pact), null),
    forge(trade) {
      const claim: Trade = { ...trade, state: "SUCCESS", transactionId: "forged", paidAt: now() };
      box.forge(trade, pens[trade.by].trade(claim));
    },
    stop: () => box.stop(),
  };
}

class LetterBox {
  readonly #busy = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Waits for the next one to go before it. */
  #behind: Letter | null = null;
  #isStopped = false;

  constructor(readonly deps: Deps) {
    this.#timer = setInterval(() => this.#look(), Math.max(20, TICK_MS * deps.pace));
  }

  /** `wrong`: the same with another amount. */
  post(of: Trade | Pact, told: Told, wrong: Told | null, inMs = 0): void {
    const { store } = this.deps;
    const letter = { ...this.#letter(of, told), dueAt: this.#in(inMs) };
    const overtaken = this.#behind;
    this.#behind = null;
    switch (this.deps.mischief.ofLetter(of)) {
      case null:
        store.put(letter);
        break;
      case "late":
        store.put({ ...letter, dueAt: this.#in(LATE_MS) });
        break;
      case "double":
        store.put(letter);
        store.put({ ...letter, id: `${letter.id}-again` });
        break;
      case "reorder":
        this.#behind = { ...letter, dueAt: this.#in(LATE_MS) };
        store.put(this.#behind);
        break;
      case "wrong-amount":
        if (wrong) store.put({ ...letter, told: wrong });
        // The truth follows, as a notification of its own.
        store.put({ ...letter, id: randomUUID(), dueAt: this.#in(TRUTH_MS) });
        break;
      case "lost":
        break; // only a question brings it to light
    }
    if (overtaken) store.put({ ...overtaken, dueAt: this.#in(BEHIND_MS) });
    this.#look();
  }

  forge(of: Trade, told: Told): void {
    this.deps.store.put({ ...this.#letter(of, told), forged: true });
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
  }

  #in(ms: number): number {
    return this.deps.now() + ms * this.deps.pace;
  }
  #letter({ by, notifyUrl: url }: Trade | Pact, told: Told): Letter {
    const at = this.deps.now();
    const head = { kind: "letter" as const, id: randomUUID(), by, url, told };
    return { ...head, at, tries: 0, dueAt: at, isDone: false };
  }
  #look(): void {
    for (const letter of this.deps.store.letters()) {
      if (this.#busy.size >= AT_ONCE_MAX) return;
      if (letter.dueAt > this.deps.now() || this.#busy.has(letter.id)) continue;
      void this.#deliver(letter);
    }
  }
  async #deliver(letter: Letter): Promise<void> {
    this.#busy.add(letter.id);
    const isHeard = await send(this.deps.pens[letter.by], letter);
    if (this.#isStopped) return; // said again at the next start
    const pause = RETRY_MS[letter.tries];
    const isDone = isHeard || pause === undefined || letter.forged === true;
    const dueAt = this.#in(pause ?? 0);
    this.deps.store.put({ ...letter, tries: letter.tries + 1, isDone, dueAt });
    this.#busy.delete(letter.id);
    this.#look();
  }
}

async function send(pen: Pen, letter: Letter): Promise<boolean> {
  const { headers, body } = pen.write(letter);
  try {
    const answer = await fetch(letter.url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(SEND_MS),
    });
    return pen.isHeard(answer.status, await answer.text());
  } catch {
    return false;
  }
}
