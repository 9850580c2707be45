// The network's twin in memory: subjects with wildcards, queue groups, "nobody listens"; messages are
// bytes, so that no object is shared between nodes.
import type { Clock, Network, NetworkMessage, Random } from "../runtime/mod.ts";

type Take = (message: NetworkMessage) => void;
interface Subscription {
  tokens: string[];
  queue: string | undefined;
  take: Take;
}

export interface MemoryNetworkOptions {
  clock: Clock;
  random: Random;
  /** Time a message is under way; 0: the next moment. */
  delayMs?: () => number;
  /** True: this message never arrives. */
  lose?: (subject: string) => boolean;
}

/** One wire; `port(name)` is a node's end of it, which `cut` takes off. */
export class MemoryNetwork {
  readonly #subscriptions = new Set<Subscription>();
  #inboxes = 0;

  constructor(readonly options: MemoryNetworkOptions) {}

  port(name: string): Network & { cut(): void } {
    const { clock, delayMs = () => 0, lose = () => false } = this.options;
    const own = new Set<Subscription>();
    let isCut = false;
    return {
      publish: (subject, data, reply) => {
        if (isCut || lose(subject)) return;
        clock.after(delayMs(), () => this.#deliver(subject, data, reply));
      },
      subscribe: (subject, { queue }, take) => {
        const one = { tokens: subject.split("."), queue, take };
        this.#subscriptions.add(one);
        own.add(one);
        return () => {
          this.#subscriptions.delete(one);
          own.delete(one);
        };
      },
      inbox: () => `_INBOX.${name}${this.#inboxes++}`,
      flush: () => Promise.resolve(),
      cut: () => {
        isCut = true;
        for (const one of own) this.#subscriptions.delete(one);
        own.clear();
      },
    };
  }

  #deliver(subject: string, data: Uint8Array, reply: string | undefined): void {
    const chosen = this.#receivers(subject);
    for (const { take } of chosen) {
      take({ subject, data, ...(reply === undefined ? {} : { reply }) });
    }
    if (chosen.length > 0 || reply === undefined) return;
    for (const { take } of this.#receivers(reply)) {
      take({ subject: reply, data: new Uint8Array(), nobody: true });
    }
  }

  /** Everybody who listens, of each queue group one. */
  #receivers(subject: string): Subscription[] {
    const tokens = subject.split(".");
    const chosen: Subscription[] = [];
    const groups = new Map<string, Subscription[]>();
    for (const one of this.#subscriptions) {
      if (!matches(one.tokens, tokens)) continue;
      if (one.queue === undefined) {
        chosen.push(one);
        continue;
      }
      const group = `${one.queue} ${one.tokens.join(".")}`;
      groups.set(group, [...groups.get(group) ?? [], one]);
    }
    const pick = (group: Subscription[]) =>
      group[Math.floor(this.options.random() * group.length)]!;
    return [...chosen, ...[...groups.values()].map(pick)];
  }
}

export const memoryNetwork = (options: MemoryNetworkOptions) => new MemoryNetwork(options);

function matches(pattern: string[], subject: string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === ">") return subject.length > i;
    if (i >= subject.length || (pattern[i] !== "*" && pattern[i] !== subject[i])) return false;
  }
  return pattern.length === subject.length;
}
