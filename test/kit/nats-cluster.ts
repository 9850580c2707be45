// Three nats-servers of our own on loopback that form one cluster, as where a platform must outlive
// a machine. Each may be killed, frozen and started again alone.
import { join } from "node:path";
import { type Engine, startEngine } from "../../server/engines/engine.ts";
import {
  findNats,
  freePort,
  natsConfig,
  natsInfo,
  type NatsSeeds,
  natsSeeds,
} from "../../server/engines/mod.ts";

export interface NatsCluster {
  /** All servers, as NATS_URL names several. */
  url: string;
  credentials: NatsSeeds;
  /** By the name under which they lead streams. */
  servers: ReadonlyMap<string, Engine>;
  stop(): Promise<void>;
}

const SIZE = 3;

export async function startCluster(dataDir: string): Promise<NatsCluster> {
  const found = await findNats({ say: () => {} });
  const seeds = await natsSeeds(join(dataDir, "secrets"));
  const routes = Array.from({ length: SIZE }, () => freePort());
  const started = await Promise.all(routes.map(async (route, i): Promise<[string, Engine]> => {
    const serverName = `n${i + 1}`;
    const storeDir = join(dataDir, serverName);
    const config = join(storeDir, "nats-server.conf");
    const engine = await startEngine({
      ...found,
      name: "nats-server",
      dataDir: storeDir,
      url: (port) => `nats://127.0.0.1:${port}`,
      async plan(port) {
        const single = natsConfig({ serverName, port, storeDir, seeds, sync: "1s" });
        await Deno.writeTextFile(config, `${single}${clusterOf(route, routes)}`);
        return { command: found.command, args: ["-c", config] };
      },
      ready: async (port) => void await natsInfo(`nats://127.0.0.1:${port}`),
    });
    return [serverName, engine];
  }));
  const servers = new Map(started);
  return {
    url: [...servers.values()].map(({ url }) => url).join(),
    credentials: seeds,
    servers,
    stop: async () => void await Promise.all([...servers.values()].map((one) => one.stop())),
  };
}

const clusterOf = (route: number, routes: readonly number[]) =>
  `cluster {
  name: chargeward
  listen: "127.0.0.1:${route}"
  routes: [${routes.map((port) => `"nats-route://127.0.0.1:${port}"`).join(", ")}]
}
`;
