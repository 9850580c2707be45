// One node of the platform: actors, their journal and network, put together from ports.
import type { AnyActor } from "../../actors/kit/mod.ts";
import type { Address } from "../../wire/envelope.ts";
import { type Client, createClient } from "./client.ts";
import type { Alarms, Env, PortHandler } from "./env.ts";
import { gateOf } from "./gate.ts";
import { hostOf } from "./host.ts";
import type { Inspection } from "./inspect.ts";
import type { Journal } from "./journal.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { heartbeatPlacement, type Placement } from "./placement.ts";
import {
  type Clock,
  type FreshId,
  freshIds,
  type Log,
  type Metrics,
  type Network,
  noLog,
  noMetrics,
  type Random,
  sleep,
  systemClock,
  systemRandom,
} from "./ports.ts";
import { serverOf } from "./serve.ts";
import { wakerOf } from "./waker.ts";

export interface NodeOptions {
  /** Name of the node, different from all others. */
  node: string;
  actors: readonly AnyActor[];
  journal: Journal;
  network: Network;
  /** What actors find in `ctx.settings`. */
  settings?: (address: Address) => unknown;
  /** Handlers of `Call` effects, by port. */
  ports?: Readonly<Record<string, PortHandler>>;
  alarms?: Alarms;
  /** Safeguards switched off by a drill. */
  without?: ReadonlySet<string>;
  clock?: Clock;
  random?: Random;
  freshId?: FreshId;
  limits?: Partial<Limits>;
  metrics?: Metrics;
  log?: Log;
  placement?: Placement;
}

export interface ActorNode extends Omit<Client, "stop"> {
  start(): Promise<void>;
  /** Graceful: others take over at once, what is under way is finished. */
  stop(): Promise<void>;
  /** As a crash would: nothing is finished, nobody is told. */
  kill(): void;
  status(): { node: string; nodes: string[]; residents: number; shards: number };
  /** The actor as this node has it in memory; null: kind unknown. */
  local(to: Address): Promise<Inspection | null>;
}

export function createNode(options: NodeOptions): ActorNode {
  const {
    node,
    journal,
    network,
    clock = systemClock,
    random = systemRandom,
    freshId = freshIds(),
    metrics = noMetrics,
    log = noLog,
  } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const placement = options.placement ?? heartbeatPlacement(node, { network, clock, limits });
  const env: Env = {
    node,
    actors: new Map(options.actors.map((actor) => [actor.kind, actor])),
    journal,
    network,
    clock,
    random,
    freshId,
    limits,
    metrics,
    log,
    alarms: options.alarms ?? {},
    appends: gateOf(limits.appends),
    ports: options.ports ?? {},
    settingsOf: options.settings ?? (() => ({})),
    without: options.without ?? new Set(),
    ask: (envelope) => client.send(envelope),
  };
  const owns = (shard: number) => placement.owns(shard);
  const host = hostOf(env, owns);
  const local = { owns, deliver: host.deliver, signal: host.signal };
  const client = createClient({ network, clock, random, freshId, limits, metrics, local });
  const server = serverOf(network, host, log);
  const waker = wakerOf(env);

  return {
    ask: client.ask,
    read: client.read,
    signal: client.signal,
    inspect: client.inspect,
    send: client.send,
    local: host.inspect,
    async start() {
      host.start();
      server.start();
      await placement.start(() => {
        server.follow(owns);
        waker.follow((stream) => placement.ownsStream(stream));
      });
      await waker.start();
    },
    async stop() {
      await placement.stop(true); // owns nothing from here on: subscriptions end, others take over
      server.stop();
      await waker.stop();
      await host.drain();
      await Promise.race([client.stop(), sleep(clock, limits.drainMs)]);
    },
    kill() {
      void placement.stop(false);
      server.stop();
      host.abandon();
      void waker.stop();
      void client.stop();
    },
    status: () => ({
      node,
      nodes: placement.nodes(),
      residents: host.residents(),
      shards: Array.from({ length: 256 }, (_, shard) => shard).filter(owns).length,
    }),
  };
}
