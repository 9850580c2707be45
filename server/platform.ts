// Puts a process together by its roles: connections, actors, gateways, the public port, projector.
// The only place where gateways meet. Started in that order, stopped in reverse.
import { type Config, plays } from "./config.ts";
import { createLive, type Live } from "./live/mod.ts";
import { watchNodes } from "./node-watch.ts";
import type { Client } from "./ports.ts";
import { type ActorNode, createClient, freshIds } from "./runtime/mod.ts";
import { ARCHIVE, READINGS } from "./store/mod.ts";
import { type Board, createBoard, mongoViews } from "./views/mod.ts";
import { hostActors, type NodeOverrides, viewOfState } from "./roles/actors.ts";
import { startAuditor } from "./roles/auditor.ts";
import { createApi, createHealth } from "./roles/api.ts";
import { type Base, connectBase } from "./roles/base.ts";
import { writeDemo } from "./roles/demo.ts";
import { type Front, openFront } from "./roles/front.ts";
import { openGateways } from "./roles/gateway.ts";
import { openOutside, type Outside, publicUrlOf } from "./roles/outside.ts";
import { type Projection, startProjector } from "./roles/projector.ts";
import { scheduleReconciliation } from "./roles/reconciliation.ts";
import { followRecords } from "./roles/records.ts";
import { reportOf } from "./roles/report.ts";
import { journalSyncs } from "./roles/sync.ts";

export interface Platform {
  base: Base;
  /** Graceful: others take over, what is under way is finished. */
  stop(): Promise<void>;
}

/** Runs until `stop`; `overrides` are for tests that put faults into the runtime's ports. */
export async function startPlatform(
  config: Config,
  overrides: (base: Base, ports: Outside["ports"]) => NodeOverrides = () => ({}),
): Promise<Platform> {
  const base = await connectBase(config);
  const stops: (() => Promise<void>)[] = [() => base.close()];
  const waits = await waitingFor(base);
  const { client, use } = clientOf();
  const outside = await openOutside(base, client);
  const { ports } = outside;
  const node = plays(config, "actors") ? hostActors(base, ports, overrides(base, ports)) : null;
  await use(base, node);
  if (node) stops.push(() => node.stop());
  const projection = plays(config, "projector") ? await startProjector(base) : null;
  if (projection) {
    const auditor = startAuditor(base, client);
    const schedule = scheduleReconciliation(base, client, outside);
    stops.push(
      () => projection.stop(),
      () => auditor.stop(),
      () => Promise.resolve(schedule.stop()),
    );
  }
  const report = reportOf(base, { node, projection, outside, notReady: waits });
  stops.push(() => Promise.resolve(report.stop()));
  const front = await openDoors(base, { client, outside, projection, stops, notReady: waits });
  if (config.CHARGEWARD_DEMO === "on" && plays(config, "api")) await writeDemo(base, outside);
  await front.listen();
  base.log.info({ port: config.PORT, roles: config.CHARGEWARD_ROLES }, "ready");
  return {
    base,
    async stop() {
      await front.close();
      for (const stop of stops.reverse()) await stop();
    },
  };
}

/** The way to actors: through this process's own node where it hosts any. */
function clientOf() {
  let inner: Client | null = null;
  const now = (): Client => inner!; // used only after `use`
  const client: Client = {
    ask: (command) => now().ask(command),
    read: (read) => now().read(read),
    signal: (to, data) => now().signal(to, data),
  };
  return {
    client,
    async use({ network, clock, metrics }: Base, node: ActorNode | null): Promise<void> {
      inner = node ?? createClient({ network, clock, metrics });
      await node?.start();
    },
  };
}

const RESTORE = "stop all nodes, npm run restore-journal, start again";

/** Why this process is not ready; asked at each look. */
async function waitingFor({ config, natsIsUp, streamsBehind }: Base): Promise<() => string[]> {
  const syncs = config.CHARGEWARD_SYNC === "any" ? true : await journalSyncs(config);
  return () => {
    const why: string[] = [];
    if (syncs === false) why.push("the journal's server does not sync each write: sync_interval");
    const behind = streamsBehind();
    if (behind.length > 0) why.push(`${behind.join(", ")} lost records: ${RESTORE}`);
    if (!natsIsUp()) why.push("no connection to NATS");
    return why;
  };
}

interface Doors {
  client: Client;
  outside: Outside;
  projection: Projection | null;
  stops: (() => Promise<void>)[];
  notReady(): string[];
}

/** The public port with what the roles serve on it, and the journal's tail behind the screens. */
async function openDoors(base: Base, doors: Doors): Promise<Front> {
  const { config, clock, bus, log, metrics, tracer, mongo } = base;
  const { client, outside, projection, stops, notReady } = doors;
  const isApi = plays(config, "api");
  const isGateway = plays(config, "gateway");
  if (!isApi && !isGateway) return openFront(base, createHealth(base, notReady).fetch);
  const viewOf = viewOfState(base);
  const tail = { lagMs: () => 0 };
  const board: Board = createBoard({ clock, viewOf, tailLagMs: () => tail.lagMs() });
  const { identity, notify: notices } = outside;
  const without = base.drills && ((userId: string) => base.drills!.without(userId));
  const publicUrl = publicUrlOf(base);
  const shared = { client, bus, board, clock, log, metrics, tracer };
  const live: Live | null = isGateway
    ? createLive({ ...shared, identity, notices, viewOf, publicUrl, ...(without && { without }) })
    : null;
  const records = await followRecords(base, (address, record, seq) => {
    board.take(address, record);
    live?.onRecord(address, record, seq);
  });
  tail.lagMs = records.lagMs;
  stops.push(() => records.stop());
  const lagMs = () => projection?.lagMs() ?? 0;
  const views = mongoViews({ db: mongo.db, archive: ARCHIVE, readings: READINGS, lagMs });
  const nodes = watchNodes({ bus, clock, freshId: freshIds() });
  stops.push(() => Promise.resolve(nodes.stop()));
  const app = isApi
    ? createApi(base, { client, outside, board, views, nodes, notReady })
    : createHealth(base, notReady);
  const front = openFront(base, (request, env) => app.fetch(request, env as object));
  if (live) await openGates(base, { front, live, client, stops });
  return front;
}

async function openGates(
  base: Base,
  { front, live, client, stops }: {
    front: Front;
    live: Live;
    client: Client;
    stops: Doors["stops"];
  },
): Promise<void> {
  const piles = await openGateways(base, client);
  live.attach(front.server);
  front.onUpgrade((request) => request.url?.startsWith("/live/") ?? false); // socket.io's own
  front.onUpgrade((request, socket, head) => piles.ocpp.handleUpgrade(request, socket, head));
  stops.push(() => piles.stop(), () => live.stop());
}
