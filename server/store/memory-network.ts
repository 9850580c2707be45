// The network's twin in memory: subjects with wildcards, queue groups, "nobody listens", and copies
// of what is sent, so that no object is shared between nodes.
import type { Clock, Network, NetworkMessage, Random } from "../runtime/mod.ts";

interface Subscription {
  tokens: string[];
  queue: string | undefined;
  take(message: NetworkMessage): void;
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
export interface MemoryNetwork {
  port(name: string): Network & { cut(): void };
}

function matches(pattern: string[], subject: string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === ">") return subject.length > i;
    if (i >= subject.length || (pattern[i] !== "*" && pattern[i] !== subject[i])) return false;
  }
  return pattern.length === subject.length;
}

export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, random, delayMs = () => 0, lose = () => false } = options;
  const subscriptions = new Set<Subscription>();
  let inboxes = 0;

  function receivers(subject: string): Subscription[] {
    const tokens = subject.split(".");
    const matching = [...subscriptions].filter((one) => matches(one.tokens, tokens));
    const groups = new Map<string, Subscription[]>();
    const chosen: Subscription[] = [];
    for (const one of matching) {
      if (one.queue === undefined) chosen.push(one);
      else {
        const key = `${one.queue} ${one.tokens.join(".")}`;
        groups.set(key, [...groups.get(key) ?? [], one]);
      }
    }
    for (const group of groups.values()) {
      chosen.push(group[Math.floor(random() * group.length)]!);
    }
    return chosen;
  }

  function deliver(subject: string, data: Uint8Array, reply: string | undefined) {
    const chosen = receivers(subject);
    if (chosen.length === 0 && reply !== undefined) {
      for (const one of receivers(reply)) {
        one.take({ subject: reply, data: new Uint8Array(), nobody: true });
      }
    }
    for (const one of chosen) {
      one.take({ subject, data, ...(reply === undefined ? {} : { reply }) });
    }
  }

  return {
    port(name) {
      const own = new Set<Subscription>();
      let isCut = false;
      return {
        publish(subject, data, reply) {
          if (isCut || lose(subject)) return;
          clock.after(delayMs(), () => deliver(subject, data, reply));
        },
        subscribe(subject, { queue }, take) {
          const one = { tokens: subject.split("."), queue, take };
          subscriptions.add(one);
          own.add(one);
          return () => {
            subscriptions.delete(one);
            own.delete(one);
          };
        },
        inbox: () => `_INBOX.${name}${inboxes++}`,
        flush: () => Promise.resolve(),
        cut() {
          isCut = true;
          for (const one of own) subscriptions.delete(one);
          own.clear();
        },
      };
    },
  };
}
