// Which node serves which shard: rendezvous hash over the nodes heard of lately. Only a hint: two
// nodes may think they own the same shard, the journal lets one of them write.
import { createHash } from "node:crypto";
import { heartbeatAll, heartbeatSubject, SHARDS } from "../../wire/subjects.ts";
import type { Limits } from "./limits.ts";
import { type Clock, type Network, sleep } from "./ports.ts";

export interface Placement {
  /** Resolves when others had time to say that they are there. */
  start(changed: () => void): Promise<void>;
  /** With a goodbye others take over at once; without, when they miss the heartbeats. */
  stop(goodbye: boolean): Promise<void>;
  owns(shard: number): boolean;
  /** One node at a time does what must be done once for a stream. */
  ownsStream(stream: number): boolean;
  nodes(): string[];
}

const GREETING_MS = 120; // a node that hears a new one answers at once; then both know each other
const GOODBYE_MS = 500; // a lost network hears no goodbye
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function weight(node: string, what: string): number {
  return createHash("sha256").update(`${node}|${what}`).digest().readUIntBE(0, 6);
}

interface Beat {
  node: string;
  leaving?: true;
}

export function heartbeatPlacement(
  node: string,
  { network, clock, limits }: { network: Network; clock: Clock; limits: Limits },
): Placement {
  /** When each other node was heard last. */
  const heard = new Map<string, number>();
  const weights = new Map<string, number>();
  let owned: Set<string> = new Set();
  let unsubscribe: (() => void) | null = null;
  let beating: { cancel(): void } | null = null;
  let changed: () => void = () => {};
  let leaving = false;

  const names = [
    ...Array.from({ length: SHARDS }, (_, shard) => `${shard}`),
    ...Array.from({ length: SHARDS }, (_, stream) => `ST${stream}`).slice(0, 16),
  ];
  const weightOf = (who: string, what: string): number => {
    const key = `${who}|${what}`;
    let value = weights.get(key);
    if (value === undefined) weights.set(key, value = weight(who, what));
    return value;
  };
  const isMine = (what: string) => {
    const mine = weightOf(node, what);
    return [...heard.keys()].every((other) => {
      const theirs = weightOf(other, what);
      return theirs < mine || (theirs === mine && other > node);
    });
  };
  function settle() {
    owned = leaving ? new Set() : new Set(names.filter(isMine));
    changed();
  }
  function say(beat: Beat) {
    network.publish(heartbeatSubject(node), encoder.encode(JSON.stringify(beat)));
  }
  function hear(data: Uint8Array) {
    const beat = JSON.parse(decoder.decode(data)) as Beat;
    if (beat.node === node) return;
    if (beat.leaving) {
      if (heard.delete(beat.node)) settle();
      return;
    }
    const known = heard.has(beat.node);
    heard.set(beat.node, clock.tick());
    if (known) return;
    if (!leaving) say({ node });
    settle();
  }
  function beat() {
    say({ node });
    const dead = [...heard].filter(([, at]) => clock.tick() - at > limits.deadMs);
    for (const [other] of dead) heard.delete(other);
    if (dead.length > 0) settle();
    beating = clock.after(limits.heartbeatMs, beat);
  }

  return {
    async start(tell) {
      unsubscribe = network.subscribe(heartbeatAll, {}, ({ data }) => hear(data));
      beat();
      await sleep(clock, GREETING_MS);
      changed = tell;
      settle();
    },
    async stop(goodbye) {
      leaving = true;
      beating?.cancel();
      unsubscribe?.();
      if (!goodbye) return;
      say({ node, leaving: true });
      settle();
      await Promise.race([network.flush().catch(() => {}), sleep(clock, GOODBYE_MS)]);
    },
    owns: (shard) => owned.has(`${shard}`),
    ownsStream: (stream) => owned.has(`ST${stream}`),
    nodes: () => [node, ...heard.keys()].sort(),
  };
}
