// One node of the platform: actors, their journal and network, put together from ports.
import type { AnyActor, Ctx } from "../../actors/kit/mod.ts";
import type { Address } from "../../wire/envelope.ts";
import { SHARDS } from "../../wire/subjects.ts";
import { admissionOf } from "./admission.ts";
import type { Shown } from "./shown.ts";
import {
  type Client,
  type Clock,
  coarseClock,
  createClient,
  type FreshId,
  freshIds,
  heartbeatPlacement,
  type Log,
  type Metrics,
  type Network,
  noLog,
  noMetrics,
  type Placement,
  type Random,
  type Server,
  serverOf,
  sleep,
  systemClock,
  systemRandom,
  type Tracer,
} from "../routing/mod.ts";
import type { Alarms, Env, PortHandler } from "./env.ts";
import { gateOf } from "./gate.ts";
import { Host } from "./host.ts";
import type { Inspection } from "./inspect.ts";
import type { Archive, Journal } from "./journal.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { Waker } from "./waker.ts";

export interface NodeOptions {
  /** Name of the node, different from all others. */
  node: string;
  actors: readonly AnyActor[];
  journal: Journal;
  /** Behind the journal: what it holds may be trimmed. */
  archive?: Archive;
  network: Network;
  /** What actors find in `ctx.settings`. */
  settings?: (address: Address) => unknown;
  /** Handlers of `Call` effects, by port. */
  ports?: Readonly<Record<string, PortHandler>>;
  alarms?: Alarms;
  /** Safeguards switched off by a drill. */
  without?: Ctx["without"];
  clock?: Clock;
  random?: Random;
  freshId?: FreshId;
  limits?: Partial<Limits>;
  /** Bounds of single actors (`done`, `senders`, `open`, `records`), by kind. */
  limitsByKind?: Readonly<Record<string, Partial<Limits>>>;
  metrics?: Metrics;
  log?: Log;
  tracer?: Tracer | undefined;
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
  /** What its actors are busy with. */
  shown(): Iterable<Shown>;
  /** Appends under way or waiting. */
  appendsOpen(): number;
}

export function createNode(options: NodeOptions): ActorNode {
  const { node, network } = options;
  const env = envOf(options, (envelope) => client.send(envelope));
  const { clock, random, freshId, limits, metrics } = env;
  const placement = options.placement ?? heartbeatPlacement(node, { network, clock, limits });
  const deadlines = coarseClock(clock, limits.grainMs);
  const owns = (shard: number) => placement.owns(shard);
  const host = new Host(env, owns);
  const client: Client = createClient({
    network,
    clock,
    random,
    freshId,
    limits,
    metrics,
    local: host,
  });
  const parts = { env, placement, host, client };
  return {
    ...client,
    ...lifeOf(parts, serverOf({ network, deadlines, limits, log: env.log }, host), new Waker(env)),
    local: (to) => host.inspect(to),
    shown: () => host.shown(),
    appendsOpen: () => env.appends.load(),
    status: () => ({
      node,
      nodes: placement.nodes(),
      residents: host.residents(),
      shards: Array.from({ length: SHARDS }, (_, shard) => shard).filter(owns).length,
    }),
  };
}

interface Parts {
  env: Env;
  placement: Placement;
  host: Host;
  client: Client;
}

function lifeOf({ env, placement, host, client }: Parts, server: Server, waker: Waker) {
  const { clock, limits } = env;
  return {
    async start() {
      host.start();
      server.start();
      await placement.start(() => {
        server.follow((shard) => placement.owns(shard));
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
  };
}

function envOf(options: NodeOptions, ask: Env["ask"]): Env {
  const { clock = systemClock, random = systemRandom } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const appends = gateOf(limits.appends);
  const byKind = new Map(
    Object.entries(options.limitsByKind ?? {}).map(([kind, own]) => [kind, { ...limits, ...own }]),
  );
  return {
    node: options.node,
    actors: new Map(options.actors.map((actor) => [actor.kind, actor])),
    journal: options.journal,
    archive: options.archive ?? null,
    network: options.network,
    clock,
    random,
    freshId: options.freshId ?? freshIds(),
    limits,
    limitsOf: (kind) => byKind.get(kind) ?? limits,
    metrics: options.metrics ?? noMetrics,
    log: options.log ?? noLog,
    tracer: options.tracer,
    alarms: options.alarms ?? {},
    appends,
    admission: admissionOf({ clock, random, limits, open: () => appends.load() }),
    ports: options.ports ?? {},
    settingsOf: options.settings ?? (() => ({})),
    without: options.without ?? new Set(),
    ask,
  };
}
