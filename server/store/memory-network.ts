// The network's twin in memory: subjects with wildcards, queue groups, "nobody listens"; messages are
// bytes, so that no object is shared between nodes.
import type { Clock, Network, NetworkMessage, Random } from "../runtime/mod.ts";

type Take = (message: NetworkMessage) => void;
interface Subscription {
  /** In the order of their making. */
  n: number;
  /** Members of one share the messages of a pattern; undefined: alone. */
  group: string | undefined;
  take: Take;
}
/** A token of a pattern, what listens exactly here, and what follows; `*` and `>` are tokens. */
interface Branch {
  here: Set<Subscription>;
  next: Map<string, Branch>;
}
const newBranch = (): Branch => ({ here: new Set(), next: new Map() });

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
  readonly #root = newBranch();
  #subscriptions = 0;
  #inboxes = 0;

  constructor(readonly options: MemoryNetworkOptions) {}

  port(name: string): Network & { cut(): void } {
    const { clock, delayMs = () => 0, lose = () => false } = this.options;
    const own = new Set<() => void>();
    let isCut = false;
    return {
      publish: (subject, data, reply) => {
        if (isCut || lose(subject)) return;
        clock.after(delayMs(), () => this.#deliver(subject, data, reply));
      },
      subscribe: (subject, { queue }, take) => {
        const branch = this.#branchOf(subject);
        const group = queue === undefined ? undefined : `${queue} ${subject}`;
        const one = { n: this.#subscriptions++, group, take };
        branch.here.add(one);
        const stop = () => {
          branch.here.delete(one);
          own.delete(stop);
        };
        own.add(stop);
        return stop;
      },
      inbox: () => `_INBOX.${name}${this.#inboxes++}`,
      flush: () => Promise.resolve(),
      cut: () => {
        isCut = true;
        for (const stop of own) stop();
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

  #branchOf(pattern: string): Branch {
    let branch = this.#root;
    for (const token of pattern.split(".")) {
      let next = branch.next.get(token);
      if (!next) branch.next.set(token, next = newBranch());
      branch = next;
    }
    return branch;
  }

  /** Everybody who listens, of each queue group one. */
  #receivers(subject: string): Subscription[] {
    const found: Subscription[] = [];
    collect(this.#root, subject.split("."), 0, found);
    if (found.length < 2) return found;
    found.sort((a, b) => a.n - b.n);
    const chosen: Subscription[] = [];
    const groups = new Map<string, Subscription[]>();
    for (const one of found) {
      if (one.group === undefined) {
        chosen.push(one);
        continue;
      }
      const group = groups.get(one.group);
      if (group) group.push(one);
      else groups.set(one.group, [one]);
    }
    const pick = (group: Subscription[]) =>
      group[Math.floor(this.options.random() * group.length)]!;
    return [...chosen, ...[...groups.values()].map(pick)];
  }
}

export const memoryNetwork = (options: MemoryNetworkOptions) => new MemoryNetwork(options);

/** Subscriptions whose pattern fits the tokens from `i` on. */
function collect({ here, next }: Branch, tokens: string[], i: number, found: Subscription[]): void {
  if (i === tokens.length) {
    found.push(...here);
    return;
  }
  const exact = next.get(tokens[i]!);
  if (exact) collect(exact, tokens, i + 1, found);
  const any = next.get("*");
  if (any) collect(any, tokens, i + 1, found);
  const rest = next.get(">");
  if (rest) found.push(...rest.here);
}
