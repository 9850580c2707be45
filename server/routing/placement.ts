// Which node serves which shard: rendezvous hash over the nodes heard of lately. Only a hint: two
// nodes may think they own the same shard, the journal lets one of them write.
import { createHash } from "node:crypto";
import {
  heartbeatAll,
  heartbeatSubject,
  SHARDS,
  streamName,
  STREAMS,
} from "../../wire/subjects.ts";
import type { RoutingLimits } from "./limits.ts";
import { type Clock, type Network, sleep } from "./ports.ts";

export interface Placement {
  /** Resolves when others had time to say that they are there; `changed` is called ever after. */
  start(changed: () => void): Promise<void>;
  /** With a goodbye others take over at once; without, when they miss the heartbeats. */
  stop(goodbye: boolean): Promise<void>;
  owns(shard: number): boolean;
  /** One node at a time does what must be done once for a stream. */
  ownsStream(stream: number): boolean;
  nodes(): string[];
}

export interface PlacementPorts {
  network: Network;
  clock: Clock;
  limits: RoutingLimits;
}

interface Beat {
  node: string;
  leaving?: true;
}

const GREETING_MS = 120; // a node that hears a new one answers at once; then both know each other
const GOODBYE_MS = 500; // a lost network hears no goodbye
const SHARD_NAMES = Array.from({ length: SHARDS }, (_, shard) => `${shard}`);
const STREAM_NAMES = Array.from({ length: STREAMS }, (_, stream) => streamName(stream));
const NAMES = [...SHARD_NAMES, ...STREAM_NAMES];
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a node draws for each name; the highest draw owns it. */
function draws(node: string): number[] {
  return NAMES.map((name) =>
    createHash("sha256").update(`${node}|${name}`).digest().readUIntBE(0, 6)
  );
}

export function heartbeatPlacement(node: string, ports: PlacementPorts): Placement {
  return new HeartbeatPlacement(node, ports);
}

class HeartbeatPlacement implements Placement {
  readonly #own: number[];
  readonly #others = new Map<string, { at: number; draws: number[] }>();
  #owned: ReadonlySet<string> = new Set();
  #changed: () => void = () => {};
  #unsubscribe: (() => void) | null = null;
  #beating: { cancel(): void } | null = null;
  #leaving = false;

  constructor(readonly node: string, readonly ports: PlacementPorts) {
    this.#own = draws(node);
  }

  async start(changed: () => void): Promise<void> {
    const { network, clock } = this.ports;
    this.#unsubscribe = network.subscribe(heartbeatAll, {}, ({ data }) => this.#hear(data));
    this.#beat();
    await sleep(clock, GREETING_MS);
    this.#changed = changed;
    this.#settle();
  }

  async stop(goodbye: boolean): Promise<void> {
    const { network, clock } = this.ports;
    this.#leaving = true;
    this.#beating?.cancel();
    this.#unsubscribe?.();
    if (!goodbye) return;
    this.#say({ node: this.node, leaving: true });
    this.#settle();
    await Promise.race([network.flush().catch(() => {}), sleep(clock, GOODBYE_MS)]);
  }

  owns(shard: number): boolean {
    return this.#owned.has(SHARD_NAMES[shard]!);
  }
  ownsStream(stream: number): boolean {
    return this.#owned.has(STREAM_NAMES[stream]!);
  }
  nodes(): string[] {
    return [this.node, ...this.#others.keys()].sort();
  }

  #settle(): void {
    const others = [...this.#others];
    const isMine = (_name: string, i: number) =>
      others.every(([other, { draws: theirs }]) => {
        const mine = this.#own[i]!;
        return theirs[i]! < mine || (theirs[i] === mine && other > this.node);
      });
    this.#owned = new Set(this.#leaving ? [] : NAMES.filter(isMine));
    this.#changed();
  }

  #say(beat: Beat): void {
    const bytes = encoder.encode(JSON.stringify(beat));
    this.ports.network.publish(heartbeatSubject(this.node), bytes);
  }

  #hear(data: Uint8Array): void {
    const { node, leaving } = JSON.parse(decoder.decode(data)) as Beat;
    if (node === this.node) return;
    if (leaving) {
      if (this.#others.delete(node)) this.#settle();
      return;
    }
    const known = this.#others.get(node);
    const at = this.ports.clock.tick();
    if (known) {
      known.at = at;
      return;
    }
    this.#others.set(node, { at, draws: draws(node) });
    if (!this.#leaving) this.#say({ node: this.node });
    this.#settle();
  }

  #beat(): void {
    const { clock, limits } = this.ports;
    this.#say({ node: this.node });
    const dead = [...this.#others].filter(([, { at }]) => clock.tick() - at > limits.deadMs);
    for (const [other] of dead) this.#others.delete(other);
    if (dead.length > 0) this.#settle();
    this.#beating = clock.after(limits.heartbeatMs, () => this.#beat());
  }
}
