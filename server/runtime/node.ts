// One node of the platform: actors, their journal and network, put together from ports.
import { SHARDS } from "../../wire/subjects.ts";
import {
  type Client,
  coarseClock,
  createClient,
  heartbeatPlacement,
  type Placement,
  type Server,
  serverOf,
  sleep,
} from "../routing/mod.ts";
import { type Env, envOf, type EnvOptions } from "./env.ts";
import { Host } from "./host.ts";
import type { Shown } from "./shown.ts";
import { Waker } from "./waker.ts";

export interface NodeOptions extends EnvOptions {
  placement?: Placement;
}

export interface ActorNode extends Omit<Client, "stop"> {
  start(): Promise<void>;
  /** Graceful: others take over at once, what is under way is finished. */
  stop(): Promise<void>;
  /** As a crash would: nothing is finished, nobody is told. */
  kill(): void;
  status(): { node: string; nodes: string[]; residents: number; shards: number };
  /** What its actors are busy with. */
  shown(): Iterable<Shown>;
  /** Appends under way or waiting. */
  appendsOpen(): number;
}

export function createNode(options: NodeOptions): ActorNode {
  const { node, network } = options;
  const env = envOf(options, (envelope) => client.send(envelope));
  const { clock, limits } = env;
  const placement = options.placement ?? heartbeatPlacement(node, { network, clock, limits });
  const deadlines = coarseClock(clock, limits.grainMs);
  const owns = (shard: number) => placement.owns(shard);
  const host = new Host(env, owns);
  const client: Client = createClient({ ...env, local: host });
  const server = serverOf({ ...env, deadlines }, host);
  return {
    ...client,
    ...lifeOf({ env, placement, host, client, server, waker: new Waker(env) }),
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
  server: Server;
  waker: Waker;
}

function lifeOf({ env, placement, host, client, server, waker }: Parts) {
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
