// The sandbox provider of a stage: the user's hand on it, its misbehaviour kept over its deaths, and
// what it says that it took and gave back.
import type { Behaviour } from "../../wire/http-ops.ts";
import type { Program } from "../kit/processes.ts";
import { pause } from "../faults/fault.ts";

/** Of a call or a callback, in thousandths. */
export const RATES = {
  "act-then-drop": 50,
  "drop-then-act": 40,
  "hang": 10,
  "error-after-success": 40,
  "die-before-commit": 3,
  "die-after-commit": 3,
  "late": 80,
  "double": 80,
  "reorder": 60,
  "forged": 60,
  "wrong-amount": 40,
  "paid-after-close": 300,
};

export type By = "wechat" | "alipay";
export interface BillLine {
  kind: "pay" | "refund";
  fen: number;
  by: By;
  paymentId: string;
}

/** Waits of its misbehaviour, as a share of the usual: the rules are the same. */
const PACE = "0.15";
const ASK_MS = 2_000;
const PAY_MS_MAX = 60_000;
const LOOK_MS = 100;
const DAY_MS = 86_400_000;
export const chinaDay = (at: number): string =>
  new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);

export class SandboxHand implements AsyncDisposable {
  deaths = 0;
  #behaviour: Behaviour = { next: [] };
  #over = false;
  #keeping: Promise<void> = Promise.resolve();
  readonly #days: string[] = [chinaDay(Date.now())];

  private constructor(readonly provider: Program) {}

  static async open(provider: Program): Promise<SandboxHand> {
    const hand = new SandboxHand(provider);
    await provider.restart({ PROVIDER_PACE: PACE });
    hand.#keeping = hand.#keep();
    return hand;
  }

  /** It dies where it is told to, and comes back with all that it had committed. */
  async #keep(): Promise<void> {
    for (;;) {
      await this.provider.exited;
      if (this.#over) return;
      this.deaths++;
      await this.provider.restart({ PROVIDER_PACE: PACE });
      const { seed = 0 } = this.#behaviour;
      await this.behave({ ...this.#behaviour, next: [], seed: seed + 1 });
    }
  }

  async behave(behaviour: Behaviour): Promise<void> {
    this.#behaviour = behaviour;
    while (await this.#ask("PUT", "/sandbox/behaviour", behaviour) !== 200) await pause(LOOK_MS);
  }

  /** True: it took the user's word; false: there is no such payment. */
  async pay(paymentId: string, outcome: "success" | "fail"): Promise<boolean> {
    const until = performance.now() + PAY_MS_MAX;
    while (performance.now() < until) {
      if (await this.#ask("POST", `/sandbox/pay/${paymentId}`, { outcome }) === 200) return true;
      await pause(LOOK_MS);
    }
    return false;
  }

  async #ask(method: string, path: string, body: unknown): Promise<number> {
    const answer = await this.#fetch(method, path, body);
    await answer?.body?.cancel();
    return answer?.status ?? 0;
  }
  async #fetch(method: string, path: string, body?: unknown): Promise<Response | null> {
    return await fetch(`${this.provider.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(ASK_MS),
    }).catch(() => null);
  }

  /** Days of UTC+8 over which the stage has stood. */
  days(): string[] {
    const last = chinaDay(Date.now());
    while (this.#days.at(-1) !== last) {
      this.#days.push(chinaDay(Date.parse(`${this.#days.at(-1)}T00:00:00Z`) + DAY_MS));
    }
    return this.#days;
  }

  /** All that it took and gave back. */
  async lines(): Promise<BillLine[]> {
    const all: BillLine[] = [];
    for (const day of this.days()) {
      let answer: Response | null = null;
      while (!answer?.ok) answer = await this.#fetch("GET", `/sandbox/bill?day=${day}`);
      all.push(...(await answer.json() as { rows: BillLine[] }).rows);
    }
    return all;
  }

  /** How often it did each kind of wrong. */
  async misbehaved(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const [, kind = ""] of (await this.provider.log()).matchAll(/^misbehaves: ([\w-]+)$/gm)) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.provider.stop();
    await this.#keeping;
  }
}
